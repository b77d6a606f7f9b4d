"""Every permission of the product: what it is called, which shipped roles hold it, which admin doors it opens.

A permission is a code like "case.work". Roles hold permissions through rows (models.RolePermission) that people
edit in the hub; the defaults here only fill rows that do not exist yet. `doors` are Django model permissions
("app.action_model", with * as wildcard), so Django's and Wagtail's admin ask the same table.

Rooms above this one add their own with `register` (a new code) or `open_doors` (more models behind a known
code), at import time of their apps.ready().
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


class UnknownPermission(LookupError):
    """Code asked for a permission nobody registered: a slip of the keyboard, so it is loud."""


@dataclass(frozen=True)
class Permission:
    """One permission as shipped."""

    code: str
    label: Text
    roles: frozenset[str]
    doors: tuple[str, ...] = ()

    @property
    def by_rank(self) -> bool:
        """Whether administrators hold it for being administrators; to see personal values one needs a role."""
        return "administrator" in self.roles

    @property
    def group(self) -> str:
        return self.code.partition(".")[0]


_known: dict[str, Permission] = {}


def register(
    code: str,
    label: Text,
    *,
    roles: Iterable[str] = (),
    doors: Iterable[str] = (),
    administrator: bool = True,
) -> Permission:
    """Add a permission, or replace one that is known.

    The administrator role holds every permission but those that show personal values in clear.
    """
    holders = frozenset(roles) | ({"administrator"} if administrator else frozenset())
    permission = Permission(code, label, holders, tuple(doors))
    _known[code] = permission
    return permission


def open_doors(code: str, *doors: str) -> None:
    """Let holders of `code` through more admin doors, e.g. open_doors("case.view", "cases.view_case")."""
    known = get(code)
    _known[code] = replace(known, doors=(*known.doors, *doors))


def get(code: str) -> Permission:
    """The permission of this code. Raises UnknownPermission."""
    try:
        return _known[code]
    except KeyError:
        raise UnknownPermission(f"no permission {code!r}; known: {', '.join(sorted(_known))}") from None


def all_permissions() -> list[Permission]:
    return sorted(_known.values(), key=lambda permission: permission.code)


def doors(code: str) -> tuple[str, ...]:
    """Admin doors of a permission; none for a code of a plugin or a release that is gone."""
    known = _known.get(code)
    return known.doors if known else ()


def can(user: Any, permission: str, obj: Any = None) -> bool:
    """See access.can; here for whoever knows only the table."""
    from .access import can as answer

    return answer(user, permission, obj)
