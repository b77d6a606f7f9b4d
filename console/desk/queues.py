"""The views of the queue: conditions as data, shown as tabs with capped counts.

Seven are shipped as rows of lowcode.SavedView, then the bank's to change; a person's own views follow them.
"""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.cases import queries
from console.lowcode.models import SavedView

from .counting import capped_counts, shown

COUNT_SECONDS = 10
CASE = "case"
# So many stand as tabs and are counted; the rest is in the menu beside them.
MOST_VIEWS = 8
OPEN = {"field": "is_open", "op": "eq", "value": True}
# A saved view sorts by a field; the list pages by the key (cases.queries.SORTS) that serves it with an index.
SORTS = {"next_due_at": "due", "-opened_at": "-opened", "-resolved_at": "-resolved"}

# code, zh, en, tree, sort; made once (ship_views), then the bank's to change.
SHIPPED = [
    # For those whose cases are neither theirs nor their team's: of their products, or asked of them.
    ("open", "所有未结", "All open cases", OPEN, []),
    ("mine", "我的未结", "My open cases", {"all": [OPEN, {"field": "owner", "op": "eq", "value": "@me"}]}, []),
    ("unowned", "待认领", "Without owner", {"all": [OPEN, {"field": "owner", "op": "empty"}]}, []),
    ("team", "本组未结", "My teams", {"all": [OPEN, {"field": "team", "op": "eq", "value": "@my_team"}]}, []),
    (
        "due",
        "超时与临期",
        "Late or due in a day",
        {
            "all": [
                OPEN,
                {
                    "any": [
                        {"field": "next_due_at", "op": "lte", "value": "@now"},
                        {"field": "next_due_at", "op": "within_next", "value": "1d"},
                    ]
                },
            ]
        },
        [],
    ),
    (
        "waiting",
        "等客户",
        "Waiting for customers",
        {"all": [OPEN, {"field": "turn", "op": "eq", "value": "customer"}]},
        [],
    ),
    (
        "ended",
        "七日内办结",
        "Resolved this week",
        {"field": "resolved_at", "op": "within_last", "value": "7d"},
        ["-resolved_at"],
    ),
]
READERS = {"open": ["role:product_owner", "role:participant"]}
EMPTY = {
    "mine": _("You own no open case. Take one that has no owner."),
    "unowned": _("Every open case has an owner."),
    "team": _("Your teams have no open case."),
    "due": _("No deadline falls within a day."),
    "waiting": _("No customer owes us an answer."),
    "ended": _("Nothing was resolved in the last seven days."),
    "open": _("No open case of your products, and none you were asked about."),
}


@dataclass(frozen=True)
class View:
    """One saved view over cases: a condition and an order."""

    code: str
    label: str
    tree: dict
    sort: str = "due"

    @property
    def empty(self) -> str | Promise:
        """What is said when nothing matches."""
        return EMPTY.get(self.code, _("No case matches this view."))

    def rows(self, user: Any) -> QuerySet:
        return queries.listed(user, self.tree)


def ship_views(**kwargs: Any) -> None:
    """Make the views that are not there yet. After each migration; what people changed stays."""
    known = set(SavedView.objects.values_list("code", flat=True))
    fresh = [
        SavedView(code=code, subject=CASE, name_zh=zh, name_en=en, tree=tree, sort=sort, order=place, **_shared(code))
        for place, (code, zh, en, tree, sort) in enumerate(SHIPPED)
        if code not in known
    ]
    SavedView.objects.bulk_create(fresh, ignore_conflicts=True)


def _shared(code: str) -> dict[str, Any]:
    readers = READERS.get(code)
    return {"shared": "some", "shared_with": readers} if readers else {"shared": "everyone"}


def code_of(row: SavedView) -> str:
    """How a view is called in addresses."""
    return row.code or f"own-{row.pk}"


def view_from(row: SavedView) -> View:
    sort = SORTS.get(row.sort[0] if row.sort else "next_due_at", "due")
    return View(code_of(row), row.name, row.tree or {}, sort)


@dataclass(frozen=True)
class Tab:
    """A view as shown in the list of views. Those beyond the first few stand in a menu and are not counted."""

    code: str
    label: str
    count: str
    url: str
    current: bool
    more: bool = False


def views_of(user: Any) -> list[View]:
    """Every view this person may choose, in order; one query."""
    from .viewing import mine

    return [view_from(row) for row in mine(user)]


def view_of(known: list[View], code: str) -> View:
    """The view asked for, or the first; without any view, every open case."""
    fallback = known[0] if known else View("open", str(_("Open cases")), OPEN)
    return next((view for view in known if view.code == code), fallback)


def counts_of(user: Any, known: list[View]) -> dict[str, str]:
    """Capped counts by view, one query at most every few seconds for each person."""
    key = f"desk.counts:{user.pk}:{user.access_version}"
    counts = cache.get(key)
    if counts is None or set(counts) != {view.code for view in known}:
        numbers = capped_counts([view.rows(user) for view in known])
        counts = {view.code: shown(number) for view, number in zip(known, numbers, strict=True)}
        cache.set(key, counts, COUNT_SECONDS)
    return counts


def forget_counts(user: Any) -> None:
    """After an act of this person: their next page counts anew."""
    cache.delete(f"desk.counts:{user.pk}:{user.access_version}")


def tabs_of(user: Any, known: list[View], current: str) -> list[Tab]:
    """The tabs, then what stands in the menu of more views; the current one is always a tab."""
    first = known[:MOST_VIEWS]
    first += [view for view in known[MOST_VIEWS:] if view.code == current]
    counts = counts_of(user, first)
    home = reverse("desk:home")
    return [
        Tab(
            view.code,
            view.label,
            counts.get(view.code, ""),
            f"{home}?view={view.code}",
            view.code == current,
            view.code not in counts,
        )
        for view in [*first, *(view for view in known if view.code not in counts)]
    ]
