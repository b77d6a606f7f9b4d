"""Calls of Tencent Cloud's SMS service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from console.plugin_api.channels import SendResult
from console.plugin_api.context import HttpResponse, PluginContext

from ..clouds import object_in, refused_send
from ..inbound import word
from .signing import authorization

VERSION = "2021-01-11"
CONTENT = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Client:
    """One account in one region."""

    ctx: PluginContext
    endpoint: str
    region: str
    key_id: str
    secret: str

    def call(self, action: str, values: Mapping[str, Any]) -> HttpResponse:
        """One signed call. Raises RetryLater, AnswerLost, ConfigurationError as `ctx.http` does."""
        body = json.dumps(values, ensure_ascii=False).encode()
        host, at = urlsplit(self.endpoint).netloc, int(self.ctx.clock.now().timestamp())
        headers = {
            "host": host,
            "content-type": CONTENT,
            "x-tc-action": action,
            "x-tc-version": VERSION,
            "x-tc-timestamp": str(at),
            "x-tc-region": self.region,
            "authorization": authorization(self.key_id, self.secret, host=host, body=body, at=at, content_type=CONTENT),
        }
        return self.ctx.http.request("POST", f"{self.endpoint.rstrip('/')}/", headers=headers, content=body)


def answered(response: HttpResponse) -> Mapping[str, Any]:
    """The `Response` object of an answer; an empty one when there is none."""
    inner = object_in(response).get("Response")
    return inner if isinstance(inner, Mapping) else {}


def error_in(said: Mapping[str, Any]) -> tuple[str, str]:
    """Code and words of a refused call; two empty texts when it was not refused."""
    error = said.get("Error")
    return (word(error.get("Code"), 100), word(error.get("Message"))) if isinstance(error, Mapping) else ("", "")


def outcome(response: HttpResponse) -> SendResult:
    """What became of a send: the number has a code of its own. Raises AuthenticationFailed, ConfigurationError."""
    said = answered(response)
    code, detail = error_in(said)
    rows = said.get("SendStatusSet")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) else {}
    code, detail = code or word(row.get("Code"), 100), detail or word(row.get("Message"))
    if code == "Ok":
        return SendResult.accepted(word(row.get("SerialNo")))
    return refused_send("tencent", response, code, detail)
