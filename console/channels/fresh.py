"""Messages stored moments ago in this thread, so that whoever hears of them need not read them again."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import local

from .models import Message, MessageParticipant

KEPT = 300


class _Kept(local):
    def __init__(self) -> None:
        self.rows: OrderedDict[int, tuple[Message, list[MessageParticipant]]] = OrderedDict()


_kept = _Kept()


def remember(message: Message, participants: list[MessageParticipant]) -> None:
    _kept.rows[message.pk] = (message, participants)
    while len(_kept.rows) > KEPT:
        _kept.rows.popitem(last=False)


@contextmanager
def at_hand(messages: Iterable[tuple[Message, list[MessageParticipant]]]) -> Iterator[None]:
    """Keep these messages at hand while their news is told."""
    kept = list(messages)
    for message, participants in kept:
        remember(message, participants)
    try:
        yield
    finally:
        for message, _participants in kept:
            _kept.rows.pop(message.pk, None)


def forget() -> None:
    """After each batch: what was rolled back must not be met again."""
    _kept.rows.clear()


def message_with_participants(message_id: int) -> tuple[Message, list[MessageParticipant]]:
    """A message with identity, customer and account at hand, and who takes part in it."""
    known = _kept.rows.get(message_id)
    if known is not None:
        return known
    message = Message.objects.select_related("identity__customer", "customer", "account").get(pk=message_id)
    return message, list(message.participants.select_related("identity"))
