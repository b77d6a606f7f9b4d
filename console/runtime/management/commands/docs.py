"""`manage.py docs`: write the reference pages that come from the code itself: commands and the API's schema."""

from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand

HEAD = "# Commands\n\nOurs, run as `manage.py NAME`; `--help` says more. Written by `make docs`.\n"


class Command(BaseCommand):
    help = "Write docs/reference/commands.md and docs/reference/openapi.yaml."

    def handle(self, *args, **options) -> None:
        folder = settings.BASE_DIR / "docs" / "reference"
        (folder / "commands.md").write_text(commands(), encoding="utf-8")
        call_command("spectacular", "--file", str(folder / "openapi.yaml"), "--lang", "en")


def commands() -> str:
    """A heading and a sentence for every command of ours."""
    ours = {name: app for name, app in get_commands().items() if str(app).startswith(("console.", "cms"))}
    parts = [f"\n## {name}\n\n{load_command_class(app, name).help}\n" for name, app in sorted(ours.items())]
    return HEAD + "".join(parts)
