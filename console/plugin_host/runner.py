"""The only caller of plugin code at run time.

A call is refused inside a transaction, skipped when the plugin is off or its circuit is open, run in the
plugin's pool within its budget, its answer checked and copied, its failure written down without secrets,
and its end handed over as an `Outcome`. Nothing a plugin raises, SystemExit included, gets past this
module; django-q2's time-out is raised in the worker's own thread, which only waits here, so it passes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from console.foundation.errors import story, words_of
from console.foundation.transactions import assert_no_transaction
from console.plugin_api.errors import ConfigurationError, PermanentFailure, RetryLater

from . import circuits, contracts, counts, loader, records, state, threads
from .discovery import BUNDLED
from .outcomes import CircuitOpen, Failure, Outcome, failure_of
from .redact import Redactor

log = structlog.get_logger(__name__)

REQUEST_BUDGET = 2.0
TASK_BUDGET = 30.0
LONGEST_BUDGET = 120.0
UNLIMITED = float("inf")
BUDGETS = {
    "handshake": REQUEST_BUDGET,
    "verify": REQUEST_BUDGET,
    "reply": REQUEST_BUDGET,
    "capabilities_for_account": REQUEST_BUDGET,
    "migrate_config": REQUEST_BUDGET,
    "config_form": REQUEST_BUDGET,
    "assess_identity": REQUEST_BUDGET,
    "show": REQUEST_BUDGET,
    "classify": REQUEST_BUDGET,
    "suggest": REQUEST_BUDGET,
    "search": REQUEST_BUDGET,
    "render": REQUEST_BUDGET,
    "draw": REQUEST_BUDGET,
    "run": 10.0,
    "test_connection": 10.0,
    "health_check": 10.0,
    "diagnostics": 10.0,
    "poll": 60.0,
    "acknowledge": 60.0,
    "fetch_media": LONGEST_BUDGET,
    "listen": UNLIMITED,
}
NOBODY = Redactor()
TRACE_LIMIT = 8000

deadline: ContextVar[float | None] = ContextVar("huiyin_plugin_deadline", default=None)


@dataclass(frozen=True, slots=True)
class Report:
    """A failure as described in the plugin's thread: plain values only."""

    failure: Failure
    error_class: str
    message: str
    trace: str
    seconds: float | None = None
    code: str = ""
    field: str = ""


def call(
    plugin_slug: str,
    instance_ref: str,
    method: str,
    func: Callable[..., Any],
    *args: Any,
    budget: float | None = None,
    redactor: Redactor = NOBODY,
    scope: str | None = None,
    through_open: bool = False,
    check: Callable[[str, Any], Any] = contracts.check,
) -> Outcome:
    """Run `func(*args)`, which is `method` of a plugin, and say how it ended. Never raises for the plugin.

    `budget` in seconds replaces the method's own (`BUDGETS`, or what the manifest asks for). `redactor`
    knows the secrets of the instance. `through_open` is for probes. Raises InsideTransaction.
    """
    assert_no_transaction(f"Plugin call {plugin_slug}.{method}")
    if threads.in_plugin_thread():
        raise RuntimeError("A plugin cannot start plugin calls.")
    place = (plugin_slug, instance_ref, method)
    barred = _barred(place, scope, through_open)
    if barred is not None:
        return barred
    seconds = _budget(plugin_slug, method, budget)
    started = time.perf_counter()
    with bound_contextvars(plugin=plugin_slug, instance=instance_ref, plugin_method=method):
        result = _run(plugin_slug, method, lambda: check(method, func(*args)), seconds)
        milliseconds = (time.perf_counter() - started) * 1000
        return _settle(place, result, milliseconds, redactor)


