"""The connector: what WeChat pushes is checked and opened, what we answer goes as customer-service messages."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.plugin_api.channels import (
    Capabilities,
    ChannelClass,
    ChannelConnector,
    EnvelopeView,
    HealthResult,
    HealthState,
    HookRequest,
    IdentityLevel,
    LinkRule,
    OutboundMessage,
    Parsed,
    ParticipantRole,
    PlainResponse,
    Rejected,
    ReplyWindow,
    SendResult,
    Turn,
    Verified,
)
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError, PermanentFailure, PluginError

from . import crypto, passive, reading, xml
from .client import Client
from .crypto import NotOurs, Safe
from .forms import PLAIN, WechatConfigForm
from .tokens import Tokens

MAX_BYTES = 2048
REPLAY_SECONDS = 600
SUCCESS = PlainResponse(body=b"success")
REFUSED = PlainResponse(body=b"", status=403)


class WechatConnector(ChannelConnector):
    """One Official Account."""

    slug = "wechat"
    label = gettext_lazy("WeChat Official Account")
    config_form = WechatConfigForm
    capabilities = Capabilities(
        inbound_webhook=True,
        synchronous_reply=True,
        outbound_text=True,
        max_length=MAX_BYTES // 3,
        max_bytes=MAX_BYTES,
        links=LinkRule.BANK_ONLY,
        max_inbound_bytes=xml.MAX_BYTES,
        reply_windows=(
            ReplyWindow(act="message", seconds=48 * 3600, answers=5),
            ReplyWindow(act="menu", seconds=60, answers=3),
            ReplyWindow(act="follow", seconds=60, answers=3),
            ReplyWindow(act="scan", seconds=60, answers=3),
        ),
        channel_class=ChannelClass.PRIVATE,
        identity_max=IdentityLevel.L1,
    )

    @property
    def client(self) -> Client:
        """Ready to call."""
        endpoint = (self.get("endpoint") or "https://api.weixin.qq.com").rstrip("/")
        tokens = Tokens(self.ctx, endpoint, self.get("app_id"), self.account.secrets.get("app_secret", ""))
        return Client(self.ctx, endpoint, tokens)

    @property
    def sealed(self) -> bool:
        """Whether what comes must be encrypted."""
        return self.get("mode") != PLAIN

    def get(self, name: str) -> str:
        """A configured text."""
        return str(self.account.config.get(name) or "")

    def safe(self) -> Safe:
        """The account's own cipher. Raises NotOurs."""
        return Safe.of(self.account.secrets.get("encoding_aes_key", ""), self.get("app_id"))

    # in

    def handshake(self, request: HookRequest) -> PlainResponse | None:
        """The check of our address: the same word back, when it is signed."""
        if request.method != "GET":
            return None
        asked = request.query
        if "echostr" in asked and self._signed(asked.get("signature", ""), asked):
            return PlainResponse(body=asked["echostr"][:500].encode("utf-8", "replace"))
        return REFUSED

    def verify(self, envelope: EnvelopeView) -> Verified | Rejected:
        """The signature over the encrypted text, its age, and that it is for this account and no other."""
        query = envelope.query
        if self._stale(query.get("timestamp", "")):
            return Rejected(reason="stale")
        if not self.sealed:
            good = self._signed(query.get("signature", ""), query)
            return Verified() if good else Rejected(reason="bad_signature")
        try:
            encrypted = xml.word(xml.read(envelope.raw), "Encrypt", xml.MAX_BYTES)
        except PermanentFailure:
            encrypted = ""
        if not encrypted:
            return Rejected(reason="not_encrypted")
        if not self._signed(query.get("msg_signature", ""), query, encrypted):
            return Rejected(reason="bad_signature")
        try:
            self.safe().open(encrypted)
        except NotOurs as error:
            return Rejected(reason=error.code)
        return Verified()

    def parse(self, envelope: EnvelopeView) -> list[Parsed]:
        """One push is one message or event. Raises PermanentFailure."""
        node = self._opened(envelope)
        mine = self.get("address")
        if mine and xml.word(node, "ToUserName", 200) != mine:
            raise PermanentFailure("wrong_account", "The message is for another account.")
        with translation.override(self.account.language):
            return reading.parsed(node)

    def reply(self, envelope: EnvelopeView, turn: Turn) -> PlainResponse:
        """What the core wants said at once, encrypted like what came; else “success”, which ends WeChat's tries."""
        if not turn.text:
            return SUCCESS
        node = self._opened(envelope)
        safe = self.safe() if self.sealed else None
        body = passive.text(node, turn.text, int(self.ctx.clock.now().timestamp()), safe, self._token())
        return PlainResponse(body=body, content_type="application/xml; charset=utf-8")

    def fetch_media(self, ref: str) -> list[bytes]:
        """The bytes behind a media id."""
        return [self.client.media(ref)]

    # out

    def send(self, message: OutboundMessage, key: str) -> SendResult:
        """One customer-service message of text."""
        to = [one.address.value for one in message.recipients if one.role == ParticipantRole.TO]
        if len(to) != 1:
            return SendResult.rejected("one_recipient", "WeChat reaches one person at a time.")
        if message.attachments:
            return SendResult.rejected("no_files", "Files are not sent on this channel.")
        if len(message.text.encode()) > MAX_BYTES:
            return SendResult.rejected("too_long", f"More than {MAX_BYTES} bytes.")
        return self.client.send({"touser": to[0], "msgtype": "text", "text": {"content": message.text}})

    # configuration

    def test_connection(self) -> HealthResult:
        """A token, and a question with it: that needs the right keys and our address on WeChat's list."""
        with translation.override(self.account.language):
            try:
                if self.sealed:
                    self.safe()
                self.client.ask("/cgi-bin/getcallbackip")
            except NotOurs:
                return _trouble(HealthState.DOWN, _("This is no EncodingAESKey."), "encoding_aes_key")
            except AuthenticationFailed as error:
                return _trouble(HealthState.AUTH_FAILED, error.detail, "app_secret")
            except ConfigurationError as error:
                return _trouble(HealthState.DOWN, error.detail, error.field or "app_id")
            except PluginError as error:
                return _trouble(HealthState.DOWN, error.detail, "endpoint")
            return HealthResult(state=HealthState.OK, detail=_("WeChat knows the account and lets us in."))

    def diagnostics(self) -> dict[str, Any]:
        """Facts for a support file: no keys, no tokens, nobody's address."""
        return {name: self.account.config.get(name) for name in ("mode", "endpoint")}

    def _opened(self, envelope: EnvelopeView) -> xml.Node:
        node = xml.read(envelope.raw)
        if not self.sealed:
            return node
        try:
            return xml.read(self.safe().open(xml.word(node, "Encrypt", xml.MAX_BYTES)))
        except NotOurs as error:
            raise PermanentFailure(error.code, "The message cannot be decrypted.") from error

    def _signed(self, given: str, query: Any, *more: str) -> bool:
        token = self._token()
        return bool(token) and crypto.signed(given, token, query.get("timestamp", ""), query.get("nonce", ""), *more)

    def _token(self) -> str:
        return self.account.secrets.get("token", "")

    def _stale(self, timestamp: str) -> bool:
        """WeChat tries three times within seconds; what is older was kept by somebody."""
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            return True
        return abs(self.ctx.clock.now().timestamp() - int(timestamp)) > REPLAY_SECONDS


def _trouble(state: HealthState, detail: str, field: str) -> HealthResult:
    return HealthResult(state=state, detail=detail, field=field)
