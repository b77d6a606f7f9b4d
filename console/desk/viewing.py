"""Saved views as people keep them: whose is whose, who may change which, in which order they stand."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from console.lowcode.models import SavedView
from console.lowcode.services.views import save_view
from console.staff.access import access_of, as_actor, can
from console.staff.models import Team
from console.staff.services import set_preferences

from .queues import CASE, SORTS

ORDERS = {
    "next_due_at": _("What breaches first"),
    "-opened_at": _("Newest first"),
    "-resolved_at": _("Recently resolved first (shows resolved cases only)"),
}
MINE, EVERYONE, KEPT = "me", "everyone", "as-it-is"


def open_to(user: Any, *, active: bool = True) -> QuerySet[SavedView]:
    """Views of cases this person has at the desk; what somebody keeps for themselves is theirs, whatever one's rank."""
    shared = Q(owner=user) | ~Q(shared=SavedView.Shared.NOBODY)
    return SavedView.objects.visible_to(user).filter(shared, subject=CASE, active=active)


def mine(user: Any) -> list[SavedView]:
    """Every view this person may choose, in the order they like; one query."""
    rows = list(open_to(user))
    places = {pk: place for place, pk in enumerate(getattr(user, "view_order", None) or [])}
    return sorted(rows, key=lambda row: places.get(row.pk, len(places)))


def may_share(user: Any) -> bool:
    return can(user, "view.share")


def may_edit(user: Any, view: SavedView) -> bool:
    """Their own; and what is shared, for those who share views."""
    return view.owner_id == user.pk or (view.shared != SavedView.Shared.NOBODY and may_share(user))


def copied(user: Any, view: SavedView) -> SavedView:
    """A view of their own that begins as another's."""
    fresh = SavedView(
        subject=CASE,
        name_zh=f"{view.name_zh}（副本）"[:60],
        name_en=f"{view.name_en} (copy)"[:60],
        tree=view.tree,
        sort=view.sort,
        owner=user,
    )
    return save_view(fresh, as_actor(user))


def move(user: Any, pk: int, step: int) -> None:
    """One place up or down in this person's order; other people's stays."""
    order = [row.pk for row in mine(user)]
    if pk not in order:
        return
    here = order.index(pk)
    there = max(0, min(len(order) - 1, here + step))
    order.insert(there, order.pop(here))
    set_preferences(user, view_order=order)


def teams_of(user: Any) -> list[Team]:
    """The teams one may share with: one's own, or all one leads."""
    own = {grant.team_id for grant in access_of(user).current("view.share") if grant.team_id}
    return list(Team.objects.visible_to(user, "view.share").filter(is_active=True)) if own or user.is_superuser else []


@dataclass(frozen=True)
class Seen:
    """To whom a view is shown, as one choice of the form."""

    shared: str
    shared_with: list[str]


def seen_by(choice: str, view: SavedView) -> Seen:
    if choice == EVERYONE:
        return Seen(SavedView.Shared.EVERYONE, [])
    if choice.startswith("team:"):
        return Seen(SavedView.Shared.SOME, [choice])
    if choice == KEPT:
        return Seen(view.shared, view.shared_with)
    return Seen(SavedView.Shared.NOBODY, [])


def choice_of(view: SavedView, offered: list[str]) -> str:
    """The choice a view stands at; several roles or teams are kept as they are."""
    if view.shared == SavedView.Shared.EVERYONE:
        return EVERYONE
    if view.shared == SavedView.Shared.SOME:
        only = view.shared_with[0] if len(view.shared_with) == 1 else ""
        return only if only in offered else KEPT
    return MINE


class ViewForm(forms.Form):
    """Name, order and readers of a view; its condition is read beside it (asking)."""

    name = forms.CharField(label=_("Name"), max_length=60)
    other_name = forms.CharField(
        label=_("Name in the other language"), max_length=60, required=False, help_text=_("Empty: the same.")
    )
    sort = forms.ChoiceField(label=_("Order"), choices=list(ORDERS.items()))
    seen = forms.ChoiceField(label=_("Who sees it"), required=False)

    def __init__(self, user: Any, view: SavedView, data: Any = None) -> None:
        self.user, self.view = user, view
        offered = [(MINE, _("Only me"))] if view.owner_id == user.pk else []
        if may_share(user):
            offered += [(f"team:{team.pk}", team.label) for team in teams_of(user)] + [(EVERYONE, _("Everyone"))]
        at = choice_of(view, [code for code, _label in offered])
        if at == KEPT:
            offered.append((KEPT, _("Some roles or teams, as it is")))
        chinese = self.chinese
        super().__init__(
            data,
            initial={
                "name": view.name_zh if chinese else view.name_en,
                "other_name": view.name_en if chinese else view.name_zh,
                "sort": view.sort[0] if view.sort and view.sort[0] in SORTS else "next_due_at",
                "seen": at,
            },
        )
        self.fields["seen"].choices = offered
        if len(offered) < 2:
            del self.fields["seen"]

    @property
    def chinese(self) -> bool:
        return (get_language() or "").startswith("zh")

    def save(self, tree: dict) -> SavedView:
        """Write the view. Raises ValidationError for a condition that is not finished."""
        view, values = self.view, self.cleaned_data
        names = [values["name"], values["other_name"] or values["name"]]
        view.name_zh, view.name_en = names if self.chinese else reversed(names)
        view.tree, view.sort = tree, [values["sort"]]
        if values.get("seen"):
            seen = seen_by(values["seen"], view)
            view.shared, view.shared_with = seen.shared, seen.shared_with
        return save_view(view, as_actor(self.user))
