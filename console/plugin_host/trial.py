"""A trial start in a process of its own: `python -m console.plugin_host.trial <slug>`.

Starts Django with the plugin, loads and admits it, builds its forms. The last line of stderr says what is
wrong; exit code 0 means it may run.
"""

from __future__ import annotations

import sys
from typing import Any


def try_plugin(slug: str) -> list[str]:
    """What is wrong with a plugin, as sentences; empty when it may run. Django is set up already."""
    from . import loader

    found = [one for one in loader.registry().found if one.slug == slug]
    if not found:
        return [f"{slug}: not found"]
    faults = [str(problem) for problem in loader.registry().problems_of(slug)]
    faults += _app_faults(found[0])
    entries = [entry for entry in loader.registry().entries.values() if entry.plugin == slug]
    if not entries and not faults:
        faults.append(f"{slug}: registers nothing")
    for entry in entries:
        words = form_faults if entry.kind == loader.CHANNEL else label_faults
        faults += [f"{slug}: {entry.slug}: {fault}" for fault in words(entry.cls)]
    return faults


def _app_faults(found: Any) -> list[str]:
    """A plugin with models has its own label and its migrations in step."""
    from django.apps import apps
    from django.core.management import call_command
    from django.core.management.base import CommandError

    if not (found.manifest and found.manifest.app):
        return []
    label = found.manifest.app_label
    if label not in {config.label for config in apps.get_app_configs()}:
        return [f"{found.slug}: its app must have the label {label}"]
    try:
        call_command("makemigrations", label, check=True, dry_run=True, verbosity=0, skip_checks=True)
    except (SystemExit, CommandError) as error:
        return [f"{found.slug}: its migrations are not in step with its models ({error})"]
    return []


def form_faults(cls: Any) -> list[str]:
    """The form can be built empty and filled with rubbish in both languages without raising."""
    from django.utils import translation

    faults = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            try:
                form = cls.config_form()
                str(form)
                cls.config_form(data=dict.fromkeys(form.fields, "x")).is_valid()
                str(cls.label)
            except Exception as error:
                faults.append(f"config_form in {language}: {type(error).__name__}: {error}")
    return faults


def label_faults(cls: Any) -> list[str]:
    """The label can be said in both languages without raising."""
    from django.utils import translation

    faults = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            try:
                str(cls.label)
            except Exception as error:
                faults.append(f"label in {language}: {type(error).__name__}: {error}")
    return faults


def main(arguments: list[str]) -> int:
    """Exit code of the trial."""
    import django

    try:
        django.setup()
        faults = try_plugin(arguments[0])
    except BaseException as error:  # also SystemExit from a plugin's models.py: it must not look like success
        faults = [f"{type(error).__name__}: {error}"]
    for fault in faults:
        print(fault.replace("\n", " "), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    import os

    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
