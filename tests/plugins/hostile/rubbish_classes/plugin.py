from console.plugin_api.channels import Capabilities, ChannelConnector
from console.plugin_api.forms import ConfigForm
from console.plugin_api.hookspecs import hookimpl


class Promising(ChannelConnector):
    slug = "promising"
    label = "Promising"
    capabilities = Capabilities(outbound_text=True)
    config_form = ConfigForm


class Asynchronous(ChannelConnector):
    slug = "asynchronous"
    label = "Asynchronous"
    capabilities = Capabilities()
    config_form = ConfigForm

    async def parse(self, envelope):
        return []


class Narrow(ChannelConnector):
    slug = "narrow"
    label = "Narrow"
    capabilities = Capabilities()
    config_form = ConfigForm

    def send(self, message):
        return None


class Sound(ChannelConnector):
    slug = "sound"
    label = "Sound"
    capabilities = Capabilities()
    config_form = ConfigForm


@hookimpl
def register_channel_connectors():
    return [Promising, Asynchronous, Narrow, 42, None, dict, Sound]
