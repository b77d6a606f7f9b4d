"""What this plugin offers to the host."""

from console.plugin_api.channels import ChannelConnector
from console.plugin_api.hookspecs import hookimpl

from .connector import WechatConnector


@hookimpl
def register_channel_connectors() -> list[type[ChannelConnector]]:
    """One connector: an Official Account."""
    return [WechatConnector]
