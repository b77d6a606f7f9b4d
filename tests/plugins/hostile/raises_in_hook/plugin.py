from console.plugin_api.hookspecs import hookimpl


@hookimpl
def register_channel_connectors():
    raise ValueError("broken in its hook")
