"""POST /hooks/<account>/: what a provider calls. Verified and stored before it is answered, looked at afterwards."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.db.models import F
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from console.events import raise_alarm
from console.plugin_api.channels import EnvelopeView, HookRequest, PlainResponse, Rejected, Turn, Verified

from . import gateway
from .models import AccountState, ChannelAccount, Envelope, EnvelopeStatus, IntakeDay, Origin
from .services.intake import accept
from .services.quarantine import UNVERIFIED_ALARM

log = structlog.get_logger(__name__)
ACCOUNT_SECONDS = 1.0
MAX_BODY = 10 * 1024 * 1024
MAX_HEADERS = 64
MAX_HEADER = 4096
PER_SECOND = 200
SAMPLES_PER_HOUR = 20
REJECTED_PER_MINUTE = 120
KEPT_HEADERS_NOT = ("cookie", "authorization", "proxy-authorization")

_accounts: dict[str, tuple[float, ChannelAccount | None]] = {}


@csrf_exempt
def receive(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take one call of a provider. 2xx only after the commit; 401 rejected; 404 unknown; 413, 429, 503 try again."""
    account = account_of(uid)
    if account is None:
        return HttpResponse(status=404)
    if request.method not in ("GET", "POST", "HEAD", "PUT"):
        return HttpResponse(status=405)
    if over_limit(account, PER_SECOND, 1):
        return _later(429, 1)
    body = body_of(request, gateway.capabilities(account).max_inbound_bytes or MAX_BODY)
    if body is None:
        return HttpResponse(status=413)
    call = HookRequest(method=request.method, body=body, headers=headers_of(request), query=dict(request.GET.items()))
    return _take(account, call)


def _take(account: ChannelAccount, call: HookRequest) -> HttpResponse:
    live = gateway.kept_handle(account)
    if gateway.overrides(account, "handshake"):
        shaken = live.call("handshake", call)
        if shaken.ok and shaken.value is not None:
            return answer(shaken.value)
    if call.method in ("GET", "HEAD") and not call.query:
        return HttpResponse(status=405)
    view = EnvelopeView(raw=call.body, headers=call.headers, query=call.query, received_at=timezone.now())
    verdict = live.call("verify", view)
    if verdict.ok and isinstance(verdict.value, Rejected):
        return _reject(account, view, verdict.value.reason)
    return _store(account, view, verdict, live)


def _store(account: ChannelAccount, view: EnvelopeView, verdict: Any, live: Any) -> HttpResponse:
    """Commit, then answer. If it cannot be stored, the provider is told so and keeps it."""
    verified = verdict.ok and isinstance(verdict.value, Verified)
    try:
        envelope = accept(
            account,
            view.raw,
            headers={name: value for name, value in view.headers.items() if name not in KEPT_HEADERS_NOT},
            reached_at=view.received_at,
            provider_ref=verdict.value.provider_ref if verified else "",
            query=view.query,
            origin=Origin.WEBHOOK,
            status=EnvelopeStatus.PENDING if verified else EnvelopeStatus.UNVERIFIED,
            reason="" if verified else f"{verdict.error_class}: {verdict.message}"[:300],
        )
        if not verified:
            raise_alarm(UNVERIFIED_ALARM, str(account.pk), data={"account": account.pk})
    except (DatabaseError, OSError) as error:
        log.warning("hook_not_stored", account=account.pk, error=type(error).__name__)
        return _later(503, 5)
    if verified and gateway.capabilities(account).synchronous_reply:
        said = live.call("reply", view, Turn(language=account.language))
        if said.ok and said.value is not None:
            return answer(said.value)
    response = HttpResponse(b"", content_type="text/plain")
    response["X-Reference"] = envelope.public_ref
    return response


def account_of(uid: UUID) -> ChannelAccount | None:
    """The account behind an address, as read within the last second. Drafts have no door yet."""
    key, now = uid.hex, time.monotonic()
    known = _accounts.get(key)
    if known and now - known[0] < ACCOUNT_SECONDS:
        return known[1]
    account = ChannelAccount.objects.filter(uid=uid).exclude(state=AccountState.DRAFT).first()
    if account is not None and not gateway.capabilities(account).inbound_webhook:
        account = None
    if account is not None or len(_accounts) < 1000:
        _accounts[key] = (now, account)
    return account


def body_of(request: HttpRequest, limit: int) -> bytes | None:
    """The raw body; None when it is bigger than the limit or breaks off."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            return None
        body = request.read(limit + 1)
    except (ValueError, UnreadablePostError, RequestDataTooBig):
        return None
    return body if len(body) <= limit else None


def headers_of(request: HttpRequest) -> dict[str, str]:
    """Header names in lower case, cut to a sane number and length."""
    pairs = list(request.headers.items())[:MAX_HEADERS]
    return {name.lower(): value[:MAX_HEADER] for name, value in pairs}


def over_limit(account: ChannelAccount, most: int, seconds: int, what: str = "calls") -> bool:
    """Count one call in the running window; true when the window is full. A cache that is away lets everything in."""
    window = int(time.time() / seconds)
    key = f"hook:{what}:{account.pk}:{window}"
    try:
        cache.add(key, 0, seconds * 2)
        return cache.incr(key) > most
    except Exception:
        return False


def answer(response: PlainResponse) -> HttpResponse:
    return HttpResponse(response.body, status=response.status, content_type=response.content_type)


def _reject(account: ChannelAccount, view: EnvelopeView, reason: str) -> HttpResponse:
    """401, a counter, and a few samples an hour for whoever looks into it."""
    log.warning("hook_rejected", account=account.pk, reason=reason[:60])
    if over_limit(account, REJECTED_PER_MINUTE, 60, "rejected"):
        return _later(429, 60)
    try:
        _count_rejected(account)
        since = timezone.now() - timedelta(hours=1)
        kept = Envelope.objects.filter(account=account, status=EnvelopeStatus.REJECTED, received_at__gt=since)
        if kept.count() < SAMPLES_PER_HOUR:
            accept(
                account,
                view.raw[:65536],
                provider_ref=_sample_ref(view.raw),
                status=EnvelopeStatus.REJECTED,
                reason=reason[:300],
            )
    except (DatabaseError, OSError):
        log.warning("rejected_sample_not_stored", account=account.pk)
    return HttpResponse(status=401)


def _count_rejected(account: ChannelAccount) -> None:
    row, _ = IntakeDay.objects.get_or_create(account=account, day=timezone.localdate())
    IntakeDay.objects.filter(pk=row.pk).update(rejected=F("rejected") + 1)


def _sample_ref(raw: bytes) -> str:
    return f"rejected:{hashlib.sha256(raw).hexdigest()[:32]}"


def _later(status: int, seconds: int) -> HttpResponse:
    response = HttpResponse(status=status)
    response["Retry-After"] = str(seconds)
    return response
