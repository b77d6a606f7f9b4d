"""Changes of state in this room: each checks, writes, and tells the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import Actor, clear_alarm, emit

from . import circuits, discovery, health, instances, loader, records, state
from .models import Circuit, PluginHour, PluginProblem, PluginRun, PluginState
from .outcomes import Outcome
from .problems import Problem

STREAM = "configuration"
LONGEST_REASON = 1000
MOST_INSTANCES = 20


class NotPossible(Exception):
    """The change is refused; the text says why, for a person."""


def set_enabled(plugin: str, enabled: bool, actor: Actor, reason: str, scope: str | None = None) -> PluginState:
    """Switch a plugin on or off, for all or for one scope, live in every process. Raises NotPossible."""
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise NotPossible(_("Say why: the reason is kept with the change."))
    if enabled and loader.registry().plugin(plugin) is None:
        raise NotPossible(_("This plugin cannot run here. Its problems are listed below its name."))
    with transaction.atomic():
        row = _switch(plugin, scope or None, enabled, reason, actor)
        emit(
            STREAM,
            "plugin.enabled" if enabled else "plugin.disabled",
            {"plugin": plugin, "scope": scope or "", "reason": reason},
            actor=actor,
        )
        state.changed()
    return row


def _switch(plugin: str, scope: str | None, enabled: bool, reason: str, actor: Actor) -> PluginState:
    values = {"enabled": enabled, "reason": reason, "changed_by": str(actor)[:150]}
    try:
        with transaction.atomic():
            row, _made = PluginState.objects.update_or_create(plugin=plugin, scope=scope, defaults=values)
    except IntegrityError:
        row = PluginState.objects.select_for_update().get(plugin=plugin, scope=scope)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    return row


def close_circuit(circuit: Circuit, actor: Actor, reason: str = "") -> bool:
    """A person says the cause is mended: calls go through again at once. False when it was closed already."""
    place = (circuit.plugin, circuit.instance, circuit.method)
    with transaction.atomic():
        rows = Circuit.objects.filter(pk=circuit.pk).exclude(state=Circuit.State.CLOSED)
        done = rows.update(state=Circuit.State.CLOSED, closed_at=timezone.now(), closed_by=str(actor)[:150], probes=0)
        if not done:
            return False
        facts = {"plugin": place[0], "instance": place[1], "method": place[2], "reason": reason[:LONGEST_REASON]}
        emit(STREAM, "plugin.circuit_closed", facts, actor=actor)
        clear_alarm(records.ALARM, records.alarm_key(place))
        state.changed()
    return True


def is_well(outcome: Outcome) -> bool:
    """Whether a health check came back with a clean bill."""
    return outcome.ok and outcome.value.state == "ok"


def check_health(instance_ref: str) -> Outcome:
    """Ask one instance how it is, circuit or not. A good answer brings the trial of its open circuits
    forward.
    """
    handle = instances.connector_for(instance_ref)
    outcome = handle.call("health_check", through_open=True)
    if is_well(outcome):
        for row in Circuit.objects.filter(plugin=handle.plugin, instance=instance_ref):
            circuits.bring_forward(row)
    return outcome


def check_plugin_health(plugin: str) -> dict[str, Outcome]:
    """Ask every instance that called this plugin within a week, at most MOST_INSTANCES, how it is."""
    since = timezone.now() - timedelta(days=7)
    seen = PluginHour.objects.filter(plugin=plugin, hour__gte=since).exclude(instance="")
    refs = sorted(seen.values_list("instance", flat=True).distinct()[:MOST_INSTANCES])
    return {ref: check_health(ref) for ref in refs if instances.instance_of(ref) is not None}


@dataclass(frozen=True)
class Answer:
    """What one account or health check of a plugin said when asked."""

    name: str
    well: bool
    detail: str


def check_plugin(plugin: str) -> list[Answer]:
    """Ask everything of one plugin that can be asked: the accounts in use, then its own health checks."""
    answers = [Answer(ref, is_well(outcome), _words(outcome)) for ref, outcome in check_plugin_health(plugin).items()]
    return answers + [Answer(row.check_slug, row.is_well, row.detail or row.word) for row in health.check(plugin)]


def _words(outcome: Outcome) -> str:
    return outcome.value.detail if outcome.ok else outcome.message or outcome.error_class


def probe_open_circuits() -> int:
    """Health checks for the instances behind open circuits; the watchdog's queue task calls it."""
    refs = {row.instance for row in records.open_circuits() if row.instance}
    for ref in sorted(refs):
        check_health(ref)
    return len(refs)


def record_problems(problems: list[Problem]) -> int:
    """Keep what start-up found, and drop what is mended."""
    quiet = {"not_allowed", "safe_mode"}
    now = {(problem.slug, problem.code): problem for problem in problems if problem.code not in quiet}
    with transaction.atomic():
        for row in PluginProblem.objects.all():
            if (row.plugin, row.code) not in now:
                row.delete()
        for (slug, code), problem in now.items():
            PluginProblem.objects.update_or_create(plugin=slug, code=code, defaults={"detail": problem.detail})
    return len(now)


def record_present_problems() -> int:
    """Keep the problems of the plugins as this process sees them."""
    registry = loader.registry()
    on_disk = [problem for found in registry.found for problem in found.problems]
    return record_problems([*on_disk, *registry.problems])


def prune_runs(days: int = 90) -> int:
    """Drop failed calls older than that."""
    limit = timezone.now() - timedelta(days=days)
    return PluginRun.objects.filter(at__lt=limit).delete()[0]


def found_plugins() -> list[discovery.Found]:
    """Every plugin found on this machine, runnable or not."""
    return loader.registry().found
