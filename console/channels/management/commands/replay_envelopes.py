"""Replay envelopes that were put aside, after the cause was mended."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from console.channels.models import Envelope
from console.channels.services import replay_many
from console.channels.services.quarantine import ASIDE
from console.events import Actor


class Command(BaseCommand):
    help = "Parse quarantined and unverified envelopes again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="only envelopes received since, e.g. 2026-11-20 or 2026-11-20T08:00+08:00")
        parser.add_argument("--account", help="uid of one channel account")
        parser.add_argument("--reference", help="one envelope by its reference")
        parser.add_argument("--dry-run", action="store_true", help="say what would be replayed")

    def handle(self, **options) -> None:
        rows = Envelope.objects.filter(status__in=ASIDE).select_related("account").order_by("pk")
        if options["since"]:
            rows = rows.filter(received_at__gte=_moment(options["since"]))
        if options["account"]:
            rows = rows.filter(account__uid=options["account"])
        if options["reference"]:
            rows = rows.filter(public_ref=options["reference"])
        if options["dry_run"]:
            self.stdout.write(f"{rows.count()} envelopes would be replayed.")
            return
        done, left = replay_many(rows, Actor("system", "replay_envelopes", "replay_envelopes"))
        self.stdout.write(f"{done} envelopes replayed, {left} left aside.")


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text) or parse_date(text)
    except ValueError as error:
        raise CommandError(f"{text} is no date.") from error
    if found is None:
        raise CommandError(f"{text} is no date.")
    if not isinstance(found, datetime):
        found = datetime.combine(found, datetime.min.time())
    return found if timezone.is_aware(found) else timezone.make_aware(found)
