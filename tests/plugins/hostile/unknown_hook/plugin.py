from console.plugin_api.hookspecs import hookimpl


@hookimpl
def register_world_domination():
    return []
