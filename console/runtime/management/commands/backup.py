"""`manage.py backup [FILE]`: database and files into one archive."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from console.runtime.backup import BackupError, backup


class Command(BaseCommand):
    help = "Write database and files into one archive (mode 0600). Keys are left out unless --with-secrets."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--with-secrets", action="store_true")

    def handle(self, *args, file: Path | None, with_secrets: bool, **options) -> None:
        file = file or Path(settings.HUIYIN_HOME) / "backups" / f"huiyin-{datetime.now():%Y%m%d-%H%M%S}.tar"
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.stdout.write(str(backup(file, with_secrets)))
        except (BackupError, OSError) as error:
            raise CommandError(error)
