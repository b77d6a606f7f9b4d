"""WeChat's error codes as data: `codes.toml` says for each what it means for a message."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from console.plugin_api.channels import SendResult
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError, PermanentFailure, RetryLater

WAIT = {"retry": 15.0, "throttle": 90.0, "refresh": 60.0}
# Words the core knows: it closes its own count, or counts the address as dead.
WORDS = {"closed": "window_closed", "used_up": "window_used_up", "gone": "no_such_customer"}


@cache
def table() -> dict[int, str]:
    """Code to class."""
    data = tomllib.loads(Path(__file__).with_name("codes.toml").read_text("utf-8"))
    return {code: kind for kind, codes in data.items() for code in codes}


def class_of(code: int) -> str:
    """retry, throttle, refresh, auth, operator, closed, used_up, gone, forgotten or final."""
    return table().get(code, "final")


def trouble(code: int, detail: str) -> Exception:
    """What a refused call that is no send is for the host."""
    kind, said = class_of(code), f"{code}: {detail}"[:300]
    if kind == "auth":
        return AuthenticationFailed(said)
    if kind == "operator":
        return ConfigurationError(said)
    if kind in WAIT:
        return RetryLater(WAIT[kind], said)
    return PermanentFailure(str(code), detail[:200])


def result_for(code: int, detail: str) -> SendResult:
    """What a refused send is. Raises AuthenticationFailed, and ConfigurationError for what an operator must mend."""
    kind = class_of(code)
    if kind in ("auth", "operator"):
        raise trouble(code, detail)
    if kind in WAIT:
        return SendResult.retry_later(WAIT[kind], code=str(code), detail=detail[:200])
    return SendResult.rejected(WORDS.get(kind, str(code)), f"{code} {detail}"[:200])
