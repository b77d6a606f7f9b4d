"""Calls of Aliyun's SMS service."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlsplit

from console.plugin_api.channels import SendResult
from console.plugin_api.context import HttpResponse, PluginContext

from ..clouds import object_in, refused_send
from ..inbound import word
from .signing import EMPTY, authorization, query_string

VERSION = "2017-05-25"


@dataclass(frozen=True, slots=True)
class Client:
    """One account at one endpoint."""

    ctx: PluginContext
    endpoint: str
    key_id: str
    secret: str

    def call(self, action: str, values: Mapping[str, str]) -> HttpResponse:
        """One signed call. Raises RetryLater, AnswerLost, ConfigurationError as `ctx.http` does."""
        headers = {
            "host": urlsplit(self.endpoint).netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": EMPTY,
            "x-acs-date": self.ctx.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": VERSION,
        }
        signed = authorization(self.key_id, self.secret, values, headers)
        url = f"{self.endpoint.rstrip('/')}/?{query_string(values)}"
        sent = {**headers, "accept": "application/json", "authorization": signed}
        return self.ctx.http.request("POST", url, headers=sent)


def outcome(response: HttpResponse) -> SendResult:
    """What became of a send. Raises AuthenticationFailed, ConfigurationError."""
    said = object_in(response)
    code, detail = word(said.get("Code"), 100), word(said.get("Message"))
    if code == "OK":
        return SendResult.accepted(word(said.get("BizId")))
    return refused_send("aliyun", response, code, detail)
