"""Where an article stands: columns found by name, made when they are not there."""

from __future__ import annotations

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Locale

from .. import services
from ..models import ArticlePage, ColumnPage
from .table import Refused

BELOW = "/"


class Places:
    """The columns of each language by their path of titles, read once for a file."""

    def __init__(self) -> None:
        self.locales = {locale.language_code: locale for locale in Locale.objects.all()}
        self.forget()

    def forget(self) -> None:
        """Read again: a row that was rolled back may have taken its new column with it."""
        self._by_name: dict[tuple[str, str], ColumnPage] = {}
        self._names: dict[str, str] = {}
        columns = ColumnPage.objects.select_related("locale").order_by("path")
        for column in columns:
            above = self._names.get(column.path[: -ColumnPage.steplen], "")
            name = self._names[column.path] = f"{above}{BELOW}{column.title}" if above else column.title
            language = column.locale.language_code
            self._by_name.setdefault((language, name.lower()), column)
            self._by_name.setdefault((language, column.slug), column)

    def column_of(self, article: ArticlePage) -> str:
        """The name by which `column` finds where an article stands."""
        return self._names.get(article.path[: -ArticlePage.steplen], "")

    def column(self, name: str, language: str, translated: ArticlePage | None = None) -> ColumnPage:
        """The column of a name (“a/b” is b below a), made when there is none. Raises Refused for no name at all.

        A new column becomes the translation of the one `translated` stands in, where that has none yet.
        """
        parts = [part.strip() for part in name.split(BELOW) if part.strip()]
        if not parts:
            raise Refused(_("The column is empty, and there is no such article yet."))
        parent = services.home_in(language)
        for depth in range(len(parts)):
            path = BELOW.join(parts[: depth + 1])
            known = self._by_name.get((language, path.lower()))
            parent = known if known is not None else self._add(parent, path, language, translated)
        return parent

    def _add(self, parent, path: str, language: str, translated: ArticlePage | None) -> ColumnPage:
        title = path.rsplit(BELOW, 1)[-1]
        slug = _free(parent, slugify(title, allow_unicode=True) or "column")
        column = ColumnPage(title=title, slug=slug, locale=self.locales[language])
        other = ColumnPage.objects.parent_of(translated).first() if translated is not None else None
        if (
            other is not None
            and not ColumnPage.objects.filter(translation_key=other.translation_key, locale=column.locale).exists()
        ):
            column.translation_key, column.icon = other.translation_key, other.icon
        column.first_published_at = column.last_published_at = timezone.now()
        parent.add_child(instance=column)
        self._by_name[(language, path.lower())] = column
        self._names[column.path] = path
        return column


def _free(parent, slug: str) -> str:
    taken = set(parent.get_children().filter(slug__startswith=slug).values_list("slug", flat=True))
    return slug if slug not in taken else next(f"{slug}-{n}" for n in range(2, 10_000) if f"{slug}-{n}" not in taken)
