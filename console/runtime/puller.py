"""A worker: takes one ring after the other from django-q2's table and runs it (docs/adr/0009-workers-pull.md)."""

import pydoc
import resource
import signal
import time

import structlog
from django.conf import settings
from django.core.signing import BadSignature
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django_q.brokers import Broker, get_broker
from django_q.exceptions import TimeoutException
from django_q.signing import SignedPackage
from django_q.timeout import TimeoutHandler

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 2.0


class Puller:
    """Works until asked to stop, a task overran or lost the database, or this process has grown too large.

    The supervisor starts another.
    """

    def __init__(self) -> None:
        self.broker = get_broker()
        self.stopping = False

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._ask_stop)
        while not self.stopping and not too_large():
            try:
                # Waits a moment by itself when there is nothing.
                found = self.broker.dequeue() or ()
            except Exception:
                log.exception("queue cannot be read")
                connections.close_all()
                time.sleep(PAUSE_SECONDS)
                continue
            for key, payload in found:
                handle(self.broker, key, payload)

    def _ask_stop(self, number: int, frame: object) -> None:
        self.stopping = True


def handle(broker: Broker, key: int, payload: str) -> None:
    """Run one task. Its row goes when it has ended, however it ended: what is still to do stands in rows of its own.

    Raises when the task overran or the database was away: what this process claimed could not be given back, and is
    free as soon as the process has ended (console/foundation/leases.py).
    """
    try:
        task = SignedPackage.loads(payload)
    except (TypeError, BadSignature):
        log.exception("queue holds what was not signed here", key=key)
        broker.fail(key)
        return
    close_old_connections()
    try:
        with TimeoutHandler(settings.Q_CLUSTER["timeout"]):
            function = task["func"] if callable(task["func"]) else pydoc.locate(task["func"])
            function(*task["args"], **task["kwargs"])
    except (InterfaceError, OperationalError):
        log.exception("database went away", task=task.get("group", task["name"]))
        raise
    except Exception:
        log.exception("task failed", task=task.get("group", task["name"]))
    except TimeoutException:
        # Stopped in the middle of anything: this process is not to be trusted with more.
        log.error("task overran", task=task.get("group", task["name"]))  # noqa: TRY400
        raise
    finally:
        acknowledge(broker, key)


def acknowledge(broker: Broker, key: int) -> None:
    try:
        broker.acknowledge(key)
    except Exception:
        # It comes again after Q_CLUSTER["retry"], and finds nothing to do.
        log.exception("queue row stays", key=key)


def too_large() -> bool:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > settings.Q_CLUSTER["max_rss"]


def run() -> None:
    Puller().run()
