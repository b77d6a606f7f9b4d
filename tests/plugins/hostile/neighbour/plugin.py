"""The plugin next door: well behaved, and expected to work whatever the others do."""

from hashlib import sha256

from console.plugin_api.channels import (
    Address,
    Capabilities,
    ChannelConnector,
    HealthResult,
    HealthState,
    InboundMessage,
    PollBatch,
    SendResult,
)
from console.plugin_api.forms import ConfigForm
from console.plugin_api.hookspecs import hookimpl


class Neighbour(ChannelConnector):
    slug = "neighbour"
    label = "Neighbour"
    capabilities = Capabilities(inbound_poll=True, outbound_text=True, max_length=1000)
    config_form = ConfigForm

    def poll(self, cursor):
        return PollBatch(next_cursor=cursor)

    def parse(self, envelope):
        name = sha256(envelope.raw).hexdigest()
        return [InboundMessage(provider_message_id=name, sender=Address("someone"), text=envelope.raw.decode())]

    def send(self, message, key):
        return SendResult.accepted(key)

    def test_connection(self):
        return HealthResult(state=HealthState.OK)


@hookimpl
def register_channel_connectors():
    return [Neighbour]
