"""Periodic duties of this room. Thin: the watchdog asks for them, the queue does them."""

from __future__ import annotations

from console.foundation.work import register_periodic

from . import counts, services

PROBE_SECONDS = 60
HEALTH_SECONDS = 300
PRUNE_SECONDS = 6 * 3600
PROBLEM_SECONDS = 600


def ask_for_probe() -> None:
    """Ring for health checks only while some circuit is open."""
    from django_q.tasks import async_task

    from . import records

    if records.open_circuits():
        async_task("console.plugin_host.services.probe_open_circuits", group="plugin_host")


def ask_for_health() -> None:
    """Ring for the plugins' own health checks, where there are any or were."""
    from django_q.tasks import async_task

    from . import extensions, health
    from .models import PluginHealth

    if extensions.exist(health.KIND) or PluginHealth.objects.exists():
        async_task("console.plugin_host.health.check", group="plugin_host")


def prune() -> None:
    """Keep the run tables small."""
    counts.prune()
    services.prune_runs()


def register() -> None:
    """Called from ready()."""
    register_periodic("plugin_host.probe", PROBE_SECONDS, ask_for_probe)
    register_periodic("plugin_host.health", HEALTH_SECONDS, ask_for_health)
    register_periodic("plugin_host.counts", counts.FLUSH_SECONDS, counts.flush)
    register_periodic("plugin_host.problems", PROBLEM_SECONDS, services.record_present_problems)
    register_periodic("plugin_host.prune", PRUNE_SECONDS, prune)
