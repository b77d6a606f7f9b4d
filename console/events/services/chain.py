"""Hash chains: each event takes its place in its stream when its transaction commits.

Placing at commit, all streams of a transaction in one sorted sweep, is what keeps two transactions that speak of the
same streams in different orders from waiting for each other: nobody holds a stream while still waiting for other
rows. It also keeps a busy stream locked for the length of a commit, not of a whole act.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from ..canonical import GENESIS, chain_hash, head_mac
from ..models import Event, StreamHead

Entry = tuple[str, UUID, str]  # stream, event id, hashed text
Head = tuple[int, str]  # last number, last hash
CHUNK = 200
HEADS = StreamHead._meta.db_table
EVENTS = Event._meta.db_table


class ChainBroken(DatabaseError):
    """An event could not take its place. The transaction that emitted it is undone."""


class _Placing:
    """The commit-time half of an emit. Django forgets it when a savepoint around the emit is rolled back."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.placed = False

    def __call__(self) -> None:
        # Runs after the commit that placed them; not placed only where a test runs its on-commit functions itself.
        if not self.placed:
            with transaction.atomic():
                place(self.entries)
            self.placed = True


def chain_at_commit(entries: Sequence[Entry]) -> None:
    """Have these events placed in their chains just before the surrounding transaction commits."""
    _arm()
    transaction.on_commit(_Placing(entries))


def _arm() -> None:
    """Teach this connection to place what is pending before it commits: Django offers no hook for that moment."""
    if getattr(connection, "_places_events", False):
        return
    commit = connection.commit

    def place_and_commit() -> None:
        try:
            _place_pending()
        except DatabaseError:
            raise
        except BaseException:
            connection.rollback()
            raise
        commit()

    connection.commit = place_and_commit
    connection._places_events = True


def _place_pending() -> None:
    pending = [call for _, call, _ in connection.run_on_commit if isinstance(call, _Placing)]
    if not pending:
        return
    if connection.vendor == "postgresql":
        # Deferred foreign keys wait for other rows: let them do so before any stream is locked.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    place([entry for call in pending for entry in call.entries])
    for call in pending:
        call.placed = True


def place(entries: Sequence[Entry]) -> None:
    """Lock the streams in one fixed order, give each event its number and hash, move the ends on."""
    heads = _lock(sorted({stream for stream, _, _ in entries}))
    rows = []
    for stream, event_id, text in entries:
        seq, previous = heads[stream]
        last = chain_hash(previous, text)
        heads[stream] = (seq + 1, last)
        rows.append((event_id, seq + 1, previous, last))
    _write_places(rows)
    _move(heads)


def _parts(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def _lock(streams: list[str]) -> dict[str, Head]:
    heads: dict[str, Head] = {}
    for part in _parts(streams):
        values = ", ".join(["(%s, 0, %s, '', 0)"] * len(part))
        sql = (
            f"INSERT INTO {HEADS} (stream, seq, hash, mac, sealed_seq) VALUES {values} "  # noqa: S608
            "ON CONFLICT (stream) DO UPDATE SET stream = excluded.stream RETURNING stream, seq, hash"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [item for stream in part for item in (stream, GENESIS)])
            heads |= {stream: (seq, last) for stream, seq, last in cursor.fetchall()}
    return heads


def _write_places(rows: list[tuple[UUID, int, str, str]]) -> None:
    native = connection.features.has_native_uuid_field
    first = "(%s::uuid, %s::bigint, %s, %s)" if native else "(%s, %s, %s, %s)"
    for part in _parts(rows):
        values = ", ".join([first] * len(part))
        # Both databases name the columns of a VALUES list, each in its own way; a CTE is the common one.
        sql = (
            f"UPDATE {EVENTS} SET seq = place.seq, prev_hash = place.prev_hash, hash = place.hash "  # noqa: S608
            f"FROM (WITH listed (id, seq, prev_hash, hash) AS (VALUES {values}) SELECT * FROM listed) AS place "
            f"WHERE {EVENTS}.id = place.id AND {EVENTS}.seq IS NULL"
        )
        params = [item for row in part for item in (row[0] if native else row[0].hex, *row[1:])]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            if cursor.rowcount != len(part):
                raise ChainBroken(f"{len(part)} events wanted a place, {cursor.rowcount} got one.")


def _move(heads: dict[str, Head]) -> None:
    for part in _parts(sorted(heads.items())):
        values = ", ".join(["(%s, %s, %s, %s, 0)"] * len(part))
        sql = (
            f"INSERT INTO {HEADS} (stream, seq, hash, mac, sealed_seq) VALUES {values} "  # noqa: S608
            "ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac"
        )
        params = [item for stream, (seq, last) in part for item in (stream, seq, last, head_mac(stream, seq, last))]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
