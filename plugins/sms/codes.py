"""Answers of providers as data: `codes.toml` says for each code what it means for the message."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from console.plugin_api.channels import SendResult
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError

WAIT = {"retry": 30.0, "throttle": 90.0}


@cache
def table(provider: str) -> dict[str, str]:
    """Code to class of one provider; a name that ends in a dot stands for all that begin so."""
    data = tomllib.loads(Path(__file__).with_name("codes.toml").read_text("utf-8"))
    return {code: kind for kind, codes in data[provider].items() for code in codes}


def class_of(provider: str, code: str) -> str:
    """retry, throttle, auth, operator, final or unknown: the whole code first, then its longest known beginning."""
    codes = table(provider)
    if code in codes:
        return codes[code]
    found = [name for name in codes if name.endswith(".") and code.startswith(name)]
    return codes[max(found, key=len)] if found else "final"


def result_for(provider: str, code: str, detail: str, field: str) -> SendResult:
    """What a refusal means. Raises AuthenticationFailed, and ConfigurationError for what an operator must mend."""
    kind = class_of(provider, code)
    said = f"{code}: {detail}"[:300] if detail else code
    if kind == "auth":
        raise AuthenticationFailed(said)
    if kind == "operator":
        raise ConfigurationError(said, field=field)
    if kind in WAIT:
        return SendResult.retry_later(WAIT[kind], code=code[:60], detail=detail[:200])
    if kind == "unknown":
        return SendResult.unknown(code=code[:60], detail=detail[:200])
    return SendResult.rejected(code[:60] or "refused", detail[:200])
