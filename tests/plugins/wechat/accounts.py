"""One Official Account, and messages sealed the way WeChat seals them, by an implementation that is not ours."""

from __future__ import annotations

import base64
import hashlib
import time

from wechatpy.crypto import PrpCrypto

TOKEN, KEY, APPID = "hook9Token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx5823bf96d3bd56c7"
ORIGINAL, OPENID = "gh_0123456789ab", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
CONFIG = {"app_id": APPID, "address": ORIGINAL, "mode": "safe", "endpoint": "https://api.weixin.qq.com"}
SECRETS = {"app_secret": "wechat-secret-7Q", "token": TOKEN, "encoding_aes_key": KEY}


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def message(
    text: str, id: str = "1", openid: str = OPENID, to: str = ORIGINAL, at: int | None = None, **more: str
) -> str:
    fields = {"MsgType": "text", "Content": text, "MsgId": id, **more}
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items() if value)
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{at or int(time.time())}</CreateTime>{inner}</xml>"
    )


def event(name: str, key: str = "", **more: str) -> str:
    return message("", "", MsgType="event", Event=name, EventKey=key, **more)


def sealed(
    xml: str, appid: str = APPID, key: str = KEY, token: str = TOKEN, at: int | None = None
) -> tuple[dict, bytes]:
    """Query and body of a push in safe mode, sealed by wechatpy."""
    text = PrpCrypto(base64.b64decode(f"{key}=")).encrypt(xml, appid)
    text = text.decode() if isinstance(text, bytes) else text
    stamp, nonce = str(at or int(time.time())), "77"
    query = {
        "timestamp": stamp, "nonce": nonce, "encrypt_type": "aes", "signature": signature(token, stamp, nonce),
        "msg_signature": signature(token, stamp, nonce, text),
    }  # fmt: skip
    return query, f"<xml><Encrypt><![CDATA[{text}]]></Encrypt></xml>".encode()
