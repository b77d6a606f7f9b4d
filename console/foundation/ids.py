"""Identifiers: time-ordered UUIDs and references that people read out over the telephone."""

import os
import secrets
import threading
import time
import uuid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {char: index for index, char in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
REFERENCE_LENGTH = 10


class _Uuid7:
    """48 bits of milliseconds, 42 bits that count up within one millisecond, 32 random bits."""

    def __init__(self) -> None:
        self.reset()
        os.register_at_fork(after_in_child=self.reset)

    def reset(self) -> None:
        self.lock = threading.Lock()
        self.last = 0
        self.count = 0

    def make(self) -> uuid.UUID:
        now = time.time_ns() // 1_000_000
        with self.lock:
            if now > self.last:
                # The counter starts in the lower half, so that 2**41 more fit into this millisecond.
                self.last, self.count = now, secrets.randbits(41)
            else:
                self.count += 1
            stamp, count = self.last, self.count
        high, low = count >> 30, count & ((1 << 30) - 1)
        value = stamp << 80 | 7 << 76 | high << 64 | 2 << 62 | low << 32 | secrets.randbits(32)
        return uuid.UUID(int=value)


_generator = _Uuid7()


def uuid7() -> uuid.UUID:
    """A new UUID that sorts after every earlier one of this process, whatever the clock does."""
    return _generator.make()


def _double(value: int) -> int:
    """Times two in the field of 32 elements (x^5 + x^2 + 1)."""
    value <<= 1
    return value ^ 0x25 if value & 0x20 else value


def check_character(body: str) -> str:
    """A check character that finds every single wrong character and every swap of neighbours."""
    total = 0
    for char in body:
        total = _double(total ^ _VALUES[char])
    return ALPHABET[total]


def public_reference(prefix: str) -> str:
    """A reference nobody can guess, like `HY-7K2M9-QX4TB-C`; its last character checks the rest."""
    bits = secrets.randbits(5 * REFERENCE_LENGTH)
    body = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(REFERENCE_LENGTH))
    return f"{prefix}-{body[:5]}-{body[5:]}-{check_character(body)}"


def parse_reference(text: str, prefix: str) -> str | None:
    """The canonical form of a reference as typed or read out; None when it is none or has a slip in it."""
    typed = "".join(text.upper().split()).replace("-", "")
    if not typed.startswith(prefix.upper()):
        return None
    body = typed[len(prefix) :]
    if len(body) != REFERENCE_LENGTH + 1 or any(char not in _VALUES for char in body):
        return None
    body = "".join(ALPHABET[_VALUES[char]] for char in body)
    code, check = body[:-1], body[-1]
    return f"{prefix}-{code[:5]}-{code[5:]}-{check}" if check_character(code) == check else None
