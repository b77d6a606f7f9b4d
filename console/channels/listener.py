"""The listener process: one thread per account holds a long connection and rings when there is news."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType

import structlog
from django.db import close_old_connections, connection
from django.utils import timezone

from . import gateway
from .models import ChannelAccount
from .models.account import WORKING
from .services.accounts import POLL_PUMP

log = structlog.get_logger(__name__)
LOOK_SECONDS = 10.0
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 120.0


class Listener:
    """Starts a thread for every working account whose connector listens; ends it when the account changes."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.threads: dict[str, tuple[int, threading.Thread, threading.Event]] = {}

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.look()
            except Exception as error:
                log.warning("listener_cannot_look", error=type(error).__name__)
            finally:
                connection.close()
            self.stop.wait(LOOK_SECONDS)
        for _, _, ended in self.threads.values():
            ended.set()

    def look(self) -> None:
        """Match threads to accounts."""
        wanted = {account.ref: account for account in _listening()}
        for ref, (stamp, _, ended) in list(self.threads.items()):
            if ref not in wanted or wanted[ref].stamp != stamp:
                ended.set()
                del self.threads[ref]
        for ref, account in wanted.items():
            known = self.threads.get(ref)
            if known is None or not known[1].is_alive():
                self._start(ref, account)

    def _start(self, ref: str, account: ChannelAccount) -> None:
        ended = threading.Event()
        thread = threading.Thread(target=self._hold, args=(account, ended), name=f"listen-{account.pk}", daemon=True)
        self.threads[ref] = (account.stamp, thread, ended)
        thread.start()

    def _hold(self, account: ChannelAccount, ended: threading.Event) -> None:
        """One account's connection, again and again, with growing pauses while it does not hold."""
        pause = FIRST_PAUSE
        while not (ended.is_set() or self.stop.is_set()):
            began = time.monotonic()
            close_old_connections()
            outcome = gateway.handle(account).call("listen", lambda: None if ended.is_set() else ring(account.pk))
            connection.close()
            held = time.monotonic() - began
            pause = FIRST_PAUSE if outcome.ok or held > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            ended.wait(pause)


def ring(account_id: int) -> None:
    """There is news on this account: it is due now."""
    from console.foundation.work import ring_now
    from console.plugin_host.threads import ask_caller

    def due_now() -> None:
        ChannelAccount.objects.filter(pk=account_id).update(next_poll_at=timezone.now())
        ring_now(POLL_PUMP)

    ask_caller(due_now)


def _listening() -> list[ChannelAccount]:
    accounts = ChannelAccount.objects.filter(state__in=WORKING)
    return [account for account in accounts if gateway.capabilities(account).inbound_listen]


def run() -> None:
    """Called by the supervisor in its listener child; returns when it is told to stop."""
    listener = Listener()

    def stop(number: int, frame: FrameType | None) -> None:
        listener.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    listener.run()
