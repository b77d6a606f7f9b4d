"""Sealing: every minute a keyed signature over where the streams stand, chained to the one before.

What is sealed is chosen by what each stream has not had sealed yet, never by "newer than the last one": commits
arrive out of order and a late one must not slip between two seals.
"""

import hmac
import logging
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from console.foundation.work import ring_now

from ..canonical import GENESIS, head_mac, seal_digest
from ..models import Seal, StreamHead

log = logging.getLogger("huiyin.audit")

PUMP = "events.seal"
MAX_STREAMS = 1000
INTERVAL = timedelta(seconds=60)
ADVISORY_LOCK = 0x48595345


def ask() -> bool:
    """Ring for the sealer when something is unsealed. A periodic duty."""
    unsealed = StreamHead.objects.filter(seq__gt=F("sealed_seq")).exists()
    return unsealed and ring_now(PUMP)


def drain() -> int:
    """Seal when a minute has passed since the last seal; how many streams were sealed. The pump `events.seal`."""
    newest = Seal.objects.aggregate(at=Max("created_at"))["at"]
    if newest and timezone.now() - newest < INTERVAL:
        return 0
    return seal_all()


def seal_all() -> int:
    """Seal until nothing is unsealed; how many streams were sealed. Raises an alarm for each forged end."""
    total, forged = 0, set()
    while True:
        seal, bad = seal_once(forged)
        forged |= bad
        total += seal.streams if seal else 0
        if not bad and (seal is None or seal.streams < MAX_STREAMS):
            break
    _tell(forged)
    return total


def seal_once(skip: frozenset[str] | set[str] = frozenset()) -> tuple[Seal | None, set[str]]:
    """Write one seal over up to MAX_STREAMS streams: the seal, if any, and the streams whose end is forged.

    A forged end does not carry our mark, so somebody wrote it past the application: it is never sealed.
    """
    with transaction.atomic():
        _one_sealer()
        unsealed = StreamHead.objects.select_for_update().filter(seq__gt=F("sealed_seq")).exclude(pk__in=skip)
        heads = list(unsealed.order_by("stream")[:MAX_STREAMS])
        good = [head for head in heads if genuine(head)]
        seal = _write(good) if good else None
        # The streams are locked: where they end now is what the seal says.
        StreamHead.objects.filter(pk__in=[head.pk for head in good]).update(sealed_seq=F("seq"))
    if seal:
        # The log is the anchor outside the database: compare with `verify_audit --anchor`.
        log.info("audit_seal", extra={"seal": seal.number, "digest": seal.digest, "streams": seal.streams})
    return seal, {head.stream for head in heads} - {head.stream for head in good}


def genuine(head: StreamHead) -> bool:
    """Whether the application itself wrote where this stream ends."""
    return hmac.compare_digest(head.mac, head_mac(head.stream, head.seq, head.hash))


def _one_sealer() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def _write(heads: list[StreamHead]) -> Seal:
    last = Seal.objects.order_by("-number").first()
    number, previous = (last.number + 1, last.digest) if last else (1, GENESIS)
    entries = "\n".join(f"{head.seq} {head.hash} {head.stream}" for head in heads)
    return Seal.objects.create(
        number=number,
        created_at=timezone.now(),
        streams=len(heads),
        entries=entries,
        prev_digest=previous,
        digest=seal_digest(previous, number, entries),
    )


def _tell(forged: set[str]) -> None:
    if not forged:
        return
    from ..alarms.services import raise_alarm

    log.error("audit_forged_ends", extra={"streams": sorted(forged)[:20]})
    raise_alarm("audit.broken", "seal", data={"problems": len(forged)})
