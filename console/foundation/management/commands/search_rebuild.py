from django.core.management.base import BaseCommand

from console.foundation.search import store


class Command(BaseCommand):
    help = "Make the search index anew from the stored documents: after an upgrade that changed how words are cut."

    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", nargs="?", default=None, help="case, message, article …; default: all")

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"{store.rebuild(options['kind'])} documents indexed")
