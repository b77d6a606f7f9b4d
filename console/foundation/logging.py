"""Logs that hold ids and never people: every string is masked, every exception is told without its locals.

One JSON object a line on standard error. Rooms log with the standard library (`extra={"case": 17}`) or with
structlog; `bind(case=17)` adds ids to everything logged until the end of the request or task.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog

from . import errors
from .text.masking import redact

bind = structlog.contextvars.bind_contextvars
unbind = structlog.contextvars.unbind_contextvars
bound = structlog.contextvars.bound_contextvars

_log = logging.getLogger(__name__)
_SECRET_WORDS = ("password", "passwd", "secret", "token", "authorization", "cookie", "api_key", "credential")
_OURS = frozenset(("_record", "_from_structlog"))
# Ids we make ourselves: digits in a row among their letters are nobody's telephone number.
_ID = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{32}\Z")
MAX_TEXT = 2000
MAX_ITEMS = 50
MAX_DEPTH = 4
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"']+")


def clean_value(value: Any, depth: int = 0) -> Any:
    """A value as it may be logged: numbers as they are, texts masked, containers walked, objects by class name."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if _ID.match(value) else clean_text(value)
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {redact(str(k)): clean_entry(str(k), v, depth + 1) for k, v in list(value.items())[:MAX_ITEMS]}
    if depth < MAX_DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [clean_value(each, depth + 1) for each in list(value)[:MAX_ITEMS]]
    # A request, a row, a form: its text may hold anything, so it is named and not shown.
    return f"<{type(value).__name__}>"


def clean_text(text: str) -> str:
    """Numbers and addresses of people masked; what follows the question mark of an address left out."""
    return redact(_QUERY.sub("?…", text[:MAX_TEXT]))


def clean_entry(name: str, value: Any, depth: int = 0) -> Any:
    """As `clean_value`; what is named like a secret is not shown at all."""
    if any(word in name.lower() for word in _SECRET_WORDS) and not isinstance(value, bool | int | float):
        return "[removed]"
    return clean_value(value, depth)


def describe_exception(error: BaseException, where: TracebackType | None = None) -> dict[str, Any]:
    """Class, frames and cause; the words only where no person's can be among them (errors.py)."""
    told: dict[str, Any] = {
        "class": errors.class_of(error),
        "message": errors.words_of(error),
        "frames": errors.frames_of(error, where),
    }
    causes = list(errors.chain(error))[1:]
    if causes:
        told["cause"] = " from ".join(errors.class_of(cause) for cause in causes)
    return told


def redact_event(logger: Any, method: str, event: dict) -> dict:
    """structlog processor: the last before rendering."""
    error = event.pop("exc_info", None)
    event.pop("stack_info", None)
    cleaned = {name: value if name in _OURS else clean_entry(name, value) for name, value in event.items()}
    if error is True:
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
    threading.excepthook = _thread_ended
    sys.unraisablehook = _not_raised


def _thread_ended(args: Any) -> None:
    """Python would print the exception with its words."""
    if args.exc_type is not SystemExit:
        _log.error("thread_failed", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))


def _not_raised(args: Any) -> None:
    _log.warning("exception_not_raised", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))
