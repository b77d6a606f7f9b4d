"""TC3-HMAC-SHA256, the signature of Tencent Cloud's API version 3."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
SIGNED = "content-type;host"


def authorization(
    key_id: str, secret: str, *, host: str, body: bytes, at: int, content_type: str, service: str = "sms"
) -> str:
    """The Authorization header of a POST; the key is derived for one day and one service."""
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    lines = f"content-type:{content_type}\nhost:{host}\n"
    canonical = "\n".join(("POST", "/", "", lines, SIGNED, hashlib.sha256(body).hexdigest()))
    text = "\n".join((ALGORITHM, str(at), scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = _mac(key, part)
    return f"{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={SIGNED}, Signature={_mac(key, text).hex()}"


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
