"""The access token: one for an appid at a time, fetched by one process under a lock, early, and served meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.plugin_api.context import PluginContext
from console.plugin_api.errors import AnswerLost, RetryLater

from .codes import trouble

NAME = "token"
EARLY = 600.0
LIFE = 7200.0
MARGIN = 30.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one account."""

    ctx: PluginContext
    endpoint: str
    appid: str
    secret: str

    def current(self) -> str:
        """A token that is good now. Near its end one caller fetches the next while the others go on with this one."""
        known = self._known()
        now = self.ctx.clock.now().timestamp()
        if known and now < known["until"] - EARLY:
            return known["value"]
        if known and now < known["until"] - MARGIN:
            try:
                return self._next(known["value"], wait=0)
            except RetryLater:
                return known["value"]
        return self._next(known["value"] if known else "", wait=8)

    def after(self, refused: str) -> str:
        """WeChat refused this token: the next one, unless somebody else has fetched it by now."""
        return self._next(refused, wait=8, force=True)

    def _next(self, old: str, *, wait: float, force: bool = False) -> str:
        with self.ctx.lock(NAME, seconds=25, wait=wait):
            known = self._known()
            if known and known["value"] != old and self.ctx.clock.now().timestamp() < known["until"] - MARGIN:
                return known["value"]
            return self._fetch(force=force)

    def _known(self) -> dict[str, Any] | None:
        known = self.ctx.store.get(NAME)
        # Another appid or secret in the settings: what is stored belongs to the old one.
        return known if known and known.get("appid") == self.appid else None

    def _fetch(self, *, force: bool) -> str:
        asked = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        try:
            answer = self.ctx.http.post(f"{self.endpoint}/cgi-bin/stable_token", json=asked, timeout=10)
            said = answer.json()
        except AnswerLost as error:
            raise RetryLater(15, "no whole answer to the request for a token") from error
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise RetryLater(30, f"no token: HTTP {answer.status_code}")
        if "access_token" not in said:
            raise trouble(int(said.get("errcode") or -1), str(said.get("errmsg") or ""))
        life = min(float(said.get("expires_in") or LIFE), LIFE)
        until = self.ctx.clock.now().timestamp() + life
        value = {"value": str(said["access_token"]), "until": until, "appid": self.appid}
        self.ctx.store.set(NAME, value, seconds=life)
        return value["value"]
