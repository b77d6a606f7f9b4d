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

        _scope_messages()
        handlers.register()
        tasks.register()
        register_open_work("conversations", _("Open conversations"), handlers.open_work)


def _scope_messages() -> None:
    """Who may see a message follows the conversation it stands in, also after it was moved."""
    from console.channels.models import Attachment, Delivery, Message
    from console.staff.scopes import ScopeFields

    for model, way in ((Message, ""), (Delivery, "message__"), (Attachment, "message__")):
        place = f"{way}entry__conversation__"
        model.scope_fields = ScopeFields(site=f"{place}site", team=f"{place}team", owners=(f"{place}assignee",))
