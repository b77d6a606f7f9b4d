"""manage.py seal_audit: seal now what the minute's sealer would seal next."""

from django.core.management.base import BaseCommand

from ...models import Seal
from ...services.seals import seal_all


class Command(BaseCommand):
    help = "Seal every stream that has unsealed events and print the newest seal as NUMBER:DIGEST."

    def handle(self, *args, **options) -> None:
        streams = seal_all()
        newest = Seal.objects.order_by("-number").first()
        self.stdout.write(f"{streams} streams sealed.")
        if newest:
            self.stdout.write(f"{newest.number}:{newest.digest}")
