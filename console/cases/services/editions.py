"""Editions of category trees and grade scales: as plain content and back, activated as a whole."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from console.events import emit
from console.lowcode import conditions

from .. import config
from ..models import Category, CategoryTree, Grade, GradeScale
from ..subjects import CASE
from .base import CaseError, demand, who

Edition = CategoryTree | GradeScale


def read_tree(tree: CategoryTree) -> dict[str, Any]:
    """A dimension as nested plain values."""
    rows = list(tree.categories.select_related("parent").order_by("order", "id"))
    below: dict[int | None, list[Category]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def branch(parent: int | None) -> list[dict[str, Any]]:
        return [
            {"code": row.code, "name": row.name, "name_en": row.name_en}
            | ({} if row.is_active else {"is_active": False})
            | ({"children": branch(row.pk)} if row.pk in below else {})
            for row in below.get(parent, [])
        ]

    return {"code": tree.code, "name": tree.name, "name_en": tree.name_en, "categories": branch(None)}


def write_tree(tree: CategoryTree, content: dict[str, Any]) -> None:
    """Give a draft edition these categories."""
    tree.categories.all().delete()
    _branch(tree, None, content.get("categories", []))


def _branch(tree: CategoryTree, parent: Category | None, items: list[dict[str, Any]]) -> None:
    for place, item in enumerate(items, 1):
        row = Category.objects.create(
            tree=tree, parent=parent, order=place, **{key: value for key, value in item.items() if key != "children"}
        )
        _branch(tree, row, item.get("children", []))


def renew_paths(tree: CategoryTree) -> None:
    """Make every path follow its parents, after rows were edited in any order."""
    rows = {row.pk: row for row in tree.categories.all()}
    for row in rows.values():
        codes, above = [], row
        while above is not None and len(codes) <= len(rows):
            codes.append(above.code)
            above = rows.get(above.parent_id)
        path = "/" + "".join(f"{code}/" for code in reversed(codes))
        Category.objects.filter(pk=row.pk).exclude(path=path).update(path=path)


def read_scale(scale: GradeScale) -> dict[str, Any]:
    """A scale as plain values."""
    grades = [
        {"value": row.value, "name": row.name, "name_en": row.name_en, "rule": row.rule} for row in scale.grades.all()
    ]
    return {"code": scale.code, "name": scale.name, "name_en": scale.name_en, "grades": grades}


def write_scale(scale: GradeScale, content: dict[str, Any]) -> None:
    """Give a draft edition these grades. Raises ConditionRefused for a rule that is not valid."""
    scale.grades.all().delete()
    for place, item in enumerate(content.get("grades", []), 1):
        if item.get("rule"):
            conditions.parse(item["rule"], CASE)
        Grade.objects.create(scale=scale, order=place, **item)


def new_edition(model: type[Edition], code: str, name: str, name_en: str = "", actor: Any = None) -> Edition:
    """An empty draft that follows the latest edition of this code."""
    latest = model.objects.filter(code=code).order_by("-number").first()
    number = latest.number + 1 if latest else 1
    return model.objects.create(code=code, name=name, name_en=name_en, number=number, author=str(who(actor).actor))


def draft_of(edition: Edition, actor: Any = None) -> Edition:
    """A copy to work on; an open draft of the same code is given back instead."""
    demand(who(actor), "case.configure")
    known = type(edition).objects.filter(code=edition.code, state="draft").first()
    if known is not None:
        return known
    with transaction.atomic():
        draft = new_edition(type(edition), edition.code, edition.name, edition.name_en, actor)
        if isinstance(edition, CategoryTree):
            write_tree(draft, read_tree(edition))
        else:
            write_scale(draft, read_scale(edition))
    return draft


def activate(edition: Edition, actor: Any = None, reason: str = "") -> Edition:
    """Make a draft edition the one in use; the one before is retired. Emits `<kind>.activated`."""
    by = who(actor)
    demand(by, "case.configure")
    if not reason.strip():
        raise CaseError("reason_needed", _("Give a reason."), field="reason")
    if edition.state != "draft":
        raise CaseError("not_a_draft", _("Only a draft can be activated."))
    now = timezone.now()
    kind = "category_tree" if isinstance(edition, CategoryTree) else "grade_scale"
    with transaction.atomic():
        type(edition).objects.filter(code=edition.code, state="active").update(state="retired", active_until=now)
        edition.state, edition.active_from, edition.reason = "active", now, reason.strip()[:300]
        edition.body = read_tree(edition) if isinstance(edition, CategoryTree) else read_scale(edition)
        edition.author = str(by.actor)[:150]
        edition.save()
        emit(f"{kind}:{edition.code}", f"{kind}.activated", {"code": edition.code, "number": edition.number},
             actor=by.actor)  # fmt: skip
        transaction.on_commit(config.forget)
    config.forget()
    return edition
