"""The product with the connectors of the tests behind its door, and beside it a view that only inserts a row."""

import contextlib

import django

django.setup()

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest  # noqa: E402
from django.db import connection  # noqa: E402

from bench.door.models import Bare  # noqa: E402
from console.plugin_host.testing import hosting  # noqa: E402
from tests.factories.channels import WIRE  # noqa: E402

product = WSGIHandler()
kept = contextlib.ExitStack()
kept.enter_context(hosting(WIRE))


def make_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Bare)


def application(environ, start_response):
    """`/bare/` is answered before any middleware: the least Django can do."""
    if environ["PATH_INFO"] != "/bare/":
        return product(environ, start_response)
    Bare.objects.create(body=WSGIRequest(environ).body.decode())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]
