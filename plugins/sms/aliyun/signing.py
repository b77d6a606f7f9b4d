"""ACS3-HMAC-SHA256, the signature of Alibaba Cloud's API version 3."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()


def query_string(values: Mapping[str, str]) -> str:
    """Sorted by name, everything but letters, digits and -_.~ in percent."""
    return "&".join(f"{_percent(name)}={_percent(values[name])}" for name in sorted(values))


def authorization(
    key_id: str, secret: str, query: Mapping[str, str], headers: Mapping[str, str], *, method: str = "POST"
) -> str:
    """The Authorization header over a request without a body; `headers` are those that are signed."""
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = "\n".join((method, "/", query_string(query), lines, names, signed["x-acs-content-sha256"]))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(secret.encode(), f"{ALGORITHM}\n{digest}".encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def _percent(text: str) -> str:
    return quote(text, safe="-_.~")
