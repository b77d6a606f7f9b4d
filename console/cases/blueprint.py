"""This room's part of a blueprint: calendars, category trees, grade scales, case types, intake rules."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.channels.models import ChannelAccount
from console.foundation.models import BusinessCalendar, CalendarDay
from console.lowcode import conditions
from console.lowcode.blueprints.registry import Problem, register_section
from console.staff.models import Team

from . import config
from .models import CaseType, CaseTypeVersion, CategoryTree, GradeScale, IntakeRule
from .services import editions, versions
from .services.base import CaseError
from .subjects import MESSAGE

REASON = "blueprint"


def register() -> None:
    """Called from AppConfig.ready()."""
    register_section("calendars", 20, export_calendars, apply_calendars, label=gettext_lazy("business calendars"))
    register_section("category_trees", 30, export_trees, apply_trees, label=gettext_lazy("category trees"))
    register_section("grade_scales", 45, export_scales, apply_scales, label=gettext_lazy("grade scales"))
    register_section("case_types", 40, export_types, apply_types, check_types, label=gettext_lazy("case types"))
    register_section(
        "intake_rules", 60, export_rules, apply_rules, check_rules, label=gettext_lazy("intake rules"), key="name"
    )


CALENDAR = ("code", "name", "time_zone", "weekly_hours", "country")


def export_calendars() -> list[dict[str, Any]]:
    found = []
    for row in BusinessCalendar.objects.order_by("code"):
        days = row.days.filter(source=CalendarDay.Source.MANUAL).order_by("date")
        entry = {name: getattr(row, name) for name in CALENDAR}
        if days:
            entry["days"] = [
                {"date": day.date.isoformat(), "kind": day.kind, "name": day.name}
                | ({"hours": day.hours} if day.hours else {})
                for day in days
            ]
        found.append(entry)
    return found


def apply_calendars(data: list[dict[str, Any]], actor: Any, reason: str = REASON) -> None:
    """Make the calendars; public holidays of this and the next year are loaded for a new one."""
    from datetime import date

    from console.foundation.calendars import services as calendars

    for item in data:
        row, fresh = BusinessCalendar.objects.get_or_create(code=item["code"])
        for name in CALENDAR[1:]:
            setattr(row, name, item.get(name, getattr(row, name)))
        row.full_clean()
        row.save()
        if fresh and row.country:
            _load_holidays(row)
        for day in item.get("days", []):
            calendars.set_day(row, date.fromisoformat(day["date"]), day["kind"], day.get("hours"), day.get("name", ""))
        calendars.touch(row)


def _load_holidays(calendar: BusinessCalendar) -> None:
    from django.utils import timezone

    from console.foundation.calendars.services import load_public_holidays

    year = timezone.localdate().year
    for wanted in (year - 1, year, year + 1):
        load_public_holidays(calendar, wanted)


def export_trees() -> list[dict[str, Any]]:
    rows = CategoryTree.objects.filter(state="active").order_by("code")
    return [editions.read_tree(row) for row in rows]


def apply_trees(data: list[dict[str, Any]], actor: Any, reason: str = REASON) -> None:
    """A new edition of every tree that differs from the active one."""
    standing = {item["code"]: item for item in export_trees()}
    for item in data:
        if standing.get(item["code"]) == item:
            continue
        tree = editions.new_edition(CategoryTree, item["code"], item["name"], item.get("name_en", ""), actor)
        editions.write_tree(tree, item)
        editions.activate(tree, actor, reason or REASON)


def export_scales() -> list[dict[str, Any]]:
    rows = GradeScale.objects.filter(state="active").order_by("code")
    return [editions.read_scale(row) for row in rows]


def apply_scales(data: list[dict[str, Any]], actor: Any, reason: str = REASON) -> None:
    """A new edition of every scale that differs from the active one."""
    standing = {item["code"]: item for item in export_scales()}
    for item in data:
        if standing.get(item["code"]) == item:
            continue
        scale = editions.new_edition(GradeScale, item["code"], item["name"], item.get("name_en", ""), actor)
        editions.write_scale(scale, item)
        editions.activate(scale, actor, reason or REASON)


def export_types() -> list[dict[str, Any]]:
    rows = CaseTypeVersion.objects.filter(state="active").select_related("type", "calendar").order_by("type__order")
    latest = {row.type_id: row for row in rows.order_by("type__order", "type__code", "number")}
    return [_type_head(row.type) | versions.read(row) for row in latest.values()]


def _type_head(row: CaseType) -> dict[str, Any]:
    head = {"code": row.code, "name": row.name, "name_en": row.name_en}
    return head | ({"description": row.description} if row.description else {})


HEAD = ("name", "name_en", "description")


def apply_types(data: list[dict[str, Any]], actor: Any, reason: str = REASON) -> None:
    """A new, active version of every type that differs from its active one. Raises ValidationError."""
    standing = {item["code"]: item for item in export_types()}
    for place, item in enumerate(data, 1):
        if standing.get(item["code"]) == item:
            continue
        case_type, _fresh = CaseType.objects.get_or_create(code=item["code"], defaults={"order": place * 10})
        for name in HEAD:
            setattr(case_type, name, item.get(name, ""))
        case_type.save()
        content = {key: value for key, value in item.items() if key not in ("code", *HEAD)}
        _new_version(case_type, content, actor, reason or REASON)


def _new_version(case_type: CaseType, content: dict[str, Any], actor: Any, reason: str) -> None:
    latest = case_type.versions.order_by("-number").first()
    try:
        draft = CaseTypeVersion(type=case_type, number=latest.number + 1 if latest else 1)
        draft.save()
        versions.write(draft, content)
        versions.activate(draft, actor, reason)
    except CaseError as error:
        raise ValidationError(f"{case_type.code}: {error.text}") from error


def check_types(data: list[dict[str, Any]]) -> list[Problem]:
    """Entries a type does not have; what only the whole can show is found when it is activated."""
    found = []
    known = {"code", *HEAD, "calendar", *versions.PLAIN, *versions.PARTS}
    for item in data:
        place = str(item.get("code", ""))
        found += [Problem(f"{place}.{name}", _("There is no such entry.")) for name in sorted(set(item) - known)]
        for part, model in versions.PARTS.items():
            found += _row_problems(f"{place}.{part}", model, item.get(part, []))
    return found


def _row_problems(place: str, model: Any, rows: Any) -> list[Problem]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [Problem(place, _("This is a list of entries."))]
    return [
        Problem(f"{place}.{row.get('code', number)}.{name}", _("There is no such entry."))
        for number, row in enumerate(rows, 1)
        for name in row
        if not _has_field(model, name)
    ]


def _has_field(model: Any, name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def export_rules() -> list[dict[str, Any]]:
    return [_rule(row) for row in IntakeRule.objects.select_related("account", "type", "team")]


def _rule(row: IntakeRule) -> dict[str, Any]:
    found: dict[str, Any] = {"name": row.name, "type": row.type.code}
    optional = {
        "account": row.account.address or row.account.name if row.account else "",
        "team": row.team.code if row.team else "",
        "condition": row.condition,
        "grade": row.grade,
    }
    return found | {name: value for name, value in optional.items() if value}


def apply_rules(data: list[dict[str, Any]], actor: Any, reason: str = REASON) -> None:
    """Make the rules in the order given; an account or team that is not here (yet) leaves the rule open to all."""
    for place, item in enumerate(data, 1):
        account = item.get("account", "")
        found = (
            ChannelAccount.objects.filter(address=account).first()
            or ChannelAccount.objects.filter(name=account).first()
        )
        if account and found is None:
            raise ValidationError(_("There is no channel account %(name)s.") % {"name": account})
        IntakeRule.objects.update_or_create(
            name=item["name"],
            defaults={
                "order": place * 10,
                "type": CaseType.objects.get(code=item["type"]),
                "account": found,
                "team": Team.objects.filter(code=item.get("team", "")).first(),
                "condition": item.get("condition", {}),
                "grade": item.get("grade"),
                "is_active": True,
            },
        )
    config.forget()


def check_rules(data: list[dict[str, Any]]) -> list[Problem]:
    found = []
    for item in data:
        try:
            conditions.parse(item.get("condition") or {}, MESSAGE)
        except conditions.ConditionRefused as refused:
            found += [Problem(str(item.get("name", "")), text) for text in refused.messages]
    return found
