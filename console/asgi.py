"""ASGI entry point: serves event streams only (docs/adr/0003-live-updates.md)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
application = get_asgi_application()
