"""System checks: what start-up should say about plugins, and tables that no plugin claims any more."""

from __future__ import annotations

from typing import Any

from django.core.checks import Warning as CheckWarning
from django.core.checks import register

from . import discovery

QUIET = {"not_allowed", "safe_mode"}


@register()
def plugins_that_cannot_run(**options: Any) -> list[CheckWarning]:
    """One warning for each plugin that is allowed and yet cannot run."""
    return [
        CheckWarning(str(problem), id=f"plugin_host.W_{problem.code}")
        for found in discovery.discover(judge=False)
        for problem in found.problems
        if problem.code not in QUIET
    ]


@register("database")
def tables_without_plugin(databases: Any = None, **options: Any) -> list[CheckWarning]:
    """Migrations recorded for an app label `hyp_…` that is not installed: the plugin left without `plugin
    remove`.
    """
    from django.apps import apps
    from django.db import connections
    from django.db.migrations.recorder import MigrationRecorder

    left = set()
    for alias in databases or ():
        applied = MigrationRecorder(connections[alias]).applied_migrations()
        left |= {label for label, _name in applied if label.startswith("hyp_")}
    left -= {config.label for config in apps.get_app_configs()}
    return [
        CheckWarning(f"Tables of {label} are left behind by a removed plugin.", id="plugin_host.W_left_behind")
        for label in sorted(left)
    ]
