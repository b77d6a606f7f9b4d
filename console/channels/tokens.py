"""Thread tokens: a short signed name of a conversation that survives mail clients which fold case.

`t42` becomes `t42.k3v7…`: sixteen characters that only we can make. Channels carry it in a plus-address or a scene.
Whoever holds one may only continue a thread they take part in: conversations check that.
"""

import base64
import hmac
import re

from console.foundation.crypto import mac

PURPOSE = "thread token"
BYTES = 10
_SIGNED = re.compile(r"([a-z]{1,4}[0-9]{1,18})\.([a-z2-7]{16})\Z")
_KEY = re.compile(r"[0-9a-f]{32}")
_BARE = re.compile(r"[a-z]{1,4}[0-9]{1,18}\Z")


def make_token(thread: str) -> str:
    """The signed form of a thread's name; "" for no thread."""
    return f"{thread}.{_signature(thread)}" if thread else ""


def read_token(token: str) -> str:
    """The thread a signed token names; "" when it was not made by us."""
    match = _SIGNED.match(token.strip().lower())
    if not match or not hmac.compare_digest(match[2], _signature(match[1])):
        return ""
    return match[1]


def claimed_thread(token: str) -> str:
    """The thread an unsigned tag such as #T42 names; "" when it is none. A claim, not a proof."""
    text = token.strip().lower().lstrip("#[").rstrip("]")
    return text if _BARE.match(text) else ""


def _signature(thread: str) -> str:
    return base64.b32encode(mac(PURPOSE, thread.encode())[:BYTES]).decode().lower()


def key_in(reference: str) -> str:
    """The key of a delivery inside an id made from it, like `hy.<key>@bank.example`; "" when there is none."""
    match = _KEY.search(reference.partition("@")[0].lower())
    return match[0] if match else ""
