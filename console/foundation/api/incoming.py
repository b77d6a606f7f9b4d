"""What comes in over the API, cleaned at this one boundary: texts as both databases take them, moments they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from rest_framework.parsers import JSONParser

from ..text import clean

EARLIEST, LATEST = 1900, 2200


class CleanJSONParser(JSONParser):
    """JSON whose texts, names included, hold no NUL, lone surrogate or control character."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return cleaned(super().parse(stream, media_type, parser_context))


def cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): cleaned(item) for name, item in value.items()}
    return value


def clean_query(request: HttpRequest) -> None:
    """The same for what stands behind the question mark."""
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    if any(clean(text) != text for pair in asked for text in pair):
        request.GET = QueryDict(mutable=True)
        for name, value in asked:
            request.GET.appendlist(clean(name), clean(value))


class MomentField(IsoDateTimeField):
    """A moment both databases can hold, whatever its offset; others are no moments."""

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment is not None and not EARLIEST <= moment.year <= LATEST:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment.astimezone(UTC) if moment is not None else None


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField
