from console.plugin_api.hookspecs import hookimpl


@hookimpl(wrapper=True)
def register_channel_connectors():
    yield
    return []
