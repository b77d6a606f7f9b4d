"""Connectors that talk through the house's guarded client to a provider on loopback."""

from __future__ import annotations

import pytest

from console.plugin_api.channels import Address, OutboundMessage, Participant, ParticipantRole
from console.plugin_api.context import AccountView, Secrets
from console.plugin_api.testing import FakeContext
from console.plugin_host.http import PluginHttp
from plugins.sms.aliyun.connector import AliyunConnector
from plugins.sms.gateway.connector import GatewayConnector
from plugins.sms.tencent.connector import TencentConnector
from tests.counterparts.sms import provider_at_work

from . import accounts

CODE_TEXT = "您的验证码为830912，5分钟内有效，请勿告知他人。"
KINDS = {
    "aliyun": (AliyunConnector, accounts.ALIYUN, accounts.ALIYUN_SECRETS),
    "tencent": (TencentConnector, accounts.TENCENT, accounts.TENCENT_SECRETS),
    "gateway": (GatewayConnector, accounts.GATEWAY, accounts.GATEWAY_SECRETS),
}


def message(text=CODE_TEXT, key="key-1", to="+8613800138001", **more):
    people = (Participant(ParticipantRole.TO, Address(to)),)
    return OutboundMessage(key=key, recipients=people, text=text, **more)


def connector(kind, ctx=None, secrets=None, **config):
    cls, stored, known = KINDS[kind]
    account = AccountView(ref="test", config={**stored, **config}, secrets=Secrets({**known, **(secrets or {})}))
    return cls(account, ctx or FakeContext())


@pytest.fixture
def provider(settings):
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
    with provider_at_work() as here:
        yield here


@pytest.fixture(params=list(KINDS))
def live(request, provider):
    """Each of the three, on the provider."""
    where = {"url": f"{provider.url}/send"} if request.param == "gateway" else {"endpoint": provider.url}
    ctx = FakeContext(http=PluginHttp(lambda: 20.0))
    return lambda **more: connector(request.param, ctx, **{**where, **more})
