"""Logs that hold ids and never people: every string is masked, every exception is told without its locals.

One JSON object a line on standard error. Rooms log with the standard library (`extra={"case": 17}`) or with
structlog; `bind(case=17)` adds ids to everything logged until the end of the request or task.
"""

import json
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog

from .text.masking import redact

bind = structlog.contextvars.bind_contextvars
unbind = structlog.contextvars.unbind_contextvars
bound = structlog.contextvars.bound_contextvars

_SECRET_WORDS = ("password", "passwd", "secret", "token", "authorization", "cookie", "api_key", "credential")
_OURS = frozenset(("_record", "_from_structlog"))
MAX_TEXT = 2000
MAX_ITEMS = 50
MAX_DEPTH = 4
FRAMES = 30


def clean_value(value: Any, depth: int = 0) -> Any:
    """A value as it may be logged: numbers as they are, texts masked, containers walked, objects by class name."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redact(value[:MAX_TEXT])
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {redact(str(k)): clean_entry(str(k), v, depth + 1) for k, v in list(value.items())[:MAX_ITEMS]}
    if depth < MAX_DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [clean_value(each, depth + 1) for each in list(value)[:MAX_ITEMS]]
    # A request, a row, a form: its text may hold anything, so it is named and not shown.
    return f"<{type(value).__name__}>"


def clean_entry(name: str, value: Any, depth: int = 0) -> Any:
    """As `clean_value`; what is named like a secret is not shown at all."""
    if any(word in name.lower() for word in _SECRET_WORDS) and not isinstance(value, bool | int | float):
        return "[removed]"
    return clean_value(value, depth)


def describe_exception(error: BaseException, where: TracebackType | None = None) -> dict[str, Any]:
    """Class, frames and the masked first line of the message: databases put people's values into the others."""
    frames = traceback.extract_tb(where if where is not None else error.__traceback__)[-FRAMES:]
    lines = str(error).splitlines()
    told: dict[str, Any] = {
        "class": f"{type(error).__module__}.{type(error).__qualname__}",
        "message": redact(lines[0][:300]) if lines else "",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        told["cause"] = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return told


def redact_event(logger: Any, method: str, event: dict) -> dict:
    """structlog processor: the last before rendering."""
    error = event.pop("exc_info", None)
    event.pop("stack_info", None)
    cleaned = {name: value if name in _OURS else clean_entry(name, value) for name, value in event.items()}
    if error is True:
        import sys

        error = sys.exc_info()
    if isinstance(error, BaseException):
        cleaned["exception"] = describe_exception(error)
    elif isinstance(error, tuple) and error[1] is not None:
        cleaned["exception"] = describe_exception(error[1], error[2])
    return cleaned


def render(logger: Any, method: str, event: dict) -> str:
    event = dict(event)
    return json.dumps(
        {"event": event.pop("event", ""), **event}, ensure_ascii=False, default=lambda o: type(o).__name__
    )


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class Formatter(structlog.stdlib.ProcessorFormatter):
    """The formatter named in settings; it treats both kinds of loggers alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *SHARED],
            processors=[redact_event, structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            # Kept, the standard library would append the traceback it knows, unmasked, after our line.
            keep_exc_info=False,
            keep_stack_info=False,
        )


def configure() -> None:
    """Send structlog's own loggers the same way; called when the applications are ready."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
