"""A webhook provider in the manner of the big platforms: HMAC over the body, JSON in, JSON out."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

from django import forms
from django.utils.functional import lazystr
from django.utils.translation import get_language

from console.plugin_api.channels import (
    Address,
    Capabilities,
    ChannelConnector,
    ChannelNotice,
    DeliveryReceipt,
    DeliveryStatus,
    HealthResult,
    HealthState,
    IdentityEvidence,
    IdentityLevel,
    InboundMessage,
    PlainResponse,
    ReceiptSource,
    Rejected,
    SendResult,
    Verified,
)
from console.plugin_api.errors import AuthenticationFailed, PermanentFailure, RetryLater
from console.plugin_api.forms import ConfigForm, SecretField


class Both:
    """A label in both languages without a catalogue."""

    def __init__(self, en, zh):
        self.en, self.zh = en, zh

    def __str__(self):
        return self.zh if (get_language() or "").startswith("zh") else self.en


class RelayForm(ConfigForm):
    endpoint = forms.URLField(label=lazystr(Both("Endpoint", "接口地址")), assume_scheme="https")
    secret = SecretField(label=lazystr(Both("Signing secret", "签名密钥")))


class Relay(ChannelConnector):
    slug = "relay"
    label = lazystr(Both("Relay", "中继"))
    config_form = RelayForm
    schema_version = 2
    capabilities = Capabilities(
        inbound_webhook=True,
        outbound_text=True,
        max_length=500,
        delivery_receipts=True,
        receipt_source=ReceiptSource.INBOUND,
        identity_max=IdentityLevel.L1,
    )

    @classmethod
    def migrate_config(cls, config, version):
        config = dict(config)
        if version < 2 and "url" in config:
            config["endpoint"] = config.pop("url")
        return config

    def handshake(self, request):
        echo = request.query.get("echostr")
        return PlainResponse(body=echo.encode()) if request.method == "GET" and echo else None

    def verify(self, envelope):
        secret = self.account.secrets.get("secret", "").encode()
        wanted = hmac.new(secret, envelope.raw, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(wanted, envelope.headers.get("x-signature", ""))
        return Verified() if good else Rejected(reason="bad_signature")

    def parse(self, envelope):
        try:
            content = json.loads(envelope.raw)
            return [self._item(item) for item in content["items"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise PermanentFailure("unreadable", type(error).__name__) from error

    def _item(self, item):
        at = datetime.fromtimestamp(int(item["at"]), UTC)
        if item["kind"] == "text":
            return InboundMessage(
                provider_message_id=item["id"], sender=Address(item["from"]), text=item["text"], occurred_at=at
            )
        if item["kind"] == "status":
            return DeliveryReceipt(provider_message_id=item["id"], status=DeliveryStatus(item["status"]), at=at)
        return ChannelNotice(kind=item["kind"])

    def assess_identity(self, inbound):
        return IdentityEvidence(level=IdentityLevel.L1, method="pseudonym", subject=inbound.sender.value)

    def send(self, message, key):
        body = {"to": message.recipients[0].address.value, "text": message.text, "key": key}
        answer = self.ctx.http.post(f"{self.account.config['endpoint']}/send", json=body)
        return self._result(answer)

    def _result(self, answer):
        if answer.status_code == 401:
            raise AuthenticationFailed("the relay refused the credentials")
        if answer.status_code == 429:
            raise RetryLater(float(answer.headers.get("Retry-After", 60)))
        if answer.status_code >= 500:
            return SendResult.unknown(code=str(answer.status_code))
        if answer.status_code >= 400:
            return SendResult.rejected(str(answer.status_code), answer.text[:200])
        return SendResult.accepted(answer.json()["id"])

    def test_connection(self):
        answer = self.ctx.http.get(f"{self.account.config['endpoint']}/me")
        good = answer.status_code == 200
        return HealthResult(state=HealthState.OK if good else HealthState.DOWN, detail=str(answer.status_code))
