"""Reading the whole log and proving it, or saying which rows were changed, removed, moved or slipped in.

Streams are read one after another in batches, so the memory needed does not grow with the log.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, groupby
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ..canonical import GENESIS, seal_digest
from ..models import Event, Seal, StreamHead
from .seals import genuine

BATCH = 500
# A transaction may be open this long before its unplaced events are called slipped in.
UNPLACED_AFTER = timedelta(minutes=10)

CHANGED = "changed"
REMOVED = "removed"
INSERTED = "inserted"
REORDERED = "reordered"
FORGED = "forged"


@dataclass(frozen=True)
class Finding:
    """One fault: what kind, in which stream, at which number, which event, and what was seen."""

    kind: str
    stream: str
    seq: int | None
    event_id: str = ""
    detail: str = ""

    def __str__(self) -> str:
        place = self.stream if self.seq is None else f"{self.stream} #{self.seq}"
        return " ".join(part for part in (self.kind, place, self.event_id, self.detail) if part)


@dataclass
class Count:
    """How much was read."""

    events: int = 0
    streams: int = 0
    seals: int = 0
    findings: int = field(default=0)


def verify_chain(stream: str = "", count: Count | None = None) -> Iterator[Finding]:
    """Every fault of one stream, or of the whole log with its seals, one at a time."""
    count = count if count is not None else Count()
    parts = [_streams(stream, count), _ends_without_events(stream), _unplaced(stream)]
    if not stream:
        parts.append(_seals(count))
    for finding in chain(*parts):
        count.findings += 1
        yield finding


def _streams(stream: str, count: Count) -> Iterator[Finding]:
    rows = Event.objects.filter(seq__isnull=False).order_by("stream", "seq")
    if stream:
        rows = rows.filter(stream=stream)
    ends: list[tuple[str, int, str]] = []
    for name, events in groupby(rows.iterator(chunk_size=BATCH), key=lambda event: event.stream):
        walk = _Walk(name)
        for event in events:
            count.events += 1
            yield from walk.step(event)
        count.streams += 1
        ends.append((name, walk.seq, walk.last))
        if len(ends) >= BATCH:
            yield from _check_ends(ends)
            ends = []
    yield from _check_ends(ends)


class _Walk:
    """One pass along a stream."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.seq = 0
        self.last = GENESIS
        self.before_last: str | None = None
        self.previous: Event | None = None
        self.disordered = False

    def step(self, event: Event) -> Iterator[Finding]:
        if event.seq > self.seq + 1:
            yield self._gap(event.seq)
        elif event.seq <= self.seq:
            yield self._finding(INSERTED, event, "a second row with this number")
        elif event.prev_hash != self.last:
            yield self._misplaced(event)
        else:
            self.disordered = False
        if event.expected_hash() != event.hash:
            yield self._finding(CHANGED, event, "its content does not give its hash")
        self.seq, self.before_last, self.last, self.previous = event.seq, self.last, event.hash, event

    def _gap(self, until: int) -> Finding:
        first, last = self.seq + 1, until - 1
        detail = f"numbers {first} to {last} are missing" if last > first else "this number is missing"
        return Finding(REMOVED, self.stream, first, detail=detail)

    def _misplaced(self, event: Event) -> Finding:
        """The row does not follow the one before it: either that one was slipped in, or rows changed places."""
        if event.prev_hash == self.before_last and self.previous is not None and not self.disordered:
            return self._finding(INSERTED, self.previous, "the next row does not know it")
        self.disordered = True
        return self._finding(REORDERED, event, "it does not follow the row before it")

    def _finding(self, kind: str, event: Event, detail: str) -> Finding:
        return Finding(kind, self.stream, event.seq, str(event.id), detail)


def _check_ends(ends: list[tuple[str, int, str]]) -> Iterator[Finding]:
    """Compare where the rows end with where the stream says it ends."""
    heads = StreamHead.objects.in_bulk([stream for stream, _seq, _last in ends])
    for stream, seq, last in ends:
        head = heads.get(stream)
        if head is None:
            yield Finding(FORGED, stream, None, detail="the stream has rows but no end")
        elif not genuine(head):
            yield Finding(FORGED, stream, head.seq, detail="the end of the stream was not written by this application")
        elif seq < head.seq:
            yield Finding(REMOVED, stream, seq + 1, detail=f"the stream once reached number {head.seq}")
        elif seq > head.seq:
            yield Finding(INSERTED, stream, head.seq + 1, detail=f"the stream ends at number {head.seq}")
        elif last != head.hash:
            yield Finding(CHANGED, stream, seq, detail="the last hash is not the stream's")


