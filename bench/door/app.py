"""The product with the connectors of the tests behind its door, and beside it a view that only inserts a row."""

import contextlib

import django

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402

from bench.door.models import Bare  # noqa: E402
from console.plugin_host.testing import hosting  # noqa: E402
from tests.factories.channels import WIRE  # noqa: E402

product = WSGIHandler()
with override_settings(MIDDLEWARE=[]):
    bare = WSGIHandler()
kept = contextlib.ExitStack()
kept.enter_context(hosting(WIRE))


def make_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Bare)


def application(environ, start_response):
    """`/bare/` goes through Django without any middleware, everything else through the product's own."""
    handler = bare if environ["PATH_INFO"] == "/bare/" else product
    return handler(environ, start_response)
