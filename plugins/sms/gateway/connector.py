"""SMS by any HTTP gateway, described in the console: no code for the hundredth provider."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.plugin_api.channels import (
    Capabilities,
    EnvelopeView,
    HealthResult,
    HealthState,
    OutboundMessage,
    Parsed,
    PlainResponse,
    PollBatch,
    Rejected,
    SendResult,
    Turn,
    Verified,
)
from console.plugin_api.context import HttpResponse
from console.plugin_api.errors import AuthenticationFailed, RetryLater

from ..approved import filled_in
from ..base import SMS, SmsConnector
from ..forms import GatewayConfigForm
from ..inbound import CHINA
from ..numbers import SPELLINGS
from ..wording import worded
from .answers import Answers, listed, outcome
from .filling import Recipe, Request, build, pairs_in
from .reading import Paths, fingerprint, read
from .signing import Signing

STAMPS = {
    "unix": lambda now: str(int(now.timestamp())),
    "unix_ms": lambda now: str(int(now.timestamp() * 1000)),
    "digits": lambda now: now.astimezone(CHINA).strftime("%Y%m%d%H%M%S"),
    "iso": lambda now: now.astimezone(CHINA).isoformat(timespec="seconds"),
}


class GatewayConnector(SmsConnector):
    """One account at one gateway."""

    slug = "sms_http"
    label = gettext_lazy("SMS (HTTP gateway)")
    config_form = GatewayConfigForm
    capabilities = replace(SMS, inbound_poll=True)
    told = ("method", "body_kind", "sign_kind", "sign_written", "phone_spelling", "hook_check", "max_segments", "gsm")

    def capabilities_for_account(self) -> Capabilities:
        """Polled only with an address to poll; bound to templates only where some are written down."""
        able = super().capabilities_for_account()
        return replace(able, inbound_poll=bool(self.get("poll_url")), outbound_template_only=bool(able.templates))

    # in

    def verify(self, envelope: EnvelopeView) -> Verified | Rejected:
        """A HMAC over the body where the gateway has one, else the secret in the address."""
        if self.get("hook_check") != "hmac":
            return super().verify(envelope)
        secret = self.account.secrets.get("hook_token", "")
        given = envelope.headers.get(self.get("hook_header").lower() or "x-signature", "").strip().lower()
        wanted = hmac.new(secret.encode(), envelope.raw, hashlib.sha256).hexdigest()
        good = secret and hmac.compare_digest(wanted.encode(), given.removeprefix("sha256=").encode("utf-8", "replace"))
        return Verified() if good else Rejected(reason="bad_signature")

    def parse(self, envelope: EnvelopeView) -> list[Parsed]:
        """Receipts and answers of one call or poll."""
        return read(envelope, self._paths(), self.get("opt_out_words"))

    def reply(self, envelope: EnvelopeView, turn: Turn) -> PlainResponse:
        """The words the gateway takes for "stored"."""
        said = self.get("hook_answer") or "OK"
        kind = "application/json" if said.startswith("{") else "text/plain; charset=utf-8"
        return PlainResponse(body=said.encode(), content_type=kind)

    def poll(self, cursor: str) -> PollBatch:
        """Ask for news; an answer that brings none is dropped."""
        if not self.get("poll_url"):
            return PollBatch(next_cursor=cursor)
        request = build(replace(self._recipe(), method="GET", url=self.get("poll_url"), body=""), self._values("", ""))
        answer = self._call(request)
        if answer.status_code != 200:
            raise RetryLater(60, f"http {answer.status_code}")
        envelope = EnvelopeView(raw=answer.content, provider_ref=fingerprint(answer.content))
        news = answer.content.strip() and read(envelope, self._paths(), "")
        return PollBatch(envelopes=(envelope,) if news else (), next_cursor=cursor)

    # out

    def prepared(self, message: OutboundMessage, number: str, key: str) -> Request:
        """The request as described."""
        phone = SPELLINGS[self.get("phone_spelling") or "e164"](number)
        values = self._values(phone, key)
        if self.templates:
            template, places = filled_in(message, self.templates, self.wording)
            values |= {"template": template.code, "params": json.dumps(places, ensure_ascii=False)}
            values["text"] = message.text.strip()
        else:
            values["text"] = self._text(message)
        return build(self._recipe(), values)

    def hand_over(self, handed: Request) -> SendResult:
        """One call."""
        return outcome(self._call(handed), self._answers())

    def _text(self, message: OutboundMessage) -> str:
        whole = worded(message, self.wording)
        return whole.removeprefix(self.wording.signature) if self.get("signed_by") == "gateway" else whole

    def _call(self, request: Request) -> HttpResponse:
        return self.ctx.http.request(request.method, request.url, headers=request.headers, content=request.content)

    # configuration

    def test_connection(self) -> HealthResult:
        """Call the address for tests, or only knock: a message cannot be sent to try."""
        return self.tried(self._knock, "test_url" if self.get("test_url") else "url", "secret")

    def _knock(self) -> HealthResult:
        url = self.get("test_url")
        recipe = replace(self._recipe(), method="GET", url=url or self.get("url").split("?")[0], kind="query", body="")
        status = self._call(build(recipe, self._values("", ""))).status_code
        if url and status in (401, 403):
            raise AuthenticationFailed(_("The gateway refused the key."))
        if status >= 500 or (url and status >= 400):
            text = _("The gateway answered %(status)s.") % {"status": status}
            return HealthResult(state=HealthState.DOWN, detail=text, field="test_url" if url else "url")
        if url:
            return HealthResult(state=HealthState.OK, detail=_("The gateway answers."))
        text = _("The gateway can be reached; the key is tried by the first message.")
        return HealthResult(state=HealthState.OK, detail=text)

    def _values(self, phone: str, key: str) -> dict[str, str]:
        now: datetime = self.ctx.clock.now()
        return {
            "phone": phone,
            "key": key,
            "signature": self.sign_name,
            "account": self.get("account_id"),
            "secret": self.account.secrets.get("secret", ""),
            "timestamp": STAMPS[self.get("stamp") or "unix"](now),
            "nonce": secrets.token_hex(8),
        }

    def _recipe(self) -> Recipe:
        signing = Signing(self.get("sign_kind") or "none", self.get("sign_over"), self.get("sign_written") or "hex")
        return Recipe(
            method=self.get("method") or "POST",
            url=self.get("url"),
            headers=pairs_in(self.get("headers"), ":"),
            kind=self.get("body_kind") or "json",
            body=self.get("body"),
            signing=signing,
        )

    def _answers(self) -> Answers:
        return Answers(
            path=self.get("success_path"),
            good=listed(self.get("success_values")),
            busy=listed(self.get("busy_values")),
            denied=listed(self.get("denied_values")),
            id_path=self.get("id_path"),
            detail_path=self.get("detail_path"),
        )

    def _paths(self) -> Paths:
        names = ("receipt_id", "receipt_key", "receipt_status", "receipt_time", "receipt_detail")
        names += ("reply_phone", "reply_text", "reply_id", "reply_time")
        return Paths(
            items=self.get("items"),
            delivered=listed(self.get("delivered_values")),
            failed=listed(self.get("failed_values")),
            dead=listed(self.get("dead_values")),
            **{name: self.get(name) for name in names},
        )
