"""The kit that third parties run, over our own mail connector and a real SMTP server that misbehaves on
request.
"""

from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from console.plugin_api.testing import ChannelConformance
from plugins.email.channel import EmailConnector
from tests.counterparts.daemons import free_port

from .test_smtp import Moody

RECORDED = Path(__file__).resolve().parents[3] / "fixtures" / "channels" / "email"


class TestEmail(ChannelConformance):
    connector = EmailConnector
    payloads = RECORDED
    config = {
        "address": "service@bank.test",
        "transport": "imap_smtp",
        "imap_host": "127.0.0.1",
        "imap_port": 1,
        "imap_user": "service",
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_security": "none",
        "smtp_user": "service",
        "auth": "password",
    }
    secrets = {"imap_password": "imap-pass-word", "smtp_password": "smtp-pass-word"}

    @pytest.fixture(autouse=True)
    def _server(self):
        self.moody, self.lets_in, self.port = Moody(), True, free_port()
        self.controller = Controller(
            self.moody,
            hostname="127.0.0.1",
            port=self.port,
            auth_require_tls=False,
            authenticator=lambda *facts: AuthResult(success=self.lets_in, handled=self.lets_in),
        )
        self.controller.start()
        yield
        if self.controller.server is not None:
            self.controller.stop()

    def make(self, connector_instance, **account):
        return super().make(connector_instance, config={**self.config, "smtp_port": self.port}, **account)

    def provider_behaves(self, scenario, subject, fake_http):
        if scenario == "lost_before":
            self.controller.stop()
        self.lets_in = scenario != "bad_credentials"
        self.moody.rcpt[self.recipient] = "550 5.1.1 no such user" if scenario == "refused" else "250 OK"
        self.moody.mail = "450 4.1.8 try later" if scenario == "busy" else ""
        answers = {"server_error": "452 4.3.1 disk full", "lost_after": "vanish"}
        self.moody.data = answers.get(scenario, "250 2.0.0 taken")
