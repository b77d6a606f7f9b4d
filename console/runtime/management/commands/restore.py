"""`manage.py restore FILE`: put an archive of `manage.py backup` back."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from console.runtime.backup import BackupError, restore


class Command(BaseCommand):
    help = "Restore an archive into an empty installation (--force: over an existing one). Stop the product first."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true")

    def handle(self, *args, file: Path, force: bool, **options) -> None:
        try:
            manifest = restore(file, force)
        except (BackupError, OSError) as error:
            raise CommandError(error)
        self.stdout.write(f"Restored a backup of {manifest['made_at']}.")
