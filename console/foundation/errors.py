"""What may be said of an exception where operators read it: which one, where, and never what it was about.

The words of an exception quote what somebody's code worked on: a name, a sentence of a letter. So they are left out,
except where a system speaks (a disk, a network, a database out of reach); the lines of source shown with the frames
say what was tried. Local variables are never shown.
"""

import re
import traceback
from collections.abc import Iterator
from types import TracebackType

from django.db import InterfaceError, OperationalError

from .text.masking import redact

FRAMES = 30
WORDS = 300
MAX_CHAIN = 5
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”")


def words_of(error: BaseException) -> str:
    """The exception's words where they come from a system; empty for all others."""
    if isinstance(error, OSError):
        return f"[Errno {error.errno}] {error.strerror}" if isinstance(error.errno, int) else ""
    if isinstance(error, ImportError):
        return redact(str(error))[:WORDS]
    if isinstance(error, OperationalError | InterfaceError):
        first = (str(error).splitlines() or [""])[0]
        return redact(_QUOTED.sub("…", first))[:WORDS]
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"HTTP {status}" if isinstance(status, int) else ""


def told(error: BaseException) -> str:
    """Class and, where they may be shown, words: one line for a list."""
    words = words_of(error)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def story(error: BaseException, frames: int = FRAMES) -> str:
    """A traceback with lines of source, oldest cause first, without words and locals."""
    parts = []
    for one in reversed(list(chain(error))):
        parts.append("Traceback (most recent call last):\n")
        parts += traceback.format_tb(one.__traceback__, limit=-frames)
        parts.append(f"{class_of(one)}\n")
    return redact("".join(parts))


def frames_of(error: BaseException, where: TracebackType | None = None) -> list[str]:
    """`file:line function` of each frame; the innermost with its line of source."""
    found = traceback.extract_tb(where if where is not None else error.__traceback__)[-FRAMES:]
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in found]
    if found and found[-1].line:
        lines[-1] += f": {found[-1].line}"
    return lines


def class_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it came from."""
    one: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if one is None:
            return
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
