"""More of everything: each row the near side has is copied, so that lists are long and pages have many lines.

A copy keeps its foreign keys, so that what hangs on a row becomes many; where a row may be there only once, the copy
hangs on the copy of its target.
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.db import models
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document

from cms.models import ArticlePage, ColumnPage

from .world import World, our_models

# Counted by the house itself, or one row by nature.
ALONE = {
    "foundation.NumberBlock",
    "foundation.PumpSlot",
    "foundation.SearchDocument",
    "plugin_host.HostStamp",
    "staff.RolePermission",
    "cms.HomePage",
    "cms.ColumnPage",
    "cms.ArticlePage",
    "cms.Brand",
    "cases.CategoryTree",
}
SUFFIX = "abcdefghijklmnopqrstuvwxyz"


def grow(world: World, times: int, round_: str) -> dict[str, int]:
    """Copy each row `times` times; answers how many rows each model has now."""
    models_ = [model for model in our_models() if model._meta.label not in ALONE]
    copies: dict[type[models.Model], list[models.Model]] = {}
    waiting = [(model, _pattern(world, model)) for model in models_]
    waiting = [(model, row) for model, row in waiting if row is not None]
    while waiting:
        ready = [
            (model, row) for model, row in waiting if _targets(model, row) <= (copies.keys() | _never(waiting, copies))
        ]
        assert ready, f"these hang on each other: {[model._meta.label for model, _row in waiting]}"
        for model, row in ready:
            rows = [_copy(model, row, f"{round_}{number}", number, copies) for number in range(times)]
            copies[model] = models.QuerySet(model).bulk_create(rows)
        waiting = [pair for pair in waiting if pair not in ready]
    _write(times, round_)
    return {model._meta.label: model._default_manager.count() for model in copies}


def _write(times: int, round_: str) -> None:
    """The help centre: a page is a place in a tree, so its copies are written like any other page."""
    column = ColumnPage.objects.earliest("pk")
    for number in range(times):
        name = f"{round_}{number}"
        beside = ColumnPage(title=f"银行卡{name}", slug=f"cards-{name}", locale=column.locale)
        column.get_parent().add_child(instance=beside)
        article = ArticlePage(title=f"挂失{name}", slug=f"lost-{name}", short_answer="请挂失。", locale=column.locale)
        column.add_child(instance=article)
        Document.objects.create(title=f"协议{name}", file=Document.objects.earliest("pk").file.name)
        Redirect.objects.create(old_path=f"/old-{name}", redirect_page=article)


def _pattern(world: World, model: type[models.Model]) -> models.Model | None:
    return world.near.rows.get(model._meta.model_name) or model._default_manager.order_by("pk").first()


def _never(waiting: list[Any], copies: dict[Any, Any]) -> set[Any]:
    """Targets that are not copied at all; a copy then keeps the original."""
    return {
        field.related_model for model in our_models() for field in model._meta.concrete_fields if field.is_relation
    } - {model for model, _row in waiting}


def _once(model: type[models.Model]) -> set[str]:
    """Names of fields that, alone or together, may hold a value only once."""
    names = {field.name for field in model._meta.concrete_fields if field.unique and not field.primary_key}
    for constraint in model._meta.constraints:
        names |= set(getattr(constraint, "fields", ()))
    for together in model._meta.unique_together:
        names |= set(together)
    return names


def _targets(model: type[models.Model], row: models.Model) -> set[type[models.Model]]:
    fields = [model._meta.get_field(name) for name in _once(model)]
    return {one.related_model for one in fields if one.is_relation and getattr(row, one.attname) is not None} - {model}


def _copy(model: type[models.Model], row: models.Model, tag: str, number: int, copies: dict[Any, Any]) -> models.Model:
    once = _once(model)
    values = {}
    for field in model._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.primary_key:
            value = None if isinstance(field, models.AutoField) else _other(field, value, tag, number)
        elif field.name in once and value is not None:
            value = _clone_of(copies, field, number, value) if field.is_relation else _other(field, value, tag, number)
        values[field.attname] = value
    if values.get(model._meta.pk.attname) is None:
        values.pop(model._meta.pk.attname)
    return model(**values)


def _clone_of(copies: dict[Any, Any], field: Any, number: int, value: Any) -> Any:
    there = copies.get(field.related_model)
    if there:
        return there[number].pk
    return None if field.unique and field.null else value


def _other(field: models.Field, value: Any, tag: str, number: int) -> Any:
    """A value of the same kind that is not there yet."""
    if field.choices or isinstance(value, bool):
        return value
    if isinstance(value, uuid.UUID):
        return field.get_default() if field.has_default() else uuid.uuid4()
    if isinstance(value, int):
        return value + 1000 * (1 + SUFFIX.index(tag[0])) + number
    if isinstance(value, date):
        return value - timedelta(days=1 + number + 100 * SUFFIX.index(tag[0]))
    return f"{value[: (field.max_length or 80) - 6]}-{tag}"
