"""Reads the demo bank's words from fixtures/demo."""

from functools import cache

import yaml
from django.conf import settings

FOLDER = settings.BASE_DIR / "fixtures" / "demo"


@cache
def read(name: str) -> dict:
    """Content of fixtures/demo/<name>.yaml."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def is_loaded() -> bool:
    """The articles come last: when they are there, everything is."""
    from cms.models import ArticlePage

    return ArticlePage.objects.exists()
