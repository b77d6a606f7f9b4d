"""`manage.py api_token USER` prints a bearer token of that user, once."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from console.api import services


class Command(BaseCommand):
    help = "Print a new API token of USER (default scope: everything the user may do)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", action="append", default=[])

    def handle(self, *args, user: str, name: str, scope: list[str], **options) -> None:
        owner = get_user_model().objects.filter(username=user, is_active=True).first()
        if owner is None:
            raise CommandError(_("No active user is called %s.") % user)
        _token, secret = services.issue_token(owner, name, scope or ["*"])
        self.stdout.write(secret)
