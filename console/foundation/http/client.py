import logging
import time
from collections.abc import Iterator

import httpcore
import httpx

from ..transactions import assert_no_transaction
from .guard import PinnedBackend, ResponseTooLarge

log = logging.getLogger(__name__)

MAX_BYTES = 10 * 1024 * 1024
TIMEOUT = httpx.Timeout(connect=3.0, read=10.0, write=10.0, pool=3.0)


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over connections that only reach permitted addresses."""

    def __init__(self) -> None:
        super().__init__(trust_env=False, retries=0)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=10,
            max_keepalive_connections=5,
            keepalive_expiry=20.0,
            network_backend=PinnedBackend(),
        )


class CappedStream(httpx.SyncByteStream):
    """An answer that ends with an error once it has sent too much, or taken too long in all."""

    def __init__(self, inner: httpx.SyncByteStream, limit: int, deadline: float) -> None:
        self.inner, self.limit, self.deadline = inner, limit, deadline

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for chunk in self.inner:
            seen += len(chunk)
            if seen > self.limit:
                raise ResponseTooLarge(f"The answer is larger than {self.limit} bytes.")
            if time.monotonic() > self.deadline:
                raise httpx.ReadTimeout("The answer took too long in all.")
            yield chunk

    def close(self) -> None:
        self.inner.close()


class GuardedClient(httpx.Client):
    """An httpx client that refuses to run inside a transaction, to follow redirects, or to read without end."""

    def __init__(self, *, max_bytes: int, total_seconds: float, **kwargs) -> None:
        self.max_bytes, self.total_seconds = max_bytes, total_seconds
        super().__init__(follow_redirects=False, trust_env=False, **kwargs)

    def send(self, request: httpx.Request, *, stream: bool = False, **kwargs) -> httpx.Response:
        assert_no_transaction("A network call")
        kwargs["follow_redirects"] = False
        started = time.monotonic()
        outcome: int | str = "error"
        try:
            response = super().send(request, stream=True, **kwargs)
            if not stream:
                self._read(response)
            outcome = response.status_code
        except httpx.HTTPError as error:
            outcome = type(error).__name__
            raise
        else:
            return response
        finally:
            # Host and method only: paths, queries, headers and bodies carry tokens and people's data.
            log.info(
                "http_call",
                extra={
                    "method": request.method,
                    "host": request.url.host,
                    "outcome": outcome,
                    "ms": round((time.monotonic() - started) * 1000),
                },
            )

    def _read(self, response: httpx.Response) -> None:
        """Read the body here, so that what it unpacks to is capped too, not only what came over the line."""
        try:
            if "," in response.headers.get("Content-Encoding", ""):
                raise ResponseTooLarge("The answer is packed more than once.")
            chunks, seen = [], 0
            for chunk in response.iter_bytes():
                seen += len(chunk)
                if seen > self.max_bytes:
                    raise ResponseTooLarge(f"The answer is larger than {self.max_bytes} bytes.")
                chunks.append(chunk)
            response._content = b"".join(chunks)
        finally:
            response.close()

    def _send_single_request(self, request: httpx.Request) -> httpx.Response:
        response = super()._send_single_request(request)
        deadline = time.monotonic() + self.total_seconds
        response.stream = CappedStream(response.stream, self.max_bytes, deadline)
        return response


def guarded_client(
    timeouts: httpx.Timeout | float | None = None,
    *,
    max_bytes: int = MAX_BYTES,
    total_seconds: float = 30.0,
    base_url: str = "",
    headers: dict[str, str] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> GuardedClient:
    """A client for calls to the outside. Use it in a `with` block or keep it for the life of the process.

    Raises AddressBlocked for inner addresses that HUIYIN_HTTP_ALLOW does not name, ResponseTooLarge past
    `max_bytes`, httpx's time-outs, and InsideTransaction when called while a transaction is open.
    """
    if timeouts is None:
        timeouts = TIMEOUT
    elif not isinstance(timeouts, httpx.Timeout):
        timeouts = httpx.Timeout(timeouts, connect=min(float(timeouts), 3.0))
    return GuardedClient(
        max_bytes=max_bytes,
        total_seconds=total_seconds,
        timeout=timeouts,
        base_url=base_url,
        headers={"Accept-Encoding": "identity", "User-Agent": "Huiyin", **(headers or {})},
        transport=transport or GuardedTransport(),
    )
