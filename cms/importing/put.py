"""One row into its article: found by its key, changed where it differs, versioned, published when asked."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Revision
from wagtail.signal_handlers import disable_reference_index_auto_update
from wagtail.signals import page_published

from ..models import ArticlePage, ColumnPage
from .body import blocks_of, cell_of, short_of
from .places import Places
from .table import Row

PLAIN = ("title", "short_answer", "question_variants", "keywords", "external_id")


def put(row: Row, places: Places, publish: bool) -> str:
    """What became of the row: created, updated or unchanged."""
    article, translated = _find(row)
    if article is None:
        return _create(row, places, publish, translated)
    moved = _move(article, row, places)
    base = article if publish else article.get_latest_revision_as_object()
    changed = _fill(base, row)
    if not changed and (article.live or not publish):
        return "updated" if moved else "unchanged"
    revision = base.save_revision()
    if publish:
        revision.publish()
    return "updated"


def _find(row: Row) -> tuple[ArticlePage | None, ArticlePage | None]:
    """The article of this row, and one it translates."""
    known = ArticlePage.objects.select_related("locale")
    if not row.external_id:
        column, title = row.column.rsplit("/", 1)[-1].strip(), row.title
        same = known.filter(title=title, locale__language_code=row.language)
        return next((page for page in same if not column or column in _names(page)), None), None
    shared = list(known.filter(external_id=row.external_id))
    if (key := _uuid(row.external_id)) and not shared:
        shared = list(known.filter(translation_key=key))
    for page in shared:
        if page.locale.language_code == row.language:
            return page, None
    if not shared:
        return None, None
    translation = known.filter(translation_key=shared[0].translation_key, locale__language_code=row.language).first()
    return translation, shared[0]


def _names(page: ArticlePage) -> set[str]:
    parent = page.get_parent()
    return {parent.title, parent.slug}


def _uuid(text: str) -> uuid.UUID | None:
    """An export writes the key of translations where an article has no key of its own."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _create(row: Row, places: Places, publish: bool, translated: ArticlePage | None) -> str:
    column = places.column(row.column, row.language, translated)
    article = ArticlePage(locale=places.locales[row.language], live=False)
    if translated is not None:
        article.translation_key = translated.translation_key
    elif key := _uuid(row.external_id):
        article.translation_key = key
    _fill(article, row)
    column.refresh_from_db(fields=["numchild", "path"])
    _add(column, article, publish)
    return "created"


def _add(column: ColumnPage, article: ArticlePage, publish: bool) -> None:
    """A new page with its first version: what saving, versioning and publishing do, with one write of the page.

    Imported text links to nothing inside the site, so there are no references to keep.
    """
    if publish:
        article.live = True
        article.first_published_at = article.last_published_at = timezone.now()
    with disable_reference_index_auto_update():
        column.add_child(instance=article)
    revision = Revision.objects.create(
        content_object=article,
        base_content_type=article.get_base_content_type(),
        content=article.serializable_data(),
        object_str=str(article)[:255],
    )
    versions = {"latest_revision": revision, "latest_revision_created_at": revision.created_at}
    if publish:
        versions["live_revision"] = revision
    for name, value in versions.items():
        setattr(article, name, value)
    ArticlePage.objects.filter(pk=article.pk).update(has_unpublished_changes=not publish, **versions)
    log(instance=article, action="wagtail.publish" if publish else "wagtail.create", revision=revision)
    if publish:
        page_published.send(sender=ArticlePage, instance=article, revision=revision)


def _move(article: ArticlePage, row: Row, places: Places) -> bool:
    if not row.column:
        return False
    column = places.column(row.column, row.language)
    if article.path.startswith(column.path) and article.depth == column.depth + 1:
        return False
    article.move(column, pos="last-child")
    article.refresh_from_db()
    return True


def _fill(article: ArticlePage, row: Row) -> bool:
    """Bring the article to what the row says; whether anything differed."""
    blocks, changed = blocks_of(row.body), False
    values: dict[str, Any] = {name: getattr(row, name) for name in PLAIN if getattr(row, name) is not None}
    if not values.get("short_answer"):
        values["short_answer"] = article.short_answer or short_of(blocks)
    if not values["external_id"] or _uuid(row.external_id) == article.translation_key:
        values["external_id"] = article.external_id
    for name, value in values.items():
        if getattr(article, name) != value:
            setattr(article, name, value)
            changed = True
    if row.body and blocks_of(cell_of(article)) != blocks:
        article.body = blocks
        changed = True
    return changed
