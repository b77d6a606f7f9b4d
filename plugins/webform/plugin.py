"""What this plugin offers to the host."""

from console.plugin_api.channels import ChannelConnector
from console.plugin_api.hookspecs import hookimpl

from .channel import WebformConnector


@hookimpl
def register_channel_connectors() -> list[type[ChannelConnector]]:
    """One connector: the forms on the bank's own pages."""
    return [WebformConnector]
