"""Who may see which rows: scopes, and the queryset that enforces them.

Imports no models, so any room's models.py may import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from typing import Self


class Reach(models.TextChoices):
    """How far a role sees. Every reach includes the narrower ones."""

    OWN = "own", _("own work")
    TEAM = "team", _("own team")
    SITE = "site", _("own site")
    EVERYTHING = "everything", _("everything")


@dataclass(frozen=True)
class Scope:
    """The rows somebody may see: everything, or these sites, these teams, and (own) what is theirs by name."""

    user_id: int | None = None
    sites: frozenset[int] = field(default_factory=frozenset)
    teams: frozenset[int] = field(default_factory=frozenset)
    own: bool = False
    everything: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.everything or self.own or self.sites or self.teams)


@dataclass(frozen=True)
class ScopeFields:
    """Where a model keeps its place. Paths are ORM look-ups; "self" is the row itself; "" means it has none.

    `shared_without_site`: rows that belong to no site are for everybody (reference data), not for nobody.
    """

    site: str = "site"
    team: str = "team"
    owners: tuple[str, ...] = ()
    shared_without_site: bool = False


def _path(name: str) -> str:
    return "pk" if name == "self" else name


def scope_q(fields: ScopeFields, scope: Scope) -> Q:
    """The scope as one condition. Never empty: a scope without rows gives a condition without rows."""
    if scope.everything:
        return Q()
    condition = Q(pk__in=[])
    if fields.site and scope.sites:
        condition |= Q(**{f"{_path(fields.site)}__in": sorted(scope.sites)})
    if fields.team and scope.teams:
        condition |= Q(**{f"{_path(fields.team)}__in": sorted(scope.teams)})
    if scope.own and scope.user_id is not None:
        for owner in fields.owners:
            condition |= Q(**{_path(owner): scope.user_id})
    if fields.shared_without_site and fields.site and not scope.nothing:
        condition |= Q(**{f"{fields.site}__isnull": True})
    return condition


def fields_of(model: type[models.Model]) -> ScopeFields:
    """A model's `scope_fields`; without them, its own `site`, `team` and `owner`/`assignee` columns."""
    declared = getattr(model, "scope_fields", None)
    if declared is not None:
        return declared
    names = {item.name for item in model._meta.get_fields()}
    return ScopeFields(
        site="site" if "site" in names else "",
        team="team" if "team" in names else "",
        owners=tuple(name for name in ("owner", "assignee") if name in names),
    )


_hidden: dict[type[models.Model], Callable[[int], Iterable[models.QuerySet]]] = {}


def register_hidden(model: type[models.Model], keys: Callable[[int], Iterable[models.QuerySet]]) -> None:
    """Close single rows of a model to single people, whatever their reach and rank: a room above says which.

    `keys(user_id)` are queries of primary keys, never null. Called from AppConfig.ready().
    """
    _hidden[model] = keys


class ScopedQuerySet(models.QuerySet):
    """A queryset that knows who is asking.

    A model may declare `scope_fields` (ScopeFields) and `scope_permission` (the permission whose roles count);
    a subclass may override `also_visible` for rows that are open for another reason (a grant, an invitation).
    """

    def visible_to(self, user: Any, permission: str | None = None) -> Self:
        """Rows this user may see. Anonymous and inactive users see none."""
        from .access import scope_of

        code = permission or getattr(self.model, "scope_permission", None)
        scope, rows = scope_of(user, code), self.not_hidden_from(user)
        if scope.everything:
            return rows
        fields = fields_of(self.model)
        rows = rows.filter(scope_q(fields, scope) | self.also_visible(user, scope))
        return rows.distinct() if _multiplies(self.model, fields) else rows

    def not_hidden_from(self, user: Any) -> Self:
        """Without the rows closed to this person by name: for who has reached them by another right than scope."""
        rows, keys = self, _hidden.get(self.model)
        if keys is not None and getattr(user, "pk", None):
            for closed in keys(user.pk):
                rows = rows.exclude(pk__in=closed)
        return rows

    def also_visible(self, user: Any, scope: Scope) -> Q:
        """More rows, by a reason of the model's own. Default: none."""
        return Q(pk__in=[])


def is_hidden(obj: models.Model, user: Any) -> bool:
    """Whether this row is closed to this person by name."""
    if type(obj) not in _hidden:
        return False
    return not type(obj)._default_manager.filter(pk=obj.pk).not_hidden_from(user).exists()


def _multiplies(model: type[models.Model], fields: ScopeFields) -> bool:
    """Whether a path crosses a to-many relation, so that one row could come twice."""
    return any(_crosses_many(model, path) for path in (fields.site, fields.team, *fields.owners))


def _crosses_many(model: type[models.Model], path: str) -> bool:
    for part in path.split("__"):
        if part in ("", "self", "pk"):
            return False
        relation = model._meta.get_field(part)
        if relation.one_to_many or relation.many_to_many:
            return True
        if relation.related_model is None:
            return False
        model = relation.related_model
    return False
