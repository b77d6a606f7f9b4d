"""Running numbers people read: handed out from blocks, so gaps are allowed and MAX+1 is never asked.

A process takes a block of numbers with one UPDATE and then counts in memory. A block taken inside a
transaction belongs to that transaction until it commits: if it is rolled back, so is the block.
"""

import os
import threading
from collections import defaultdict, deque

from django.db import connection, transaction
from django.db.models import F

from .models import NumberBlock

BLOCK_SIZE = 50


class _Block:
    """Numbers of one block that its transaction has not committed yet. Calling it publishes the rest."""

    def __init__(self, series: str, numbers: range) -> None:
        self.series = series
        self.numbers = deque(numbers)

    def __call__(self) -> None:
        with _lock:
            _committed[self.series].extend(self.numbers)
            self.numbers.clear()


_lock = threading.Lock()
_committed: dict[str, deque[int]] = defaultdict(deque)


def reset() -> None:
    """Forget the blocks of this process: after a fork, and between tests that roll the table back."""
    global _lock
    _lock = threading.Lock()
    _committed.clear()


os.register_at_fork(after_in_child=reset)


def next_number(series: str, size: int = BLOCK_SIZE) -> int:
    """The next number of a series, unique over all processes; usable inside or outside a transaction."""
    with _lock:
        if _committed[series]:
            return _committed[series].popleft()
    block = _open_block(series)
    if block is None:
        with transaction.atomic():
            block = _Block(series, _take_block(series, size))
            transaction.on_commit(block)
            return block.numbers.popleft()
    return block.numbers.popleft()


def _open_block(series: str) -> _Block | None:
    """A block this very transaction took earlier. A rolled-back savepoint drops its callbacks, and so its block."""
    for _, callback, _ in reversed(connection.run_on_commit):
        if isinstance(callback, _Block) and callback.series == series and callback.numbers:
            return callback
    return None


def _take_block(series: str, size: int) -> range:
    changed = NumberBlock.objects.filter(series=series).update(next_number=F("next_number") + size)
    if not changed:
        NumberBlock.objects.bulk_create([NumberBlock(series=series)], ignore_conflicts=True)
        NumberBlock.objects.filter(series=series).update(next_number=F("next_number") + size)
    end = NumberBlock.objects.values_list("next_number", flat=True).get(series=series)
    return range(end - size, end)


def format_case_number(year: int, number: int) -> str:
    """`HY-2026-004217`: what a customer quotes and staff search for."""
    return f"HY-{year}-{number:06d}"
