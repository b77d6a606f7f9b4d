"""The one text form of an event that is stored and hashed. Changing anything here breaks every stored chain."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from console.foundation import crypto

GENESIS = "0" * 64
_encoder = DjangoJSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, ASCII only: the same value is the same text on every database and machine.

    Raises TypeError or ValueError for what JSON cannot hold.
    """
    return _encoder.encode(value)


def event_text(
    *,
    id: UUID,
    stream: str,
    type: str,
    created_at: datetime,
    actor: tuple[str, str, str],
    correlation_id: str,
    body: str,
) -> str:
    """Everything an event says, as one line. The place in the chain is not in it: the previous hash fixes that."""
    at = created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical_json([id.hex, stream, type, at, *actor, correlation_id, body])


def chain_hash(previous: str, text: str) -> str:
    """Hash of an event in its place. Keyed, so that no row can be forged from inside the database alone."""
    return crypto.mac("events.chain", f"{previous}\n{text}".encode()).hex()


def head_mac(stream: str, seq: int, last_hash: str) -> str:
    """Seal on a stream's end: who cuts rows off the tail cannot rewrite the end to fit."""
    return crypto.mac("events.head", f"{stream}\n{seq}\n{last_hash}".encode()).hex()


def seal_digest(previous: str, number: int, entries: str) -> str:
    return crypto.mac("events.seal", f"{previous}\n{number}\n{entries}".encode()).hex()
