"""The answer inside WeChat's own call."""

from __future__ import annotations

import secrets

from .crypto import Safe, signature
from .xml import Node, cdata, word


def text(node: Node, said: str, now: int, safe: Safe | None, token: str) -> bytes:
    """A text for whoever sent `node`; sealed and signed where the account is in safe mode."""
    parts = (
        ("ToUserName", cdata(word(node, "FromUserName", 200))),
        ("FromUserName", cdata(word(node, "ToUserName", 200))),
        ("CreateTime", str(now)),
        ("MsgType", cdata("text")),
        ("Content", cdata(said)),
    )
    plain = _xml(parts)
    if safe is None:
        return plain
    encrypted, nonce = safe.seal(plain), secrets.token_hex(8)
    return _xml(
        (
            ("Encrypt", cdata(encrypted)),
            ("MsgSignature", cdata(signature(token, str(now), nonce, encrypted))),
            ("TimeStamp", str(now)),
            ("Nonce", cdata(nonce)),
        )
    )


def _xml(parts: tuple[tuple[str, str], ...]) -> bytes:
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in parts)}</xml>".encode()
