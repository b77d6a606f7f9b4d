"""A CSV file as rows that may be put in place, or a refusal for each line that may not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from console.foundation.text import clean

COLUMNS = (
    "external_id",
    "column",
    "title",
    "body",
    "question_variants",
    "short_answer",
    "keywords",
    "language",
)
NEEDED = {"title", "body"}
BETWEEN = "|"
LANGUAGES = dict(settings.LANGUAGES)
MAX_FIELD = 1_000_000
LIMITS = {"title": 255, "external_id": 100, "column": 255}


class TableRefused(ValueError):
    """The file as a whole cannot be read."""


class Refused(ValueError):
    """One line cannot be put in place; the message says why."""


@dataclass(frozen=True)
class Row:
    """One line; a field is None when the file has no such column, and what is there then stays."""

    line: int
    title: str
    body: str
    language: str
    external_id: str = ""
    column: str = ""
    short_answer: str | None = None
    question_variants: str | None = None
    keywords: str | None = None


def read(content: bytes) -> Iterator[Row | tuple[int, Refused]]:
    """The rows of a file, or (line, refusal). Raises TableRefused when it is no table of articles."""
    csv.field_size_limit(MAX_FIELD)
    lines = csv.DictReader(io.StringIO(_decoded(content), newline=""), strict=True)
    try:
        lines.fieldnames = names = [clean(name or "").strip().lower() for name in lines.fieldnames or ()]
    except csv.Error as error:
        raise TableRefused(str(error)) from error
    if missing := NEEDED - set(names):
        raise TableRefused(_("The first line must name the columns; missing: %s.") % ", ".join(sorted(missing)))
    yield from _rows(lines)


def _rows(lines: csv.DictReader) -> Iterator[Row | tuple[int, Refused]]:
    seen: dict[tuple[str, ...], int] = {}
    while True:
        first = lines.line_num + 1
        try:
            values = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield first, Refused(str(error))
            continue
        try:
            row = _row(first, values)
        except Refused as refused:
            yield first, refused
            continue
        key = (row.external_id, row.language) if row.external_id else (row.column, row.title, row.language)
        before = seen.setdefault(key, first)
        yield row if before == first else (first, Refused(_("The same article stands in line %d already.") % before))


def _decoded(content: bytes) -> str:
    """UTF-8 with or without mark; else what spreadsheets in China save."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableRefused(_("The file is neither UTF-8 nor GB 18030 text."))


def _row(line: int, values: dict) -> Row:
    if None in values:
        raise Refused(_("There are more cells than columns; put cells with commas into quotation marks."))
    given = {name: clean(value or "").strip() for name, value in values.items() if name in COLUMNS}
    if not given["title"]:
        raise Refused(_("The title is empty."))
    if not given["body"] and not given.get("short_answer"):
        raise Refused(_("Body and short answer are both empty."))
    for name, limit in LIMITS.items():
        if len(given.get(name, "")) > limit:
            raise Refused(_("%(column)s is longer than %(limit)d characters.") % {"column": name, "limit": limit})
    given["language"] = _language(given.get("language", ""))
    if "question_variants" in given:
        parts = given["question_variants"].replace("\n", BETWEEN).split(BETWEEN)
        given["question_variants"] = "\n".join(part.strip() for part in parts if part.strip())
    return Row(line, **given)


def _language(code: str) -> str:
    """The site's code for a language however it is written; Chinese when nothing is."""
    wanted = code.lower().replace("_", "-")
    if not wanted or wanted in ("zh", "zh-cn"):
        return "zh-hans"
    if wanted not in LANGUAGES:
        wanted = wanted.split("-")[0]
    if wanted not in LANGUAGES:
        raise Refused(
            _("Unknown language “%(code)s”; known: %(known)s.") % {"code": code, "known": ", ".join(LANGUAGES)}
        )
    return wanted