def _ends_without_events(stream: str) -> Iterator[Finding]:
    rows = Event.objects.filter(stream=OuterRef("stream"), seq__isnull=False)
    heads = StreamHead.objects.filter(~Exists(rows), seq__gt=0).order_by("stream")
    if stream:
        heads = heads.filter(stream=stream)
    for head in heads.iterator(chunk_size=BATCH):
        yield Finding(REMOVED, head.stream, 1, detail=f"all {head.seq} rows of the stream are missing")


def _unplaced(stream: str) -> Iterator[Finding]:
    rows = Event.objects.filter(seq__isnull=True, created_at__lt=timezone.now() - UNPLACED_AFTER).order_by("id")
    if stream:
        rows = rows.filter(stream=stream)
    for event in rows.iterator(chunk_size=BATCH):
        yield Finding(INSERTED, event.stream, None, str(event.id), "it never took a place in its stream")


def _seals(count: Count) -> Iterator[Finding]:
    number, previous = 0, GENESIS
    for seal in Seal.objects.order_by("number").iterator(chunk_size=10):
        count.seals += 1
        if seal.number != number + 1:
            yield Finding(REMOVED, "seals", number + 1, detail="a seal is missing")
            previous = seal.prev_digest
        if seal.prev_digest != previous:
            yield Finding(REORDERED, "seals", seal.number, detail="it does not follow the seal before it")
        if seal_digest(seal.prev_digest, seal.number, seal.entries) != seal.digest:
            yield Finding(FORGED, "seals", seal.number, detail="its digest is not ours")
        yield from _sealed_rows(seal)
        number, previous = seal.number, seal.digest
    yield from _unsealed_claims(number)


def _sealed_rows(seal: Seal) -> Iterator[Finding]:
    """Every stream still stands where the seal saw it."""
    try:
        lines = seal.lines()
    except ValueError:
        yield Finding(CHANGED, "seals", seal.number, detail="its text cannot be read")
        return
    for start in range(0, len(lines), BATCH):
        part = lines[start : start + BATCH]
        standing = _hashes(part)
        for stream, seq, last in part:
            found = standing.get((stream, seq))
            if found is None:
                yield Finding(REMOVED, stream, seq, detail=f"seal {seal.number} saw it")
            elif found != last:
                yield Finding(CHANGED, stream, seq, detail=f"seal {seal.number} saw another hash")


def _hashes(lines: Iterable[tuple[str, int, str]]) -> dict[tuple[str, int], str]:
    wanted = {(stream, seq) for stream, seq, _last in lines}
    rows: Any = Event.objects.filter(
        stream__in={stream for stream, _ in wanted}, seq__in={seq for _, seq in wanted}
    ).values_list("stream", "seq", "hash")
    return {(stream, seq): last for stream, seq, last in rows.iterator(chunk_size=BATCH) if (stream, seq) in wanted}


def _unsealed_claims(last_seal: int) -> Iterator[Finding]:
    """Streams that say they were sealed while no seal stands any more: the seals' own tail was cut off."""
    if last_seal == 0 and StreamHead.objects.filter(sealed_seq__gt=0).exists():
        yield Finding(REMOVED, "seals", 1, detail="streams were sealed, but no seal is left")


def check_anchor(anchor: str) -> Finding | None:
    """Compare a `number:digest` noted outside the database (the log line audit_seal) with the seal of that number."""
    number, _colon, digest = anchor.partition(":")
    seal = Seal.objects.filter(number=int(number)).first() if number.isdigit() else None
    if seal is None:
        return Finding(REMOVED, "seals", int(number) if number.isdigit() else None, detail=f"no seal for {anchor}")
    if not digest or seal.digest != digest:
        return Finding(CHANGED, "seals", seal.number, detail="its digest is not the one noted outside")
    return None
