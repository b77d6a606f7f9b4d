"""The configuration form of a connector and the field for its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SECRET_KEPT = "__huiyin_secret_kept__"  # noqa: S105
"""Stands in the form for a stored secret; sent back unchanged it means "leave it as it is"."""

REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)\Z", re.DOTALL)


class SecretInput(forms.PasswordInput):
    """A password box that shows the sentinel and never a value somebody typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "new-password", "spellcheck": "false", **(attrs or {})}, render_value=True)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Only the sentinel is ever rendered, also when the form comes back with errors."""
        return super().get_context(name, SECRET_KEPT if value == SECRET_KEPT else None, attrs)


class SecretField(forms.CharField):
    """A credential, or a reference to one: `env:NAME` or `file:/path`.

    Cleans to the new value, to `SECRET_KEPT` when the stored one stays, to "" when it shall be removed.
    """

    widget = SecretInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("strip", False)
        options.setdefault("max_length", 16384)
        super().__init__(**options)

    def validate(self, value: str) -> None:
        """A reference must be complete; whether it leads anywhere is found out by the connection test."""
        super().validate(value)
        if value.startswith(("env:", "file:")) and not REFERENCE.match(value):
            raise ValidationError(_("Write a reference as env:NAME or file:/absolute/path."), code="bad_reference")


class ConfigForm(forms.Form):
    """Base of every `config_form`. The host passes the names of secrets already stored; values never come
    back. It is made, checked and drawn in a plugin thread: no database, no network.

    `groups` are headings with the names of their fields; `only_when` says for a field which other field must have
    one of which values for it to matter, like `{"imap_host": ("transport", "imap_smtp")}`.
    """

    groups: ClassVar[Sequence[tuple[Any, Sequence[str]]]] = ()
    only_when: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init__(self, *args: Any, stored_secrets: Iterable[str] = (), **options: Any) -> None:
        self.stored_secrets = frozenset(stored_secrets)
        options["initial"] = {
            **(options.get("initial") or {}),
            **dict.fromkeys(self.stored_secrets, SECRET_KEPT),
        }
        super().__init__(*args, **options)

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        """Names of the fields that hold secrets."""
        return tuple(name for name, field in cls.base_fields.items() if isinstance(field, SecretField))

    def _clean_fields(self) -> None:
        super()._clean_fields()
        for name in self.secret_names():
            if self.cleaned_data.get(name) == SECRET_KEPT and name not in self.stored_secrets:
                del self.cleaned_data[name]
                self.add_error(name, ValidationError(_("Nothing is stored here yet."), code="nothing_kept"))

    def secrets(self) -> dict[str, str]:
        """Cleaned secrets, with `SECRET_KEPT` for those that stay."""
        return {name: self.cleaned_data[name] for name in self.secret_names() if name in self.cleaned_data}

    def plain(self) -> dict[str, Any]:
        """Cleaned values without the secrets: what is stored as the account's configuration."""
        hidden = set(self.secret_names())
        return {name: value for name, value in self.cleaned_data.items() if name not in hidden}
