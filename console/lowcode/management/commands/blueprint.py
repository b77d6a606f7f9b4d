"""manage.py blueprint apply|diff|export: configuration as one document."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from console.events import Actor

from ...blueprints import Bundle, BundleRefused, apply, diff, dump, export, load


class Command(BaseCommand):
    help = "Compare, try, apply or export the configuration as a blueprint (YAML or JSON)."

    def add_arguments(self, parser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        one = verbs.add_parser("apply", help="make the configuration what the file says: all of it or nothing")
        one.add_argument("file", help="a file, or - for standard input")
        one.add_argument("--reason", default="", help="why; kept on record")
        one.add_argument("--actor", default="manage.py", help="who; kept on record")
        one.add_argument("--dry-run", action="store_true", help="apply and roll back: shows what would change")
        two = verbs.add_parser("diff", help="show what applying the file would change; exit with 1 when anything would")
        two.add_argument("file", help="a file, or - for standard input")
        two.add_argument("--json", action="store_true", help="one JSON object a line")
        three = verbs.add_parser("export", help="write what is configured now")
        three.add_argument("sections", nargs="*", help="only these sections")
        three.add_argument("--output", default="-", help="a file; standard output by default")
        three.add_argument("--name", default="export")
        three.add_argument("--release", default="", help="the version to write into the document")
        three.add_argument("--json", action="store_true", help="JSON instead of YAML")

    def handle(self, *args, verb: str, **options) -> None:
        try:
            getattr(self, f"do_{verb}")(options)
        except BundleRefused as refused:
            for text in refused.messages:
                self.stderr.write(text)
            raise CommandError(f"The blueprint was refused: {len(refused.messages)} problems.") from refused
        except OSError as error:
            raise CommandError(str(error)) from error

    def do_apply(self, options: dict) -> None:
        bundle = read(options["file"])
        trial = options["dry_run"]
        done = apply(bundle, Actor("system", "", options["actor"]), reason=options["reason"], dry_run=trial)
        for change in done.changes:
            self.stdout.write(str(change))
        words = "would change" if trial else "changed"
        self.stdout.write(f"{bundle.name} {bundle.version}: {len(done.changes)} {words}.")

    def do_diff(self, options: dict) -> None:
        changes = diff(read(options["file"]))
        for change in changes:
            self.stdout.write(json.dumps(change.to_json(), ensure_ascii=False) if options["json"] else str(change))
        if changes:
            sys.exit(1)

    def do_export(self, options: dict) -> None:
        text = dump(
            export(options["name"], options["release"], options["sections"]), "json" if options["json"] else "yaml"
        )
        if options["output"] == "-":
            self.stdout.write(text, ending="")
        else:
            Path(options["output"]).write_text(text, encoding="utf-8")


def read(path: str) -> Bundle:
    return load(sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes())
