"""`ctx.http`: the house's guarded client, its errors told in the words of the plugin contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from console.foundation.http import AddressBlocked, GuardedClient, guarded_client
from console.plugin_api.errors import AnswerLost, ConfigurationError, RetryLater

LONGEST_SECONDS = 30.0
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class PluginHttp:
    """One request at a time; each gets what is left of the budget, at most LONGEST_SECONDS."""

    def __init__(self, remaining: Callable[[], float]) -> None:
        self._remaining = remaining
        self._client: GuardedClient | None = None

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Raises RetryLater when nothing was sent, AnswerLost when something may have been,
        ConfigurationError for an address that may not be called.
        """
        seconds = min(self._remaining(), LONGEST_SECONDS, float(options.pop("timeout", LONGEST_SECONDS)))
        if seconds <= 0.05:
            raise RetryLater(30, "no time left for a request")
        try:
            self._client = self._client or guarded_client()
            return self._client.request(method, url, timeout=seconds, **options)
        except AddressBlocked as error:
            raise ConfigurationError(str(error)) from error
        except NOT_SENT as error:
            raise RetryLater(30, f"no connection: {type(error).__name__}") from error
        except httpx.TransportError as error:
            raise AnswerLost(f"no whole answer: {type(error).__name__}") from error

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)
