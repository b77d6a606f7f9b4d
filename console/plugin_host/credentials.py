"""Secrets of connector instances: in through forms, out only to the connector itself.

Nothing here is listed, exported, put into an event or logged; an event says which field changed and who did
it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import transaction

from console.events import Actor, emit
from console.foundation import crypto
from console.plugin_api.forms import REFERENCE, SECRET_KEPT

from .models import ConnectorCredential

MAX_FILE = 64 * 1024
HOUSE_NAMES = frozenset({"SECRET_KEY", "HUIYIN_KEYS", "DATABASE_URL", "REDIS_URL"})
STREAM = "configuration"


class CannotResolve(Exception):
    """A stored reference leads nowhere, or somewhere it may not. `field` names the form field."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def store(instance_ref: str, values: Mapping[str, str], actor: Actor) -> list[str]:
    """Keep what a form's `secrets()` gave: the sentinel leaves a secret as it is, "" removes it.

    Returns the names that changed and writes one event for them, without any value.
    """
    changed = []
    with transaction.atomic():
        for field, value in values.items():
            if value != SECRET_KEPT and _put(instance_ref, field, value, actor):
                changed.append(field)
        if changed:
            emit(
                STREAM,
                "credential.changed",
                {"instance": instance_ref, "fields": changed, "key_id": crypto.current_key_id()},
                actor=actor,
            )
    return changed


def _put(instance_ref: str, field: str, value: str, actor: Actor) -> bool:
    rows = ConnectorCredential.objects.filter(instance=instance_ref, field=field)
    if value == "":
        return bool(rows.delete()[0])
    ConnectorCredential.objects.update_or_create(
        instance=instance_ref,
        field=field,
        defaults={"ciphertext": value, "key_id": crypto.current_key_id(), "changed_by": str(actor)[:150]},
    )
    return True


def stored_names(instance_ref: str) -> frozenset[str]:
    """Which secrets are stored, for the form's sentinel."""
    return frozenset(ConnectorCredential.objects.filter(instance=instance_ref).values_list("field", flat=True))


def read(instance_ref: str) -> dict[str, str]:
    """Clear secrets with references followed, for the connector alone. Raises CannotResolve."""
    rows = ConnectorCredential.objects.filter(instance=instance_ref)
    return resolve({row.field: str(row.ciphertext) for row in rows})


def resolve(values: Mapping[str, str]) -> dict[str, str]:
    """Follow `env:` and `file:` references. Raises CannotResolve for the first that leads nowhere."""
    return {field: _follow(field, value) for field, value in values.items()}


def _follow(field: str, value: str) -> str:
    if not REFERENCE.match(value):
        return value
    kind, _, target = value.partition(":")
    return _from_environment(field, target) if kind == "env" else _from_file(field, target)


def _from_environment(field: str, name: str) -> str:
    if name in HOUSE_NAMES:
        raise CannotResolve(field, f"env:{name} belongs to the house and is not lent")
    if name not in os.environ:
        raise CannotResolve(field, f"env:{name} is not set")
    return os.environ[name]


def _from_file(field: str, target: str) -> str:
    path = Path(target).resolve()
    if path.is_relative_to(Path(settings.HUIYIN_HOME).resolve() / "secrets"):
        raise CannotResolve(field, f"file:{target} belongs to the house and is not lent")
    try:
        with path.open("rb") as source:
            raw = source.read(MAX_FILE + 1)
        if len(raw) > MAX_FILE:
            raise CannotResolve(field, f"file:{target} is larger than {MAX_FILE} bytes")
        return raw.decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotResolve(field, f"file:{target}: {type(error).__name__}") from error


def forget(instance_ref: str, actor: Actor) -> int:
    """Remove every secret of an instance that is deleted."""
    names = sorted(stored_names(instance_ref))
    store(instance_ref, dict.fromkeys(names, ""), actor)
    return len(names)


def rotate() -> int:
    """Bring every secret under the newest key; safe to repeat and to stop. Returns the number rewritten."""
    current = crypto.current_key_id()
    stale = ConnectorCredential.objects.exclude(key_id=current)
    changed = 0
    for row in stale.iterator(chunk_size=200):
        clear = str(row.ciphertext)
        same = ConnectorCredential.objects.filter(pk=row.pk, key_id=row.key_id, changed_at=row.changed_at)
        changed += same.update(ciphertext=clear, key_id=current)
    return changed