def _barred(place: circuits.Place, scope: str | None, through_open: bool) -> Outcome | None:
    """Why the call does not happen at all; None when it may."""
    found = loader.registry().plugin(place[0])
    if found is None:
        return Outcome(ok=False, failure=Failure.MISSING, error_class=Failure.MISSING.value, retry_after=60.0)
    if not state.is_enabled(place[0], scope, found.origin == BUNDLED):
        return Outcome(ok=False, failure=Failure.DISABLED, error_class=Failure.DISABLED.value, retry_after=60.0)
    if through_open:
        return None
    good, wait = circuits.admits(place)
    return None if good else CircuitOpen(wait)


def _budget(plugin: str, method: str, asked: float | None) -> float | None:
    """Seconds for this call; None for none. Nobody but `listen` gets more than LONGEST_BUDGET."""
    if asked is None:
        asked = BUDGETS.get(method)
    if asked is None:
        found = loader.registry().plugin(plugin)
        asked = max(TASK_BUDGET, found.manifest.budget_seconds) if found and found.manifest else TASK_BUDGET
    if asked == UNLIMITED:
        return None
    return min(asked, LONGEST_BUDGET)


def _run(plugin: str, method: str, work: Callable[[], Any], seconds: float | None) -> Any:
    """The value, or a Report, or an Outcome when no thread was free.

    A call without end (`listen`) has a thread of its own: a bank has more mailboxes than a pool has places.
    """

    def body() -> Any:
        deadline.set(None if seconds is None else time.monotonic() + seconds)
        try:
            return work()
        except threads.Abandoned:
            raise
        except BaseException as error:
            return describe(error)

    try:
        pool = threads.pool_of(plugin) if seconds is not None else threads.Pool(f"{plugin}-{method}", 1)
        return pool.call(body, seconds)
    except threads.OverBudget:
        return Report(Failure.TIMEOUT, "TimeOut", f"{method}: no answer within {seconds:g} s", "")
    except threads.PoolFull:
        log.warning("plugin_pool_full")
        return CircuitOpen(circuits.POOL_WAIT_SECONDS, "every thread of this plugin is busy or stuck")
    except threads.PluginRaised as error:
        return Report(Failure.BUG, type(error.error).__name__[:120], "", "")


def describe(error: BaseException) -> Report:
    """Plain facts of an exception. In the plugin's thread, because even its words may misbehave."""
    failure = failure_of(error)
    try:
        # A plugin's own errors speak to operators; any other may quote the customer (console/foundation/errors.py).
        message = words_of(error) if failure is Failure.BUG else str.__str__(str(error))[:4000]
        trace = story(error, 15)[-TRACE_LIMIT:]
    except Exception as worse:
        message, trace = f"its message cannot be read: {type(worse).__name__}", ""
    return Report(
        failure,
        type(error).__name__[:120],
        message,
        "" if failure not in {Failure.BUG, Failure.CONTRACT} else trace,
        seconds=_seconds(error) if isinstance(error, RetryLater) else None,
        code=_word(error, "code") if isinstance(error, PermanentFailure) else "",
        field=_word(error, "field") if isinstance(error, ConfigurationError) else "",
    )


def _seconds(error: RetryLater) -> float:
    try:
        return min(max(float(error.seconds), 0.0), contracts.MAX_WAIT)
    except Exception:
        return 60.0


def _word(error: BaseException, name: str) -> str:
    value = getattr(error, name, "")
    return str.__str__(value)[:120] if isinstance(value, str) else ""


def _settle(place: circuits.Place, result: Any, milliseconds: float, redactor: Redactor) -> Outcome:
    """Count, write failures down, move the circuit, and give the Outcome."""
    if isinstance(result, CircuitOpen):
        return result
    failed = isinstance(result, Report)
    if counts.counter.add(*place, milliseconds, failed):
        counts.flush()
    if not failed:
        records.good(place)
        return Outcome(ok=True, value=result)
    message = redactor.text(result.message, 2000)
    run_id = records.failure(place, result, message, redactor.text(result.trace), milliseconds)
    return Outcome(
        ok=False,
        failure=result.failure,
        error_class=result.error_class,
        message=message,
        retry_after=result.seconds,
        code=result.code,
        field=result.field,
        run_id=run_id,
    )
