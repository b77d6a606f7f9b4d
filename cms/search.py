"""Articles in the shared search engine (console/foundation/search): index one, drop one, find."""

from dataclasses import dataclass

from django.utils.translation import get_language

from console.foundation.search import engine

from .models import ArticlePage

KIND = "article"


@dataclass(frozen=True)
class Found:
    """One article with the words that matched, for a result list."""

    article: ArticlePage
    snippet: str
    score: float


def index_article(article: ArticlePage) -> None:
    fields = {
        "title": article.title,
        "short_answer": article.short_answer,
        "variants": article.question_variants,
        "keywords": article.keywords,
        "body": article.plain_body(),
    }
    engine.index(KIND, article.pk, fields, {"language": article.locale.language_code})


def drop_article(article_id: int) -> None:
    engine.remove(KIND, article_id)


def find(query: str, language: str | None = None, limit: int = 20) -> list[Found]:
    """Live articles in one language that answer `query`, best first. Any text is a fair query."""
    language = language or get_language() or "zh-hans"
    hits = engine.search(KIND, query, {"language": language}, limit)
    live = ArticlePage.objects.live().public().select_related("locale").in_bulk([hit.object_id for hit in hits])
    return [Found(live[hit.object_id], hit.snippet, hit.score) for hit in hits if hit.object_id in live]
