"""Checking, saving and reading saved views."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from console.events import Actor, emit

from ..conditions import ConditionRefused, Context, Subject, capped_count, subjects, to_q, validate
from ..models import SavedView

MAX_COLUMNS = 20
MAX_SORT = 3


def check_view(view: SavedView) -> dict[str, list[str]]:
    """Normalise the view's tree; what is wrong with it, by field."""
    about = subjects().get(view.subject)
    if about is None:
        return {"subject": [_("There is nothing called %(name)s to make a list of.") % {"name": view.subject}]}
    problems: dict[str, list[str]] = {}
    try:
        view.tree = validate(view.tree, about)
    except ConditionRefused as refused:
        problems["tree"] = list(refused.messages)
    for name, limit in (("sort", MAX_SORT), ("columns", MAX_COLUMNS)):
        found = _name_problems(getattr(view, name), about, limit, sortable=name == "sort")
        if found:
            problems[name] = found
    return problems


def _name_problems(names: Any, about: Subject, limit: int, *, sortable: bool) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [_("Give a list of field names.")]
    if len(names) > limit:
        return [_("At most %(max)s.") % {"max": limit}]
    fields = about.fields()
    found = []
    for name in names:
        field = fields.get(name.removeprefix("-") if sortable else name)
        if field is None:
            found.append(_("There is no field %(field)s.") % {"field": name})
        elif sortable and not field.column:
            found.append(_("The list cannot be sorted by %(field)s.") % {"field": field.label})
    return found


def save_view(view: SavedView, actor: Actor) -> SavedView:
    """Check and store a view. Raises ValidationError."""
    view.full_clean()
    with transaction.atomic():
        view.save()
        emit("configuration", "view.saved", {"id": view.pk, "subject": view.subject}, actor=actor)
    return view


def show_view(view: SavedView, actor: Actor, *, active: bool) -> SavedView:
    """Take a view off everybody's lists, or bring it back; nothing of it is lost meanwhile."""
    with transaction.atomic():
        view.active = active
        view.save(update_fields=["active"])
        kind = "view.restored" if active else "view.removed"
        emit("configuration", kind, {"id": view.pk, "subject": view.subject}, actor=actor)
    return view


@dataclass(frozen=True)
class ViewRows:
    """What a view shows, ready to be cut into pages."""

    queryset: QuerySet
    view: SavedView
    refused: tuple[str, ...] = ()


def rows_of(view: SavedView, queryset: QuerySet, context: Context) -> ViewRows:
    """The view's rows among those of `queryset`. A view that is no longer valid shows nothing and says why."""
    about = subjects().get(view.subject)
    problems = check_view(view)
    if about is None or problems:
        reasons = tuple(text for texts in problems.values() for text in texts)
        return ViewRows(queryset.none(), view, reasons)
    columns = about.fields()
    rows = queryset.filter(to_q(view.tree, about, context))
    order = [_order(name, columns) for name in view.sort]
    return ViewRows(rows.order_by(*order, "-pk") if order else rows, view)


def _order(name: str, fields: dict[str, Any]) -> Any:
    from django.db.models import F

    column = F(fields[name.removeprefix("-")].column)
    return column.desc(nulls_last=True) if name.startswith("-") else column.asc(nulls_last=True)


def count_of(view: SavedView, queryset: QuerySet, context: Context) -> int | None:
    """How many rows the view has, up to its cap plus one; None when the view is not valid any more."""
    rows = rows_of(view, queryset, context)
    return None if rows.refused else capped_count(rows.queryset, view.count_cap)
