from console.plugin_api.channels import Capabilities, ChannelConnector
from console.plugin_api.forms import ConfigForm
from console.plugin_api.hookspecs import hookimpl


class Contested(ChannelConnector):
    slug = "contested"
    label = "Contested"
    capabilities = Capabilities()
    config_form = ConfigForm


@hookimpl
def register_channel_connectors():
    return [Contested]
