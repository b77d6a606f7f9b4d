"""manage.py articles import|export: knowledge as one table."""

import csv
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from console.events import Actor

from ...importing import COLUMNS, Report, TableRefused, export_rows, import_rows, read


class Command(BaseCommand):
    help = "Import articles from a CSV file, or export all of them in the same form."

    def add_arguments(self, parser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        one = verbs.add_parser("import", help="create or update an article for every line; the same file twice is once")
        one.add_argument("file", help=f"CSV with the columns {', '.join(COLUMNS)}; - for standard input")
        one.add_argument("--publish", action="store_true", help="publish at once; drafts otherwise")
        one.add_argument("--actor", default="manage.py", help="who; kept on record")
        two = verbs.add_parser("export", help="write every article as the import takes it")
        two.add_argument("file", nargs="?", default="-", help="a file; standard output by default")
        two.add_argument("--language", default="", choices=["", *dict(settings.LANGUAGES)])
        two.add_argument("--live", action="store_true", help="only what customers can read now")

    def handle(self, *args, verb: str, **options) -> None:
        try:
            getattr(self, f"do_{verb}")(options)
        except (TableRefused, OSError) as error:
            raise CommandError(str(error)) from error

    def do_import(self, options: dict) -> None:
        path = options["file"]
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        actor = Actor("system", "", options["actor"])
        report = import_rows(read(content), publish=options["publish"], actor=actor, told=self._progress)
        done = ", ".join(f"{number} {outcome}" for outcome, number in report.done.items())
        self.stdout.write(f"{done}, {len(report.refused)} refused.")
        if report.refused:
            raise CommandError(f"{len(report.refused)} lines were refused; the others are in place.")

    def _progress(self, report: Report) -> None:
        rows = sum(report.done.values()) + len(report.refused)
        if rows % 100 == 0:
            self.stdout.write(f"{rows} lines …")
        while self._said < len(report.refused):
            line, reason = report.refused[self._said]
            self.stderr.write(f"line {line}: {reason}")
            self._said += 1

    _said = 0

    def do_export(self, options: dict) -> None:
        rows = export_rows(options["language"], live_only=options["live"])
        if options["file"] == "-":
            self._write(sys.stdout, rows)
            return
        with open(options["file"], "w", encoding="utf-8-sig", newline="") as file:
            count = self._write(file, rows)
        self.stdout.write(f"{count} articles.")

    def _write(self, file, rows) -> int:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        count = 0
        for count, row in enumerate(rows, 1):  # noqa: B007
            table.writerow(row)
        return count
