"""Shared views in blueprints: those with a code and no owner."""

from typing import Any

from console.events import Actor

from ..blueprints import Problem
from ..models import SavedView
from .views import check_view, save_view

FIELDS = (
    "subject",
    "name_zh",
    "name_en",
    "tree",
    "sort",
    "columns",
    "shared",
    "shared_with",
    "order",
    "count_cap",
    "active",
)


def export() -> list[dict[str, Any]]:
    rows = SavedView.objects.filter(owner__isnull=True).exclude(code="").order_by("subject", "order", "code")
    return [{"code": row.code, **{name: getattr(row, name) for name in FIELDS}} for row in rows]


def validate(data: Any) -> list[Problem]:
    problems = []
    for number, item in enumerate(data):
        place = str(item.get("code", number))
        unknown = sorted(set(item) - {"code", *FIELDS})
        if unknown:
            problems.append(Problem(place, ", ".join(unknown)))
            continue
        view = SavedView(**{name: item[name] for name in ("code", *FIELDS) if name in item})
        problems += [Problem(place, text) for texts in check_view(view).values() for text in texts]
    return problems


def apply(data: Any, actor: Actor, reason: str) -> None:
    standing = {view.code: view for view in SavedView.objects.filter(code__in=[item["code"] for item in data])}
    for item in data:
        view = standing.get(item["code"]) or SavedView(code=item["code"], shared=SavedView.Shared.EVERYONE)
        for name in FIELDS:
            if name in item:
                setattr(view, name, item[name])
        view.owner = None
        save_view(view, actor)
