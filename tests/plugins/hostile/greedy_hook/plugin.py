from console.plugin_api.hookspecs import hookimpl


@hookimpl
def register_channel_connectors(database):
    return [database]
