"""Reading what a gateway says, by the paths an administrator wrote down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.plugin_api.channels import SendResult
from console.plugin_api.context import HttpResponse
from console.plugin_api.errors import AuthenticationFailed

from ..inbound import word

MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Answers:
    """Where the answer says how it went, and which words mean what. Without a path the text of the answer is read."""

    path: str = ""
    good: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    id_path: str = ""
    detail_path: str = ""


def listed(text: str) -> frozenset[str]:
    """Values of a list with commas."""
    return frozenset(filter(None, (part.strip() for part in re.split(r"[,，\n]", text))))


def at(value: Any, path: str) -> Any:
    """`data.0.status` inside parsed JSON; None when it is not there."""
    for step in path.split(".")[:MAX_DEPTH] if path else ():
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def outcome(response: HttpResponse, answers: Answers) -> SendResult:
    """What became of a send. Raises AuthenticationFailed."""
    try:
        said = response.json()
    except (ValueError, RecursionError):
        said = None
    code = plain(at(said, answers.path)) if answers.path else ""
    text = response.text.strip()[:300]
    if response.status_code in (401, 403) or _is(code, text, answers.denied):
        raise AuthenticationFailed(code or str(response.status_code))
    if response.status_code == 429 or _is(code, text, answers.busy):
        return SendResult.retry_later(_wait(response), code=code or "busy")
    if response.status_code >= 500:
        return SendResult.unknown(code=f"http_{response.status_code}")
    if response.status_code >= 400:
        return SendResult.rejected(code[:60] or f"http_{response.status_code}", word(at(said, answers.detail_path)))
    if answers.path and not code:
        return SendResult.unknown(code="unreadable_answer", detail="The answer was not understood.")
    if answers.good and not _is(code, text, answers.good):
        return SendResult.rejected(code[:60] or text[:60] or "refused", word(at(said, answers.detail_path)))
    return SendResult.accepted(word(at(said, answers.id_path)) if answers.id_path else "")


def plain(value: Any) -> str:
    """A value as an administrator would write it: true and false in words."""
    return str(value).lower() if isinstance(value, bool) else word(value)


def _is(code: str, text: str, wanted: frozenset[str]) -> bool:
    """The code itself, or without one the beginning of the text ("0: Accepted")."""
    return code in wanted if code else any(text.startswith(one) for one in wanted)


def _wait(response: HttpResponse) -> float:
    try:
        return min(3600.0, max(1.0, float(response.headers.get("retry-after") or response.headers["Retry-After"])))
    except (KeyError, ValueError):
        return 60.0
