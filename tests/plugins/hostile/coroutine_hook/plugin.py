from console.plugin_api.hookspecs import hookimpl


@hookimpl
async def register_channel_connectors():
    return []
