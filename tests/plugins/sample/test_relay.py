"""The conformance kit over a connector of another shape than mail, as a third party would run it."""

from pathlib import Path

from console.plugin_api.errors import AnswerLost, RetryLater
from console.plugin_api.testing import ChannelConformance

from .relay.channel import Relay

END = "https://relay.example"
ANSWERS = {
    "accepted": {"body": {"id": "p-1"}},
    "refused": {"status": 400, "body": "no such user"},
    "bad_credentials": {"status": 401},
    "busy": {"status": 429, "headers": {"Retry-After": "7"}},
    "server_error": {"status": 502},
    "lost_before": {"raises": RetryLater(5)},
    "lost_after": {"raises": AnswerLost("gone")},
}


class TestRelay(ChannelConformance):
    connector = Relay
    payloads = Path(__file__).parent / "payloads"
    config = {"endpoint": END}
    secrets = {"secret": "relay-signing-secret"}
    config_samples = ((1, {"url": END}), (2, {"endpoint": END}))

    def make(self, connector_instance, **account):
        subject = super().make(connector_instance, **account)
        subject.ctx.http.on("GET", f"{END}/me", status=401)
        return subject

    def provider_behaves(self, scenario, subject, fake_http):
        fake_http.on("POST", f"{END}/send", **ANSWERS[scenario])
