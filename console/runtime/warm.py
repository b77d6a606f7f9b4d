"""Loads in the parent what its children would each load alone: they share it, and answer at once.

Memory written after a fork is no longer shared, and Python's garbage collector writes to every object it looks at;
what exists at the fork is therefore frozen out of its sight.
"""

import ctypes
import gc
import importlib
from wsgiref.util import setup_testing_defaults

import structlog
from django.conf import settings
from django.urls import get_resolver
from django.utils import translation

from console.plugin_host.loader import registry as plugins

log = structlog.get_logger(__name__)

MODULES = ("console.channels.listener", "console.runtime.puller", "gunicorn.app.base", "gunicorn.workers.sync")
PAGES = ("/", "/en/", "/healthz")
M_ARENA_MAX = -8


def warm() -> None:
    """Called once, just before the first fork."""
    for name in MODULES:
        importlib.import_module(name)
    for language, _name in settings.LANGUAGES:
        translation.activate(language)
        translation.gettext("")
    translation.deactivate()
    get_resolver().url_patterns  # noqa: B018  every room's views
    plugins()
    for path in PAGES:
        _ask(path)
    libc = ctypes.CDLL(None)
    libc.mallopt(M_ARENA_MAX, 1)
    gc.collect()
    libc.malloc_trim(0)
    gc.freeze()


def _ask(path: str) -> str:
    """Serve a page to nobody, as a visitor of the first host would get it; its status."""
    from console.wsgi import application

    host = next((name for name in settings.ALLOWED_HOSTS if name[:1] not in ".*"), "127.0.0.1")
    environ = {"PATH_INFO": path, "HTTP_HOST": host, "HTTP_X_FORWARDED_PROTO": "https", "wsgi.url_scheme": "https"}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    answer = application(environ, lambda status, headers: statuses.append(status))
    for _part in answer:
        pass
    answer.close()
    return statuses[0]
