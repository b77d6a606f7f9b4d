"""The pump "channels.media": files that providers keep for a while are fetched, after their messages were stored.

A file that is waited for stands on the timeline as "being fetched", one the provider has forgotten as "gone". While the
other side is away nothing is counted and the file waits until the provider forgets it; a connector that breaks is tried
seven times, then a person is told and may ask again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from console.events import Actor, clear_alarm, emit, raise_alarm
from console.foundation.text import clean
from console.foundation.text.masking import redact
from console.foundation.transactions import assert_no_transaction
from console.foundation.work import BACKOFF, LEASE, claim, postpone, revive, ring, settle
from console.plugin_api.channels import InboundAttachment, InboundMedia
from console.plugin_host.outcomes import Failure, Outcome

from .. import gateway
from ..models import Attachment, ChannelAccount, MediaFetch, Message, ScanState
from ..models.account import WORKING
from .accounts import mark_auth_failed
from .attachments import SCAN_PUMP, file_inbound, forget_files, safe_name

log = structlog.get_logger(__name__)
MEDIA_PUMP = "channels.media"
MEDIA_ALARM = "channels.media"
CLAIM = 5
KEPT = timedelta(days=3)
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(hours=1)
ALARM_AFTER = 3
DONE, GONE, LOST = "done", "gone", "lost"
# The other side was not there, or said so: that counts against nobody.
AWAY = (Failure.RETRY, Failure.LOST, Failure.AUTH, Failure.CONFIG)


def due() -> QuerySet[MediaFetch]:
    """Files that wait to be fetched."""
    return MediaFetch.objects.filter(status="pending", account__state__in=WORKING)


def referred(message: Message, account: ChannelAccount, media: Sequence[InboundMedia]) -> list[Attachment]:
    """Unsaved rows for the files a message only names, each with its `fetch`."""
    now = timezone.now()
    rows = []
    for item in media:
        row = Attachment(
            message=message,
            name=safe_name(item.name or str(item.kind)),
            declared_type=clean(item.content_type)[:120],
            content_type=clean(item.content_type)[:120] or f"{item.kind}/*",
            size=0,
            state=ScanState.FETCHING,
        )
        row.fetch = MediaFetch(account=account, ref=item.ref, good_until=_good_until(item.gone_at, now))
        rows.append(row)
    return rows


def expect(rows: Iterable[Attachment]) -> None:
    """Store what is to be fetched, with the message, and ring."""
    fetches = []
    for row in rows:
        row.fetch.attachment = row
        fetches.append(row.fetch)
    if fetches:
        MediaFetch.objects.bulk_create(fetches)
        ring(MEDIA_PUMP)


def fetch_pending(limit: int = CLAIM) -> int:
    """Claim due files one by one and fetch them. Returns how many were taken in hand."""
    assert_no_transaction("Fetching media")
    taken = 0
    while taken < limit and (rows := claim(due().select_related("attachment", "account"), limit=1, lease=LEASE)):
        _fetch(rows[0])
        taken += 1
    return taken


def fetch_again(attachments: Iterable[Attachment], actor: Actor) -> int:
    """A person asks once more for files that were given up. Returns how many wait again."""
    again = 0
    for row in MediaFetch.objects.filter(attachment__in=list(attachments), status__in=(GONE, LOST)):
        with transaction.atomic():
            revive(row)
            MediaFetch.objects.filter(pk=row.pk).update(good_until=timezone.now() + KEPT)
            Attachment.objects.filter(pk=row.attachment_id).update(state=ScanState.FETCHING, detail="")
            _tell(row, "attachment.asked_again", actor=actor)
            ring(MEDIA_PUMP)
        again += 1
    return again


def _good_until(said: datetime | None, now: datetime) -> datetime:
    return min(said, now + KEPT) if said is not None and said > now else now + KEPT


def _fetch(row: MediaFetch) -> None:
    if row.attempts > len(BACKOFF):
        _give_up(row, LOST, _("It was tried again and again."))
        return
    outcome = gateway.handle(row.account).call("fetch_media", row.ref)
    if outcome.ok:
        _keep(row, outcome.value)
    elif outcome.failure is Failure.PERMANENT:
        _give_up(row, GONE, _("The provider does not have it any more."))
    elif not outcome.called:
        _wait(row, outcome)
    elif outcome.failure in AWAY:
        _away(row, outcome)
    elif not postpone(row, _words(outcome), dead=LOST) and row.status == LOST:
        _give_up(row, LOST, _("It was tried again and again."))
    else:
        _alarm(row)


def _keep(row: MediaFetch, content: bytes) -> None:
    """Check, encrypt and file the bytes; whoever was faster leaves ours a stray that is removed at once."""
    file = row.attachment
    item = InboundAttachment(name=file.name, content_type=file.declared_type, content=content)
    try:
        (filed,) = file_inbound(row.account, [item])
    except OSError as error:
        postpone(row, type(error).__name__, after=SHORTEST, attempts=max(row.attempts - 1, 0))
        return
    with transaction.atomic():
        mine = settle(row, DONE)
        if mine:
            changes = {"content_type": filed.content_type, "name": _named(file.name, filed.content_type)}
            same = ("size", "sha256", "stored_as", "state", "detail")
            changes |= {name: getattr(filed, name) for name in same}
            Attachment.objects.filter(pk=file.pk).update(**changes)
            _tell(row, "attachment.fetched", state=str(filed.state))
            _heal(row.account_id)
            if filed.state == ScanState.PENDING:
                ring(SCAN_PUMP)
    if not mine:
        forget_files([filed])


def _named(name: str, kind: str) -> str:
    """A name without an ending gets the one of what the file is."""
    from filetype import get_type

    known = get_type(mime=kind)
    return name if "." in name or known is None else f"{name}.{known.extension}"


def _wait(row: MediaFetch, outcome: Outcome) -> None:
    """Off, or its circuit open: nothing was tried."""
    pause = timedelta(seconds=outcome.retry_after or 60)
    if not _over(row):
        postpone(row, outcome.error_class, after=pause, attempts=row.attempts - 1)


def _away(row: MediaFetch, outcome: Outcome) -> None:
    """The other side will have it later: ask again, more and more seldom, until it has forgotten it."""
    if outcome.failure is Failure.AUTH:
        mark_auth_failed(row.account, outcome.message)
    if _over(row):
        return
    age = (timezone.now() - row.created_at) / 4
    pause = max(timedelta(seconds=outcome.retry_after or 0), min(max(age, SHORTEST), LONGEST))
    postpone(row, _words(outcome), after=pause, attempts=row.attempts - 1)
    if age > LONGEST:
        _alarm(row, at_once=True)


def _over(row: MediaFetch) -> bool:
    """Whether the provider has forgotten it by now; then it is given up here."""
    if row.good_until > timezone.now():
        return False
    _give_up(row, LOST, _("It could not be fetched while the provider had it."))
    return True


def _give_up(row: MediaFetch, status: str, detail: str) -> None:
    with transaction.atomic():
        if row.status != LOST and not settle(row, status):
            return
        Attachment.objects.filter(pk=row.attachment_id, state=ScanState.FETCHING).update(
            state=ScanState.GONE, detail=detail[:300]
        )
        _tell(row, "attachment.gone", reason=status)
        if status == LOST:
            _alarm(row, at_once=True)


def _alarm(row: MediaFetch, at_once: bool = False) -> None:
    if at_once or row.attempts >= ALARM_AFTER:
        raise_alarm(MEDIA_ALARM, str(row.account_id), data={"account": row.account_id, "attachment": row.attachment_id})


def _heal(account_id: int) -> None:
    """The alarm ends when nothing of this account keeps failing."""
    failing = MediaFetch.objects.filter(account_id=account_id, status="pending", attempts__gte=ALARM_AFTER)
    if not failing.exists() and not MediaFetch.objects.filter(account_id=account_id, status=LOST).exists():
        clear_alarm(MEDIA_ALARM, str(account_id))


def _words(outcome: Outcome) -> str:
    return redact(f"{outcome.error_class}: {outcome.message}")[:300]


def _tell(row: MediaFetch, type_: str, actor: Actor | None = None, **more: str) -> None:
    file = row.attachment
    emit(
        f"account:{row.account_id}",
        type_,
        {"attachment_id": file.pk, "message_id": file.message_id, **more},
        actor=actor,
        correlation_id=file.message.correlation_id,
    )
