"""A request from its description: `{name}` is replaced where it stands, and nothing in a value can change its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from .signing import Signing

PLACE = re.compile(r"\{(phone|text|signature|template|params|key|account|secret|timestamp|nonce|sign|body|sorted)\}")
CONTENT = {"json": "application/json; charset=utf-8", "form": "application/x-www-form-urlencoded; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the gateway wants: `body` is JSON, or `name=value` lines for a form; for a query the lines join the URL."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = "json"
    body: str = ""
    signing: Signing = field(default_factory=Signing)


@dataclass(frozen=True, slots=True)
class Request:
    """Ready to go."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes = b""


def fill(text: str, values: Mapping[str, str]) -> str:
    """Each place with its value; a place without one stays empty."""
    return PLACE.sub(lambda found: values.get(found[1], ""), text)


def pairs_in(lines: str, mark: str = "=") -> tuple[tuple[str, str], ...]:
    """`name=value` lines. Raises ValueError with the line that is none."""
    found = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        name, sign, value = line.partition(mark)
        if not (sign and name.strip()):
            raise ValueError(line)
        found.append((name.strip(), value.strip()))
    return tuple(found)


def build(recipe: Recipe, values: Mapping[str, str]) -> Request:
    """The request. Values come in clear; each place writes them in its own way."""
    known = dict(values)
    if recipe.kind != "json":
        known["sorted"] = _sorted(recipe.body, known)
    if not recipe.signing.over_body:
        known["sign"] = recipe.signing.sign(fill(recipe.signing.over, known), known["secret"])
    content = _content(recipe, known)
    if recipe.signing.over_body:
        known["body"] = content
        known["sign"] = recipe.signing.sign(fill(recipe.signing.over, known), known["secret"])
    url = fill(recipe.url, {name: quote(value, safe="") for name, value in known.items()})
    headers = {name.lower(): _one_line(fill(value, known)) for name, value in recipe.headers}
    if recipe.kind == "query":
        return Request(recipe.method, f"{url}{'&' if '?' in url else '?'}{content}" if content else url, headers)
    return Request(
        recipe.method, url, {"content-type": CONTENT[recipe.kind], **headers}, content.encode() if content else b""
    )


def _content(recipe: Recipe, values: Mapping[str, str]) -> str:
    if not recipe.body.strip():
        return ""
    if recipe.kind == "json":
        return json.dumps(_leaves(json.loads(recipe.body), values), ensure_ascii=False)
    return urlencode([(name, fill(value, values)) for name, value in pairs_in(recipe.body)])


def _leaves(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [_leaves(item, values) for item in value]
    return {name: _leaves(item, values) for name, item in value.items()} if isinstance(value, dict) else value


def _sorted(body: str, values: Mapping[str, str]) -> str:
    """All fields but the signature, by name, the way many gateways sign them."""
    lines = [(name, fill(value, values)) for name, value in pairs_in(body) if "{sign}" not in value]
    return "&".join(f"{name}={value}" for name, value in sorted(lines))


def _one_line(text: str) -> str:
    return " ".join(text.split())
