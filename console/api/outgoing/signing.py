"""Signatures as the Standard Webhooks specification has them, so that receivers need no code of their own.

`webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`; while a secret is being replaced, one of
each, with a space between. https://www.standardwebhooks.com
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A secret in the form receivers' libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signed(keys: Iterable[str], message_id: str, stamp: int, body: bytes) -> dict[str, str]:
    """The three headers; `stamp` is seconds since 1970."""
    text = f"{message_id}.{stamp}.".encode() + body
    digests = (hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), text, hashlib.sha256) for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests),
    }
