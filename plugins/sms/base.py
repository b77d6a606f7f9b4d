"""What the three connectors share: what an account can do, who may call its webhook, and sends never doubled."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils import translation

from console.plugin_api.channels import (
    Capabilities,
    ChannelClass,
    ChannelConnector,
    EnvelopeView,
    HealthResult,
    HealthState,
    IdentityLevel,
    LinkRule,
    OutboundMessage,
    ReceiptSource,
    Rejected,
    SendResult,
    Verified,
)
from console.plugin_api.errors import (
    AnswerLost,
    AuthenticationFailed,
    ConfigurationError,
    PermanentFailure,
    PluginError,
)
from console.plugin_api.segments import capacity, segments

from . import remembered
from .approved import Approved, read_templates
from .numbers import recipient_of
from .wording import Wording, read_suffixes

MAX_SEGMENTS = 8
SMS = Capabilities(
    inbound_webhook=True,
    synchronous_reply=True,
    outbound_text=True,
    proactive=True,
    max_length=capacity(MAX_SEGMENTS, gsm=True),
    max_segments=MAX_SEGMENTS,
    gsm_alphabet=True,
    links=LinkRule.NONE,
    max_inbound_bytes=2 * 1024 * 1024,
    delivery_receipts=True,
    receipt_source=ReceiptSource.INBOUND,
    channel_class=ChannelClass.PRIVATE,
    identity_max=IdentityLevel.L1,
)


class SmsConnector(ChannelConnector):
    """One sender of text messages."""

    told: tuple[str, ...] = ()

    @property
    def wording(self) -> Wording:
        """How this account writes."""
        config = self.account.config
        return Wording(
            signature=signed(self.get("signature")),
            suffixes=read_suffixes(self.get("suffixes")),
            max_segments=int(config.get("max_segments") or 4),
            gsm=bool(config.get("gsm", False)),
        )

    @property
    def sign_name(self) -> str:
        """The signature without its brackets, as providers register it."""
        return self.wording.signature.strip("【】")

    @property
    def templates(self) -> tuple[Approved, ...]:
        """Approved texts of this account."""
        return read_templates(self.get("templates"))

    def get(self, name: str) -> str:
        """A configured text."""
        return str(self.account.config.get(name) or "")

    def capabilities_for_account(self) -> Capabilities:
        """Parts, characters and approved texts as configured; what fits is known before anybody types."""
        wording = self.wording
        signed_units = segments(wording.signature).units
        room = capacity(wording.max_segments, gsm=wording.gsm and not wording.signature) - signed_units
        return replace(
            self.capabilities,
            max_length=max(1, room),
            max_segments=wording.max_segments,
            gsm_alphabet=wording.gsm,
            adds=wording.signature,
            templates=tuple(one.pattern for one in self.templates),
        )

    def verify(self, envelope: EnvelopeView) -> Verified | Rejected:
        """These providers sign nothing: the address we gave them holds a secret."""
        wanted = self.account.secrets.get("hook_token", "")
        given = envelope.query.get("token", "")
        if not wanted or not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
            return Rejected(reason="bad_token")
        return Verified()

    def send(self, message: OutboundMessage, key: str) -> SendResult:
        """Hand over one message. When the answer is lost, its number is kept for `lookup`."""
        try:
            number = recipient_of(message)
            handed = self.prepared(message, number, key)
        except PermanentFailure as error:
            return SendResult.rejected(error.code, error.detail)
        try:
            result = self.hand_over(handed)
        except AnswerLost as error:
            result = SendResult.unknown(code="answer_lost", detail=error.detail)
        if result.outcome == "unknown":
            remembered.remember(self.ctx, key, number)
        return result

    def prepared(self, message: OutboundMessage, number: str, key: str) -> Any:
        """The request. Raises PermanentFailure for what can never go."""
        raise NotImplementedError

    def hand_over(self, handed: Any) -> SendResult:
        """The call itself."""
        raise NotImplementedError

    def tried(self, check: Callable[[], HealthResult], address: str, secret: str) -> HealthResult:
        """A check of the connection, with what it raised told beside the field of the address or of the key."""
        with translation.override(self.account.language):
            try:
                return check()
            except AuthenticationFailed as error:
                return HealthResult(state=HealthState.AUTH_FAILED, detail=error.detail, field=secret)
            except ConfigurationError as error:
                return HealthResult(state=HealthState.DOWN, detail=error.detail, field=error.field or address)
            except PluginError as error:
                return HealthResult(state=HealthState.DOWN, detail=error.detail, field=address)

    def diagnostics(self) -> dict[str, Any]:
        """Facts for a support file: no keys, no numbers, no addresses."""
        facts = {name: self.account.config.get(name) for name in self.told}
        return {**facts, "signature_units": segments(self.wording.signature).units}


def signed(name: str) -> str:
    """The signature in its brackets."""
    plain = name.strip().strip("【】[]").strip()
    return f"【{plain}】" if plain else ""
