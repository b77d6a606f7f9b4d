"""Sites, teams, roles and the permission table in blueprints. People are never in one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.lowcode.blueprints import Problem, register_section

from . import permissions, services
from .models import Role, RolePermission, Site, Team
from .scopes import Reach

SITE = ("name", "name_en", "kind", "city", "time_zone", "calendar_code", "is_active")
TEAM = ("name", "name_en", "is_active")
ROLE = ("name", "name_en", "description", "reach", "idle_minutes")


def register() -> None:
    """Called from AppConfig.ready()."""
    register_section("sites", 5, export_sites, apply_sites, check_sites, label=gettext_lazy("sites and teams"))
    register_section("roles", 6, export_roles, apply_roles, check_roles, label=gettext_lazy("roles and permissions"))


def export_sites() -> list[dict[str, Any]]:
    sites = Site.objects.prefetch_related("teams").order_by("code")
    return [
        {"code": site.code, **_columns(site, SITE), "teams": [_team(team) for team in site.teams.all()]}
        for site in sites
    ]


def _team(team: Team) -> dict[str, Any]:
    return {"code": team.code, **_columns(team, TEAM)}


def _columns(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def apply_sites(data: list[dict[str, Any]], actor: Any = None, reason: str = "") -> None:
    """Make or change sites and teams; what the data does not mention stays."""
    for item in data:
        site = Site.objects.filter(code=item["code"]).first() or Site(code=item["code"])
        _save(site, {name: item[name] for name in SITE if name in item})
        for entry in item.get("teams", []):
            team = Team.objects.filter(code=entry["code"]).first() or Team(code=entry["code"])
            _save(team, {"site": site, **{name: entry[name] for name in TEAM if name in entry}})


def _save(place: Site | Team, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if place.pk is None or getattr(place, name) != value]
    for name in changed:
        setattr(place, name, values[name])
    if changed:
        services.save_place(None, place, changed)


def check_sites(data: list[dict[str, Any]]) -> list[Problem]:
    found = []
    for item in data:
        code = str(item.get("code", ""))
        found += _extra(code, item, {"code", "teams", *SITE})
        if not item.get("name"):
            found.append(Problem(code, _("A site needs a name.")))
        if item.get("kind", "centre") not in Site.Kind.values:
            found.append(Problem(f"{code}.kind", _("A site is a head office or a centre.")))
        for entry in item.get("teams", []):
            found += _extra(f"{code}.{entry.get('code', '')}", entry, {"code", *TEAM})
    if sum(item.get("kind") == Site.Kind.HEAD for item in data) > 1:
        found.append(Problem("", _("There is more than one head office.")))
    return found


def export_roles() -> list[dict[str, Any]]:
    cells = RolePermission.objects.filter(allowed=True).order_by("permission").values_list("role_id", "permission")
    held: dict[int, list[str]] = {}
    for role_id, code in cells:
        held.setdefault(role_id, []).append(code)
    roles = Role.objects.order_by("code")
    return [{"code": role.code, **_columns(role, ROLE), "permissions": held.get(role.pk, [])} for role in roles]


def apply_roles(data: list[dict[str, Any]], actor: Any = None, reason: str = "") -> None:
    """Make or change roles. With "permissions" given, the role holds exactly those."""
    for item in data:
        values = {name: item[name] for name in ROLE if name in item}
        role = Role.objects.filter(code=item["code"]).first()
        role = (
            services.update_role(None, role, **values) if role else services.create_role(None, item["code"], **values)
        )
        if "permissions" in item:
            wanted = set(item["permissions"])
            cells = {known.code: known.code in wanted for known in permissions.all_permissions()}
            services.set_permissions(None, role, cells)


def check_roles(data: list[dict[str, Any]]) -> list[Problem]:
    known = {permission.code for permission in permissions.all_permissions()}
    found = []
    for item in data:
        code = str(item.get("code", ""))
        found += _extra(code, item, {"code", "permissions", *ROLE})
        if item.get("reach", "own") not in Reach.values:
            found.append(Problem(f"{code}.reach", _("There is no such data scope.")))
        for wrong in sorted(set(item.get("permissions", [])) - known):
            found.append(Problem(f"{code}.permissions", _("There is no permission %(code)s.") % {"code": wrong}))
    return found


def _extra(place: str, item: dict[str, Any], allowed: set[str]) -> list[Problem]:
    return [Problem(f"{place}.{name}", _("There is no such entry.")) for name in sorted(set(item) - allowed)]
