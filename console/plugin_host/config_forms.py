"""A connector's configuration form, made, filled, checked and drawn in the guarded runner.

What comes back is plain data: fields drawn as HTML, errors, cleaned values. No object of the plugin's reaches the
page, so a form that raises, hangs or reaches for the database costs a message and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe

from console.plugin_api.forms import ConfigForm, SecretField

from . import credentials, loader, runner
from .instances import KIND
from .kinds import Entry
from .outcomes import Failure, Outcome
from .redact import Redactor


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field, drawn. `when` names another field and its values under which this one matters."""

    name: str
    id: str
    label: str
    html: SafeString
    help_text: str = ""
    required: bool = False
    checkbox: bool = False
    errors: tuple[str, ...] = ()
    when: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ConfigPage:
    """A form as it is shown, and what it holds when it is valid."""

    groups: tuple[tuple[str, tuple[ShownField, ...]], ...] = ()
    errors: tuple[str, ...] = ()
    valid: bool = False
    plain: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None

    @property
    def usable(self) -> bool:
        """False when the plugin gave no form: `outcome` says why."""
        return self.outcome is None

    @property
    def fields(self) -> Iterable[ShownField]:
        return (one for _, members in self.groups for one in members)

    def label_of(self, name: str) -> str:
        """How the form calls a field; "" when it has none of that name."""
        return next((one.label for one in self.fields if one.name == name), "")


def config_page(
    connector: str, ref: str, config: Mapping[str, Any], *, data: QueryDict | None = None, prefix: str = "config"
) -> ConfigPage:
    """The form of a connector for the account `ref` ("" for a new one), empty or filled with what was posted.

    Never raises for the plugin. Calls plugin code, so: outside transactions.
    """
    entry = loader.registry().of_kind(KIND).get(connector)
    if entry is None:
        return ConfigPage(outcome=Outcome(ok=False, failure=Failure.MISSING, error_class="missing"))
    stored = credentials.stored_names(ref) if ref else frozenset()
    mine = _mine(data, prefix)
    outcome = runner.call(
        entry.plugin,
        ref,
        "config_form",
        lambda: _fill(entry, dict(config), stored, mine, prefix),
        redactor=Redactor(_typed_secrets(entry, mine, prefix)),
        through_open=True,
    )
    return _page(outcome.value) if outcome.ok else ConfigPage(outcome=outcome)


def _mine(data: QueryDict | None, prefix: str) -> QueryDict | None:
    """Only what was posted for this form: the rest of the request is none of the plugin's business."""
    if data is None:
        return None
    mine = QueryDict(mutable=True)
    for name, values in data.lists():
        if name.startswith(f"{prefix}-"):
            mine.setlist(name, values)
    return mine


def _typed_secrets(entry: Entry, data: QueryDict | None, prefix: str) -> list[str]:
    """What somebody typed into secret fields, to be kept out of the record of a failure."""
    fields = entry.cls.config_form.base_fields if data is not None else {}
    names = [name for name, kind in fields.items() if isinstance(kind, SecretField)]
    return [value for name in names for value in data.getlist(f"{prefix}-{name}")]


def _fill(
    entry: Entry, config: dict[str, Any], stored: frozenset[str], data: QueryDict | None, prefix: str
) -> dict[str, Any]:
    """In the plugin's thread: the whole life of the form, its answer as JSON."""
    form = entry.cls.config_form(data=data, initial=config, stored_secrets=stored, prefix=prefix)
    valid = form.is_valid() if data is not None else False
    return {
        "groups": [[str(title), [_draw(form, name) for name in names]] for title, names in _groups(form)],
        "errors": [str(error) for error in form.non_field_errors()],
        "valid": valid,
        "plain": form.plain() if valid else {},
        "secrets": form.secrets() if valid else {},
    }


def _groups(form: ConfigForm) -> list[tuple[Any, list[str]]]:
    """The form's own groups; fields it put into none stand in front of them."""
    grouped = [(title, [name for name in names if name in form.fields]) for title, names in form.groups]
    placed = {name for _, names in grouped for name in names}
    rest = [name for name in form.fields if name not in placed]
    return [*([("", rest)] if rest else []), *grouped]


def _draw(form: ConfigForm, name: str) -> dict[str, Any]:
    bound = form[name]
    when = form.only_when.get(name)
    return {
        "name": name,
        "id": bound.id_for_label,
        "label": str(bound.label),
        "html": str(bound),
        "help_text": str(bound.help_text),
        "required": bool(bound.field.required),
        "checkbox": getattr(bound.field.widget, "input_type", "") == "checkbox",
        "errors": [str(error) for error in bound.errors],
        "when": [f"{form.prefix}-{when[0]}", " ".join(when[1:])] if when else None,
    }


def _page(made: dict[str, Any]) -> ConfigPage:
    return ConfigPage(
        groups=tuple((title, tuple(_field(one) for one in members)) for title, members in made["groups"]),
        errors=tuple(made["errors"]),
        valid=made["valid"],
        plain=made["plain"],
        secrets=made["secrets"],
    )


def _field(made: dict[str, Any]) -> ShownField:
    """The HTML was drawn by Django's own templates, which escape; the page's policy lets no script of it run."""
    drawn = made | {
        "html": mark_safe(made["html"]),  # noqa: S308
        "errors": tuple(made["errors"]),
        "when": tuple(made["when"]) if made["when"] else None,
    }
    return ShownField(**drawn)
