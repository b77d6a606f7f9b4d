"""Templates in blueprints."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.cases.models import CaseType
from console.lowcode.blueprints.registry import Problem, register_section
from console.staff.models import Team

from .models import SurveyRule, Template, TemplateText
from .rendering import unknown_variables
from .services import SYSTEM, activate_template

HEAD = ("name", "name_en", "send_class", "channel_kinds")
LANGUAGES = [code for code, _name in settings.LANGUAGES]


SURVEY = ("is_active", "reasons", "hours_after", "valid_days", "low_score", "low_grade")


def register() -> None:
    """Called from AppConfig.ready()."""
    register_section(
        "surveys", 75, export_surveys, apply_surveys, check_surveys, label=gettext_lazy("surveys"), key="type"
    )
    register_section("templates", 50, export, apply, validate, label=gettext_lazy("message templates"), key="key")


def export_surveys() -> list[dict[str, Any]]:
    rows = SurveyRule.objects.select_related("type", "low_type", "low_team")
    return [_survey(row) for row in rows]


def _survey(row: SurveyRule) -> dict[str, Any]:
    named = {
        "low_type": row.low_type.code if row.low_type else "",
        "low_team": row.low_team.code if row.low_team else "",
    }
    values = {name: getattr(row, name) for name in SURVEY} | named
    return {"type": row.type.code} | {name: value for name, value in values.items() if value not in (None, "", [])}


def apply_surveys(data: list[dict[str, Any]], actor: Any, reason: str = "") -> None:
    """Make the rules; a team that is not here leaves the case to the team of the one that was rated."""
    types = CaseType.objects.in_bulk(field_name="code")
    for item in data:
        row = SurveyRule.objects.filter(type=types[item["type"]]).first() or SurveyRule(type=types[item["type"]])
        for name in SURVEY:
            setattr(row, name, item.get(name, SurveyRule._meta.get_field(name).get_default()))
        row.low_type = types.get(item.get("low_type", ""))
        row.low_team = Team.objects.filter(code=item.get("low_team", "")).first()
        row.save()


def check_surveys(data: list[dict[str, Any]]) -> list[Problem]:
    found = []
    for item in data:
        place = str(item.get("type", "")) if isinstance(item, dict) else ""
        if not isinstance(item, dict) or set(item) - {"type", "low_type", "low_team", *SURVEY}:
            found.append(Problem(place, _("There is no such entry.")))
            continue
        try:
            row = SurveyRule(**{name: item[name] for name in SURVEY if name in item})
            row.clean_fields(exclude=["type", "low_type", "low_team"])
            row.clean()
        except ValidationError as error:
            found.append(Problem(place, "; ".join(error.messages)))
    return found


def export() -> list[dict[str, Any]]:
    rows = Template.objects.filter(state="active").prefetch_related("texts").order_by("code", "number")
    return [_entry(row) for row in rows]


def _entry(row: Template) -> dict[str, Any]:
    head = {name: getattr(row, name) for name in HEAD if getattr(row, name)}
    texts = {text.language: {"subject": text.subject, "body": text.body} for text in row.texts.all()}
    return {"key": _key(row.code, row.channel_kinds), "code": row.code, **head, "texts": texts}


def _key(code: str, kinds: list[str]) -> str:
    return f"{code}:{'+'.join(sorted(kinds))}" if kinds else code


def apply(data: list[dict[str, Any]], actor: Any, reason: str = "") -> None:
    """A new, active edition of every template that differs."""
    standing = {item["key"]: item for item in export()}
    for item in data:
        if standing.get(item["key"]) == item:
            continue
        latest = Template.objects.filter(code=item["code"]).order_by("-number").first()
        row = Template.objects.create(
            code=item["code"],
            number=latest.number + 1 if latest else 1,
            **{name: item[name] for name in HEAD if name in item},
        )
        for language, text in item["texts"].items():
            TemplateText.objects.create(template=row, language=language, **text)
        activate_template(row, actor or SYSTEM, reason or "blueprint")


def validate(data: list[dict[str, Any]]) -> list[Problem]:
    found = []
    for item in data:
        key, texts = str(item.get("key", "")), item.get("texts")
        extra = sorted(set(item) - {"key", "code", "texts", *HEAD})
        found += [Problem(f"{key}.{name}", _("There is no such entry.")) for name in extra]
        if not isinstance(texts, dict) or "zh-hans" not in texts:
            found.append(Problem(key, _("A template needs its Chinese text.")))
            continue
        for language, text in texts.items():
            found += _text_problems(f"{key}.{language}", language, text)
    return found


def _text_problems(place: str, language: str, text: Any) -> list[Problem]:
    if language not in LANGUAGES or not isinstance(text, dict) or set(text) - {"subject", "body"}:
        return [Problem(place, _("A text has a language of this product, a subject and a body."))]
    unknown = unknown_variables(f"{text.get('subject', '')}\n{text.get('body', '')}")
    return [Problem(place, _("There is no variable %(names)s.") % {"names": name}) for name in unknown]
