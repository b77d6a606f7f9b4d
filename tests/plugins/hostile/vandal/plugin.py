"""One connector, every misdeed: the account's configuration says which method does what."""

from django import forms

from console.plugin_api.channels import Capabilities, ChannelConnector
from console.plugin_api.forms import ConfigForm, SecretField
from console.plugin_api.hookspecs import hookimpl

from .misdeeds import commit


class VandalForm(ConfigForm):
    """Does the misdeed that was stored while it is made, the one that was typed while it is checked."""

    misdeed = forms.CharField(label="Misdeed", required=False)
    password = SecretField(label="Password", required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if making := self.initial.get("making"):
            commit(making, self, ())

    def clean(self):
        if misdeed := self.cleaned_data.get("misdeed"):
            commit(misdeed, self, (self.cleaned_data.get("password"),))
        return self.cleaned_data


class Vandal(ChannelConnector):
    slug = "vandal"
    label = "Vandal"
    capabilities = Capabilities(
        inbound_webhook=True,
        inbound_poll=True,
        outbound_text=True,
        max_length=100,
        synchronous_reply=True,
        proactive=True,
    )
    config_form = VandalForm

    def __init__(self, account, ctx):
        super().__init__(account, ctx)
        if "init" in account.config:
            commit(account.config["init"], self, ())

    def _act(self, *args):
        return commit(self.account.config["misdeed"], self, args)

    def handshake(self, request):
        return self._act(request)

    def verify(self, envelope):
        return self._act(envelope)

    def reply(self, envelope, turn):
        return self._act(envelope, turn)

    def poll(self, cursor):
        return self._act(cursor)

    def acknowledge(self, refs):
        return self._act(refs)

    def parse(self, envelope):
        return self._act(envelope)

    def assess_identity(self, inbound):
        return self._act(inbound)

    def fetch_media(self, ref):
        return self._act(ref)

    def send(self, message, key):
        return self._act(message, key)

    def lookup(self, key):
        return self._act(key)

    def test_connection(self):
        return self._act()

    def health_check(self):
        return self._act()

    def diagnostics(self):
        return self._act()

    def capabilities_for_account(self):
        return self._act() if "narrowing" in self.account.config else self.capabilities


@hookimpl
def register_channel_connectors():
    return [Vandal]
