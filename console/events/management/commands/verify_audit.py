"""manage.py verify_audit: prove the event log, or say which rows were touched and exit with 1."""

import json

from django.core.management.base import BaseCommand, CommandError

from ...services.verify import Count, check_anchor, verify_chain


class Command(BaseCommand):
    help = "Check every hash chain and every seal of the event log; exit with 1 when a row was touched."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--stream", default="", help="check this stream only, without the seals")
        parser.add_argument(
            "--anchor", action="append", default=[], metavar="NUMBER:DIGEST", help="a seal noted outside the database"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--alarm", action="store_true", help="also raise or clear the alarm audit.broken")

    def handle(self, *args, stream: str, anchor: list[str], **options) -> None:
        count = Count()
        for finding in verify_chain(stream, count):
            self._say(finding, options["json"])
        for item in anchor:
            if finding := check_anchor(item):
                count.findings += 1
                self._say(finding, options["json"])
        if options["alarm"]:
            self._alarm(count)
        read = f"{count.events} events in {count.streams} streams, {count.seals} seals"
        if count.findings:
            raise CommandError(f"{count.findings} problems in {read}.", returncode=1)
        if not options["json"]:
            self.stdout.write(f"The log is whole: {read}.")

    def _say(self, finding, as_json: bool) -> None:
        self.stdout.write(json.dumps(vars(finding)) if as_json else str(finding))

    def _alarm(self, count: Count) -> None:
        from ...alarms import clear_alarm, raise_alarm

        if count.findings:
            raise_alarm("audit.broken", "verify", data={"problems": count.findings})
        else:
            clear_alarm("audit.broken", "verify")
