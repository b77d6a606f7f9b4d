from console.plugin_api.hookspecs import hookimpl

from .channel import Relay


@hookimpl
def register_channel_connectors():
    return [Relay]
