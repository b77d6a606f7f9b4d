from console.plugin_api.hookspecs import hookimpl


@hookimpl(tryfirst=True)
def register_channel_connectors():
    return []
