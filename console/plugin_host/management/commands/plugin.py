"""`manage.py plugin list` and `manage.py plugin check <slug>`."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from console.plugin_host import discovery, verdicts


class Command(BaseCommand):
    help = "Lists the plugins found, or tries one in a process of its own."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="Every plugin found, whether it may run, and why not.")
        check = actions.add_parser("check", help="Start Django with this plugin in a subprocess.")
        check.add_argument("slug")

    def handle(self, *arguments: Any, **options: Any) -> None:
        if options["action"] == "list":
            self.list()
        else:
            self.check_one(options["slug"])

    def list(self) -> None:
        for found in discovery.discover():
            version = found.manifest.version if found.manifest else "?"
            word = _("runs") if found.runs else _("does not run")
            self.stdout.write(f"{found.slug:<20} {version:<10} {found.origin:<10} {word}  {self.title(found)}")
            for problem in found.problems:
                self.stdout.write(f"    {problem}")

    def title(self, found: discovery.Found) -> str:
        names = found.manifest.name if found.manifest else {}
        return names.get(get_language() or "en", names.get("en", ""))

    def check_one(self, slug: str) -> None:
        """Gates first, then a trial start. Every finding is printed; any finding fails the command."""
        known = [found for found in discovery.discover(judge=False) if found.slug == slug]
        if not known:
            raise CommandError(_("No plugin named %(slug)s was found.") % {"slug": slug})
        shut = [p for found in known for p in found.problems if p.code not in {"not_allowed", "safe_mode"}]
        verdict = verdicts.try_out(slug) if not shut else None
        for problem in shut:
            self.stderr.write(str(problem))
        if shut or verdict is None or not verdict.ok:
            detail = verdict.detail if verdict else ""
            raise CommandError(_("%(slug)s may not run. %(detail)s") % {"slug": slug, "detail": detail})
        self.stdout.write(self.style.SUCCESS(_("%(slug)s may run.") % {"slug": slug}))
