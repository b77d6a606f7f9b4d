"""Calls of WeChat's API: with a token, and once more with a fresh one when it is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.plugin_api.channels import SendResult
from console.plugin_api.context import HttpResponse, PluginContext
from console.plugin_api.errors import AnswerLost, PermanentFailure, RetryLater

from .codes import class_of, result_for, trouble
from .tokens import Tokens

Said = tuple[int, str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Client:
    """One account at one endpoint."""

    ctx: PluginContext
    endpoint: str
    tokens: Tokens

    def send(self, body: Mapping[str, Any]) -> SendResult:
        """One customer-service message. A lost answer is unknown: WeChat names no message and drops no repeat."""
        token = self.tokens.current()
        code, detail, answered = self._sent(body, token)
        if answered and class_of(code) == "refresh":
            code, detail, answered = self._sent(body, self.tokens.after(token))
        if not answered:
            return SendResult.unknown(code="no_answer", detail=detail)
        return SendResult.accepted() if code == 0 else result_for(code, detail)

    def ask(self, path: str) -> Mapping[str, Any]:
        """A question that changes nothing. Raises what a refusal means."""
        response = self._refreshed(path, {})
        code, detail, said = _read(response)
        if code:
            raise trouble(code, detail)
        return said

    def media(self, media_id: str) -> bytes:
        """The bytes of a file a customer sent. Raises PermanentFailure when WeChat has forgotten it."""
        response = self._refreshed("/cgi-bin/media/get", {"media_id": media_id})
        if not _is_json(response):
            return _content(response)
        code, detail, said = _read(response)
        if code:
            raise trouble(code, detail)
        url = said.get("video_url")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise PermanentFailure("unreadable", "Neither a file nor the address of one.")
        return _content(self.ctx.http.get(url))

    def _sent(self, body: Mapping[str, Any], token: str) -> tuple[int, str, bool]:
        # Escaped characters would be shown to the customer as they stand, so the text goes as UTF-8.
        content = json.dumps(body, ensure_ascii=False).encode()
        url = f"{self.endpoint}/cgi-bin/message/custom/send"
        headers = {"content-type": "application/json; charset=utf-8"}
        try:
            response = self.ctx.http.post(url, params={"access_token": token}, content=content, headers=headers)
        except AnswerLost as error:
            return 0, error.detail, False
        if response.status_code != 200 or not _is_json(response):
            return 0, f"HTTP {response.status_code}", False
        code, detail, _ = _read(response)
        return code, detail, True

    def _refreshed(self, path: str, params: Mapping[str, str]) -> HttpResponse:
        token = self.tokens.current()
        response = self._get(path, params, token)
        if _is_json(response) and class_of(_read(response)[0]) == "refresh":
            response = self._get(path, params, self.tokens.after(token))
        return response

    def _get(self, path: str, params: Mapping[str, str], token: str) -> HttpResponse:
        return self.ctx.http.get(f"{self.endpoint}{path}", params={**params, "access_token": token})


def _content(response: HttpResponse) -> bytes:
    if response.status_code != 200:
        raise RetryLater(60, f"HTTP {response.status_code}")
    return response.content


def _is_json(response: HttpResponse) -> bool:
    return response.content[:1] == b"{"


def _read(response: HttpResponse) -> Said:
    """Code, words and the whole answer; an answer that is none counts as busy."""
    try:
        said = response.json()
        return int(said.get("errcode") or 0), str(said.get("errmsg") or ""), said
    except (ValueError, AttributeError, TypeError):
        return -1, f"HTTP {response.status_code}", {}
