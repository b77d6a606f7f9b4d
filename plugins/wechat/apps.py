"""The plugin as a Django app: it has no tables, only a name and translations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WechatConfig(AppConfig):
    """Label as plugins must have it."""

    name = "plugins.wechat"
    label = "hyp_wechat"
    verbose_name = _("WeChat Official Account")
