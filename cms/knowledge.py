"""The help centre as a knowledge source: other rooms find its articles without importing it."""

from __future__ import annotations

from django.conf import settings
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from console.plugin_api.extensions import Article, KnowledgeSource

from . import search


class HelpCentre(KnowledgeSource):
    """Live articles, as customers may read them."""

    slug = "help_centre"
    label = _("Help centre")
    priority = 10

    def __init__(self) -> None:
        """It is asked in the caller's thread and needs nothing lent."""

    def search(self, query: str, language: str, limit: int) -> list[Article]:
        base = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
        found = search.find(query, language, limit)
        return [
            Article(
                title=one.article.title,
                url=_address(one.article.url or "", base),
                excerpt=strip_tags(one.article.short_answer),
            )
            for one in found
        ]


def _address(path: str, base: str) -> str:
    """The whole address where the house is known by https, else the path within this site."""
    return f"{base}{path}" if base.startswith("https://") and path.startswith("/") else path
