"""WeChat's API server on loopback, strict and written from its documents: one good token with a life, the count of
answers for each customer, refusals by code. It shares no line with the plugin.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACTS = {"message": (5, 48 * 3600), "menu": (3, 60), "follow": (3, 60), "scan": (3, 60)}


@dataclass
class Wechat:
    """`mood` is "well", "silent" (taken, and no answer) or the code every send is refused with."""

    appid: str = "wx5823bf96d3bd56c7"
    secret: str = "wechat-secret-7Q"
    port: int = 0
    mood: Any = "well"
    life: int = 7200
    slow: float = 0.0
    tokens: dict[str, float] = field(default_factory=dict)
    fetched: int = 0
    windows: dict[str, list[float]] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def acted(self, openid: str, act: str) -> None:
        """A customer did something: the larger count and the later end."""
        count, seconds = ACTS[act]
        now = time.time()
        left, until = self.windows.get(openid, [0, 0.0])
        live = until > now
        self.windows[openid] = [
            max(left, count) if live else count,
            max(until, now + seconds) if live else now + seconds,
        ]

    def expire(self) -> None:
        """Every token dies, as when somebody else fetched one."""
        self.tokens.clear()

    def answer(self, method: str, path: str, body: bytes) -> tuple[str, Any]:
        """Content type and content for a call."""
        where, asked = urlsplit(path).path, {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()}
        if where == "/cgi-bin/stable_token" and method == "POST":
            return "application/json", self._token(json.loads(body))
        if self.tokens.get(asked.get("access_token", ""), 0) < time.time():
            return "application/json", {"errcode": 40001, "errmsg": "invalid credential"}
        if where == "/cgi-bin/getcallbackip":
            return "application/json", {"ip_list": ["127.0.0.1"]}
        if where == "/cgi-bin/media/get":
            content = self.media.get(asked.get("media_id", ""))
            return (
                ("image/png", content) if content else ("text/plain", {"errcode": 40007, "errmsg": "invalid media_id"})
            )
        if where == "/cgi-bin/message/custom/send" and method == "POST":
            return "application/json", self._send(body)
        return "application/json", {"errcode": 48001, "errmsg": "api unauthorized"}

    def _token(self, asked: dict[str, Any]) -> dict[str, Any]:
        time.sleep(self.slow)
        if asked.get("appid") != self.appid:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if asked.get("secret") != self.secret:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        with self.lock:
            self.fetched += 1
            token = f"token-{self.fetched}-" + "t" * 120
            self.tokens = {token: time.time() + self.life}
        return {"access_token": token, "expires_in": self.life}

    def _send(self, body: bytes) -> dict[str, Any]:
        said = json.loads(body)
        if b"\\u" in body:
            return {"errcode": 40033, "errmsg": "escaped characters are shown as they stand"}
        if not isinstance(self.mood, str):
            return {"errcode": self.mood, "errmsg": "as it says"}
        if len(said["text"]["content"].encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        with self.lock:
            left, until = self.windows.get(said["touser"], [0, 0.0])
            if until < time.time():
                return {"errcode": 45015, "errmsg": "response out of time limit"}
            if left < 1:
                return {"errcode": 45047, "errmsg": "out of response count limit"}
            self.windows[said["touser"]][0] -= 1
            self.sent.append(said)
        return {"errcode": 0, "errmsg": "ok"}


@contextmanager
def wechat_at_work() -> Iterator[Wechat]:
    """A running server; it ends with the block."""
    here = Wechat()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            kind, content = here.answer(self.command, self.path, body)
            if here.mood == "silent" and "custom/send" in self.path:
                self.close_connection = True
                return
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _do

        def log_message(self, *args: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
