from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "console.conversations"
    label = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        """Register what this room listens to and its pump. No database here."""
        from console.staff import register_open_work

        from . import handlers, tasks

        handlers.register()
        tasks.register()
        register_open_work("conversations", _("Open conversations"), handlers.open_work)
