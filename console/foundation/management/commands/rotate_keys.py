from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from console.foundation import crypto, keys


class Command(BaseCommand):
    help = "Make a new encryption key and move everything encrypted to it; run again to go on after a stop."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--resume", action="store_true", help="make no new key: go on with the newest one")

    def handle(self, *args, **options) -> None:
        if not options["resume"]:
            self._new_key()
        self.stdout.write(f"Moving to key {crypto.current_key_id()}")
        for name, changed in keys.rotate_all(self._progress).items():
            self.stdout.write(f"{name}: {changed} moved")
        self.stdout.write("Done. Older keys are still held: drop them once no backup needs them.")

    def _new_key(self) -> None:
        from django.conf import settings

        if settings.HUIYIN_KEYS:
            self.stdout.write("Keys come from HUIYIN_KEYS; its first one is used.")
            return
        try:
            crypto.add_key()
        except (ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error

    def _progress(self, state) -> None:
        self.stdout.write(f"  {state.column}: {state.rows} rows")
