"""A provider of text messages on loopback: speaks the wire of Aliyun, Tencent and a plain gateway, and believes nobody.

Signatures are checked by code written from the providers' documents, the other way round from ours: the header is
taken apart and everything it claims is recomputed from the bytes that came.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit


@dataclass
class Provider:
    """What arrived, and how the next call is answered: `mood` "well", "silent" (no answer) or a refusal's code."""

    aliyun_secret: str = "aliyun-secret-7Q"
    tencent_secret: str = "tencent-secret-7Q"
    gateway_secret: str = "gateway-secret-7Q"
    port: int = 0
    mood: str = "well"
    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Status and JSON for a call."""
        if "x-acs-action" in headers:
            return self._aliyun(path, headers, body)
        if "x-tc-action" in headers:
            return self._tencent(headers, body)
        return self._gateway(headers, body)

    def _aliyun(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if not self._acs3(path, headers, body):
            self.refused.append("acs3")
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched."}
        asked = dict(parse_qsl(urlsplit(path).query))
        if headers["x-acs-action"] == "QuerySendDetails":
            rows = [
                {"OutId": one["OutId"], "SendStatus": 3, "PhoneNum": one["PhoneNumbers"], "ErrCode": "DELIVERED"}
                for one in self.taken
                if one["PhoneNumbers"] == asked["PhoneNumber"]
            ]
            return 200, {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}}
        if self.mood not in ("well", "silent"):
            return 200, {"Code": self.mood, "Message": self.mood}
        self.taken.append(asked)
        return 200, {"Code": "OK", "Message": "OK", "BizId": f"9006{len(self.taken)}^0", "RequestId": "R"}

    def _acs3(self, path: str, headers: dict[str, str], body: bytes) -> bool:
        claim = dict(part.split("=", 1) for part in headers["authorization"].split(" ", 1)[1].split(","))
        names = claim["SignedHeaders"].split(";")
        if not {"host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} <= set(names):
            return False
        query = sorted(parse_qsl(urlsplit(path).query, keep_blank_values=True))
        lines = ["POST", urlsplit(path).path]
        lines.append("&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query))
        lines += [f"{name}:{headers[name].strip()}" for name in names]
        lines += ["", claim["SignedHeaders"], hashlib.sha256(body).hexdigest()]
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return hmac.new(self.aliyun_secret.encode(), text.encode(), "sha256").hexdigest() == claim["Signature"]

    def _tencent(self, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if not self._tc3(headers, body):
            self.refused.append("tc3")
            return 200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "bad"}}}
        asked = json.loads(body)
        if headers["x-tc-action"] == "PullSmsSendStatusByPhoneNumber":
            rows = [
                {"SessionContext": one["SessionContext"], "ReportStatus": "SUCCESS", "SerialNo": "5000:1"}
                for one in self.taken
                if asked["PhoneNumber"] in one["PhoneNumberSet"]
            ]
            return 200, {"Response": {"PullSmsSendStatusSet": rows}}
        if self.mood in ("well", "silent"):
            self.taken.append(asked)
        row = {"SerialNo": "5000:1", "Code": "Ok" if self.mood in ("well", "silent") else self.mood, "Message": ""}
        return 200, {"Response": {"SendStatusSet": [row], "RequestId": "R"}}

    def _tc3(self, headers: dict[str, str], body: bytes) -> bool:
        claim = dict(part.strip().split("=", 1) for part in headers["authorization"].split(" ", 1)[1].split(","))
        _id, day, service, end = claim["Credential"].split("/")
        signed = "".join(f"{name}:{headers[name]}\n" for name in claim["SignedHeaders"].split(";"))
        request = f"POST\n/\n\n{signed}\n{claim['SignedHeaders']}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{day}/{service}/{end}"
        text = f"TC3-HMAC-SHA256\n{headers['x-tc-timestamp']}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = ("TC3" + self.tencent_secret).encode()
        for word in (day, service, end, text):
            key = hmac.digest(key, word.encode(), "sha256")
        return key.hex() == claim["Signature"]

    def _gateway(self, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        asked = json.loads(body or b"{}")
        text = f"{asked.get('ts')}.".encode() + body
        if hmac.digest(self.gateway_secret.encode(), text, "sha256").hex() != headers.get("x-sign"):
            self.refused.append("gateway")
            return 200, {"code": 101, "msg": "bad sign"}
        if self.mood not in ("well", "silent"):
            return 200, {"code": int(self.mood), "msg": "refused"}
        self.taken.append(asked)
        return 200, {"code": 0, "data": {"id": f"g-{len(self.taken)}"}}


@contextmanager
def provider_at_work() -> Iterator[Provider]:
    """A running provider; it ends with the block."""
    here = Provider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            """Quiet."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = here.answer(self.path, headers, body)
            if here.mood == "silent":
                self.close_connection = True
                return
            raw = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
