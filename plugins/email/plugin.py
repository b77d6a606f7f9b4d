"""What this plugin offers to the host."""

from console.plugin_api.channels import ChannelConnector
from console.plugin_api.hookspecs import hookimpl

from .channel import EmailConnector


@hookimpl
def register_channel_connectors() -> list[type[ChannelConnector]]:
    """One connector: mail by Maildir, or by IMAP and SMTP."""
    return [EmailConnector]
