"""What may go out, and touchpoints, in blueprints. Accounts and their secrets stay where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.lowcode.blueprints import Problem, register_section

from .models import AttachmentRule, BankDomain, BannedWord, PolicyRule, Touchpoint


@dataclass(frozen=True)
class Rows:
    """One model as a section: its rows told apart by `key`, and the fields that travel."""

    model: type[models.Model]
    key: Callable[[models.Model], str]
    find: Callable[[dict[str, Any]], dict[str, Any]]
    fields: tuple[str, ...]
    chosen: Callable[[], models.QuerySet]

    def export(self) -> list[dict[str, Any]]:
        return [{"key": self.key(row), **self._values(row)} for row in self.chosen().order_by("pk")]

    def apply(self, data: list[dict[str, Any]], actor: Any, reason: str = "") -> None:
        for item in data:
            row = self.model.objects.filter(**self.find(item)).first() or self.model()
            before = self._values(row)
            if self._values(self._fill(row, item)) != before or not row.pk:
                row.save()

    def validate(self, data: list[dict[str, Any]]) -> list[Problem]:
        found = []
        for item in data:
            place = str(item.get("key", "")) if isinstance(item, dict) else ""
            if not isinstance(item, dict) or set(item) - {"key", *self.fields}:
                found.append(Problem(place, _("There is no such entry.")))
                continue
            try:
                row = self._fill(self.model(), item)
                row.clean_fields()
            except (ValidationError, ValueError, TypeError) as error:
                found.append(Problem(place, "; ".join(getattr(error, "messages", [str(error)]))))
        return found

    def _values(self, row: models.Model) -> dict[str, Any]:
        return {name: _plain(getattr(row, name)) for name in self.fields}

    def _fill(self, row: models.Model, item: dict[str, Any]) -> models.Model:
        for name in self.fields:
            if name in item:
                setattr(row, name, self.model._meta.get_field(name).to_python(item[name]))
        return row


def _plain(value: Any) -> Any:
    return value.strftime("%H:%M") if isinstance(value, time) else value


RULE_FIELDS = (
    "send_class", "channel_kind", "quiet_from", "quiet_to", "quiet_action", "needs_consent", "max_length",
    "others_data", "new_recipient", "give_up_minutes", "active",
)  # fmt: skip
SECTIONS = {
    "touchpoints": (
        10,
        gettext_lazy("touchpoints"),
        Rows(
            Touchpoint,
            lambda row: row.code,
            lambda item: {"code": item["code"]},
            ("code", "name", "active"),
            Touchpoint.objects.all,
        ),
    ),
    "sending_rules": (
        60,
        gettext_lazy("sending rules"),
        Rows(
            PolicyRule,
            lambda row: f"{row.send_class}:{row.channel_kind}",
            lambda item: {"send_class": item["send_class"], "channel_kind": item.get("channel_kind", "")},
            RULE_FIELDS,
            PolicyRule.objects.all,
        ),
    ),
    "banned_words": (
        61,
        gettext_lazy("banned words"),
        Rows(
            BannedWord,
            lambda row: row.word,
            lambda item: {"word": item["word"]},
            ("word", "action", "channel_kind", "reason", "active"),
            BannedWord.objects.all,
        ),
    ),
    "bank_domains": (
        62,
        gettext_lazy("domains of the bank"),
        Rows(
            BankDomain,
            lambda row: row.domain,
            lambda item: {"domain": item["domain"]},
            ("domain", "active"),
            BankDomain.objects.all,
        ),
    ),
    "attachment_rules": (
        63,
        gettext_lazy("attachment rules"),
        Rows(
            AttachmentRule,
            lambda row: "out" if row.outbound else "in",
            lambda item: {"account": None, "outbound": item.get("outbound", False)},
            ("outbound", "max_bytes", "allowed_types", "blocked_types"),
            lambda: AttachmentRule.objects.filter(account=None),
        ),
    ),
}


def register() -> None:
    """Called from ready()."""
    for name, (order, label, rows) in SECTIONS.items():
        register_section(name, order, rows.export, rows.apply, rows.validate, label=label, key="key")
