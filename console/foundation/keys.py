"""Moving everything encrypted to the newest key, in batches that can stop and go on at any time."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from . import crypto
from .fields import EncryptedField, Sealed
from .models import KeyRotation

BATCH = 200


@dataclass(frozen=True)
class Column:
    """One encrypted column of one table."""

    model: type[models.Model]
    field: EncryptedField

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"


Rotate = Callable[[], int]
_others: dict[str, Rotate] = {}


def register_rotation(name: str, rotate: Rotate) -> None:
    """Called from AppConfig.ready() by rooms that keep tokens outside encrypted fields (files in the vault).

    `rotate()` moves everything to the newest key, is safe to run again, and returns how many it changed.
    """
    _others[name] = rotate


def columns() -> Iterator[Column]:
    for model in apps.get_models():
        if model._meta.proxy or not model._meta.managed:
            continue
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedField):
                yield Column(model, field)


def rotate_column(column: Column, progress: Callable[[KeyRotation], None] = lambda state: None) -> int:
    """Bring one column to the newest key, going on where an earlier run stopped. Returns rows changed."""
    key_id = crypto.current_key_id()
    state, _ = KeyRotation.objects.get_or_create(column=column.name, key_id=key_id)
    if state.finished_at:
        # Run again on purpose: a process that had not seen the new key yet may have written with the old one.
        state.last_pk, state.rows, state.finished_at = "", 0, None
        state.save()
    changed = 0
    while True:
        seen, moved = _batch(column, state)
        changed += moved
        if not seen:
            break
        progress(state)
    KeyRotation.objects.filter(pk=state.pk).update(finished_at=timezone.now())
    return changed


def _batch(column: Column, state: KeyRotation) -> tuple[int, int]:
    """One batch and the note how far it came, in one transaction."""
    rows = column.model._base_manager.order_by("pk").values_list("pk", column.field.attname)
    if state.last_pk:
        rows = rows.filter(pk__gt=column.model._meta.pk.to_python(state.last_pk))
    with transaction.atomic():
        batch = list(rows.select_for_update()[:BATCH])
        moved = sum(_move(column, key, value) for key, value in batch if isinstance(value, Sealed))
        if batch:
            last = batch[-1][0]
            state.last_pk = last.hex if isinstance(last, uuid.UUID) else str(last)
            state.rows += len(batch)
            state.save(update_fields=["last_pk", "rows"])
    return len(batch), moved


def _move(column: Column, key: object, value: Sealed) -> int:
    token = crypto.rotate(value.token)
    if token == value.token:
        return 0
    sealed = Sealed(token, value.load)
    return column.model._base_manager.filter(pk=key).update(**{column.field.attname: sealed})


def rotate_all(progress: Callable[[KeyRotation], None] = lambda state: None) -> dict[str, int]:
    """Every column of every room, then what rooms registered themselves. Returns changed rows by name."""
    done = {column.name: rotate_column(column, progress) for column in columns()}
    return done | {name: rotate() for name, rotate in _others.items()}
