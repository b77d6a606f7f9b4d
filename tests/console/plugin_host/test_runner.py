import pytest
from django.db import transaction

from console.foundation.transactions import InsideTransaction
from console.plugin_api.channels import EnvelopeView
from console.plugin_host import counts, runner, services, state
from console.plugin_host.models import PluginHour, PluginRun
from console.plugin_host.outcomes import Failure

VIEW = EnvelopeView(raw=b"words")


def test_no_plugin_call_inside_a_transaction(host):
    with pytest.raises(InsideTransaction), transaction.atomic():
        host.call("neighbour", "parse", VIEW)


def test_a_good_call_writes_nothing_and_asks_the_stamp_at_most(host, django_assert_num_queries):
    handle = host.handle("neighbour", secrets={})
    assert handle.call("parse", VIEW).ok
    with django_assert_num_queries(0):
        for _ in range(20):
            assert handle.call("parse", VIEW).ok


def test_the_stamp_is_read_again_after_a_moment(host, django_assert_num_queries, monkeypatch):
    handle = host.handle("neighbour", secrets={})
    handle.call("parse", VIEW)
    monkeypatch.setattr(state._memory, "looked", -100.0)
    with django_assert_num_queries(1):
        handle.call("parse", VIEW)


def test_counts_are_written_in_batches(host, monkeypatch):
    handle = host.handle("neighbour", secrets={})
    monkeypatch.setattr(counts, "FLUSH_CALLS", 10)
    for _ in range(10):
        handle.call("parse", VIEW)
    assert PluginHour.objects.get().calls == 10
    for _ in range(4):
        handle.call("parse", VIEW)
    counts.flush()
    row = PluginHour.objects.get()
    assert (row.calls, row.failures) == (14, 0)


def test_failures_are_rows_and_are_counted(host):
    outcome = host.call("vandal", "parse", VIEW, config={"misdeed": "raises"}, secrets={})
    counts.flush()
    run = PluginRun.objects.get()
    assert (run.pk, run.kind, run.error) == (outcome.run_id, "bug", "ZeroDivisionError")
    assert "misdeeds.py" in run.trace
    assert PluginHour.objects.get().failures == 1


def test_the_same_declared_failure_is_stored_once_a_minute(host):
    for _ in range(5):
        host.call("vandal", "send", None, "k", config={"misdeed": "signs_in_wrongly"}, secrets={})
    assert PluginRun.objects.count() == 1


def test_the_correlation_of_the_work_is_kept(host):
    from console.events import correlation

    with correlation("abc123"):
        host.call("vandal", "parse", VIEW, config={"misdeed": "raises"}, secrets={})
    assert PluginRun.objects.get().correlation_id == "abc123"


def test_a_disabled_plugin_is_not_called_and_an_enabled_one_is(host, actor):
    services.set_enabled("neighbour", False, actor, "maintenance")
    outcome = host.call("neighbour", "parse", VIEW)
    assert (outcome.failure, outcome.called) == (Failure.DISABLED, False)
    services.set_enabled("neighbour", True, actor, "done")
    assert host.call("neighbour", "parse", VIEW).ok


def test_a_switch_for_one_scope_touches_that_scope_only(host, actor):
    services.set_enabled("neighbour", False, actor, "branch closed", scope="3")
    assert host.call("neighbour", "parse", VIEW, scope="3").failure is Failure.DISABLED
    assert host.call("neighbour", "parse", VIEW, scope="4").ok


def test_an_unknown_connector_is_missing_and_nothing_is_raised(host):
    assert host.call("telepathy", "parse", VIEW).failure is Failure.MISSING


def test_budgets_have_a_ceiling_and_the_manifest_a_word(host):
    assert runner._budget("neighbour", "verify", None) == runner.REQUEST_BUDGET
    assert runner._budget("neighbour", "parse", None) == runner.TASK_BUDGET
    assert runner._budget("neighbour", "parse", 9999) == runner.LONGEST_BUDGET
    assert runner._budget("neighbour", "listen", None) is None


def test_a_plugin_cannot_start_plugin_calls(host):
    outcome = runner.call("neighbour", "test", "custom", lambda: runner.call("neighbour", "test", "custom", lambda: 1))
    assert outcome.error_class == "RuntimeError"


def test_methods_without_an_entry_return_json(host):
    assert runner.call("neighbour", "test", "custom", lambda: {"a": (1, "b")}).value == {"a": [1, "b"]}
    assert runner.call("neighbour", "test", "custom", object).failure is Failure.CONTRACT


def test_a_database_that_fails_while_writing_down_never_fails_the_call(host, monkeypatch):
    from django.db import DatabaseError

    def broken(**values):
        raise DatabaseError("disk full")

    monkeypatch.setattr(PluginRun.objects, "create", broken)
    outcome = host.call("vandal", "parse", VIEW, config={"misdeed": "raises"}, secrets={})
    assert (outcome.failure, outcome.run_id) == (Failure.BUG, None)


def test_a_failed_call_costs_few_queries(host, django_assert_max_num_queries):
    handle = host.handle("vandal", config={"misdeed": "raises"}, secrets={})
    handle.call("parse", VIEW)
    with django_assert_max_num_queries(4):
        handle.call("parse", VIEW)


def test_log_context_names_plugin_and_instance(host, monkeypatch):
    import structlog
    from structlog.testing import capture_logs

    # A logger that was used before keeps its processors; a fresh one is captured.
    monkeypatch.setattr("console.plugin_host.records.log", structlog.get_logger())
    with capture_logs() as lines:
        host.call("vandal", "parse", VIEW, config={"misdeed": "raises"}, secrets={})
    assert [line["error"] for line in lines if line["event"] == "plugin_call_failed"] == ["ZeroDivisionError"]
