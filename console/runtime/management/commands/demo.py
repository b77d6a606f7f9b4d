"""`manage.py demo load|reset`: the fictional bank, refused where HUIYIN_DEMO is not set."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from console.lowcode import blueprints
from console.runtime.demo import afresh, cases, channels, files, knowledge, people, surveys
from console.runtime.migrating import migrate

from .up import take_lock

BLUEPRINT = Path("fixtures") / "blueprints" / "cn-bank.yaml"


class Command(BaseCommand):
    help = "Load the fictional demo bank, or start it afresh. Only with HUIYIN_DEMO=1."

    def add_arguments(self, parser) -> None:
        parser.add_argument("verb", choices=["load", "reset"])
        parser.add_argument("--if-empty", action="store_true", help="do nothing when the bank is there")
        parser.add_argument("--cases", type=int, default=cases.CASES)
        parser.add_argument("--customers", type=int, default=people.CUSTOMERS)

    def handle(self, *args, verb: str, if_empty: bool, **options) -> None:
        if not settings.HUIYIN_DEMO:
            raise CommandError(_("The demo bank is loaded only with HUIYIN_DEMO=1."))
        if verb == "reset":
            self.lock = take_lock(Path(settings.HUIYIN_HOME) / "up.lock")
            afresh.empty()
            migrate()
        elif if_empty and files.is_loaded():
            return
        people.load_staff()
        blueprints.apply(blueprints.load((settings.BASE_DIR / BLUEPRINT).read_bytes()), channels.DEMO, reason="demo")
        people.load_products()
        account = channels.load_mailbox()
        channels.load_form()
        customers = people.load_customers(options["customers"])
        cases.load_cases(account, customers, options["cases"])
        surveys.load_surveys()
        knowledge.load_knowledge()
        self.stdout.write(_("The demo bank is loaded."))
