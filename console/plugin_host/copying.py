"""Copies a plugin's answer into exact types of ours, or says what is wrong with it.

Runs in the plugin's thread, inside its budget: a lying property or an endless iterator is the plugin's
time. What comes back holds no object of the plugin's making, so nothing can change behind the core's back.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from django.utils.functional import Promise

from .outcomes import ContractBroken

MAX_TEXT = 12_000_000
MAX_LIST = 5_000
MAX_TOTAL = 512 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 16


class Meter:
    """Adds up what one answer holds and stops it when it grows beyond every use."""

    def __init__(self) -> None:
        self.size = 0
        self.nodes = 0

    def take(self, size: int, where: str) -> None:
        self.size += size
        self.nodes += 1
        if self.size > MAX_TOTAL or self.nodes > MAX_NODES:
            raise ContractBroken(f"{where}: the answer is too large")


Copier = Callable[[Any, str, Meter], Any]


def wrong(where: str, wanted: str, value: Any) -> ContractBroken:
    return ContractBroken(f"{where}: expected {wanted}, got {type(value).__name__}")


def text(value: Any, where: str, meter: Meter) -> str:
    """Exact str; lazy translations are resolved, subclasses flattened."""
    if isinstance(value, Promise):
        value = str(value)
    if not isinstance(value, str):
        raise wrong(where, "text", value)
    value = str.__str__(value)
    if len(value) > MAX_TEXT:
        raise ContractBroken(f"{where}: text of {len(value)} characters")
    meter.take(len(value), where)
    return value


def octets(value: Any, where: str, meter: Meter) -> bytes:
    if type(value) is not bytes:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise wrong(where, "bytes", value)
        value = bytes(memoryview(value))
    meter.take(len(value), where)
    return value


def truth(value: Any, where: str, meter: Meter) -> bool:
    if value is not True and value is not False:
        raise wrong(where, "bool", value)
    return value


def whole(value: Any, where: str, meter: Meter) -> int:
    if type(value) is not int or abs(value) > 2**63:
        raise wrong(where, "int", value)
    return value


def number(value: Any, where: str, meter: Meter) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise wrong(where, "finite number", value)
    return float(value)


def moment(value: Any, where: str, meter: Meter) -> datetime:
    if not isinstance(value, datetime):
        raise wrong(where, "datetime", value)
    try:
        if value.utcoffset() is None:
            raise ContractBroken(f"{where}: a datetime without time zone")
        return value.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise ContractBroken(f"{where}: {error}") from error


def json(value: Any, where: str, meter: Meter, depth: int = MAX_DEPTH) -> Any:
    """Plain JSON values only, of exact types; tuples become lists."""
    if depth == 0:
        raise ContractBroken(f"{where}: nested too deeply")
    meter.take(1, where)
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str | Promise):
        return text(value, where, meter)
    if type(value) is int:
        return whole(value, where, meter)
    if type(value) is float:
        return number(value, where, meter)
    if isinstance(value, Mapping):
        return {text(k, where, meter): json(v, f"{where}.{k}", meter, depth - 1) for k, v in bounded(value.items())}
    if isinstance(value, list | tuple):
        return [json(item, where, meter, depth - 1) for item in bounded(value)]
    raise wrong(where, "JSON", value)


def bounded(items: Iterable[Any], limit: int = MAX_LIST, where: str = "list") -> Iterable[Any]:
    """The items, and a broken contract past the limit: an endless generator ends here."""
    for index, item in enumerate(items):
        if index >= limit:
            raise ContractBroken(f"{where}: more than {limit} items")
        yield item


PLAIN: dict[Any, Copier] = {
    str: text,
    bytes: octets,
    bool: truth,
    int: whole,
    float: number,
    datetime: moment,
    Any: json,
    object: json,
}


@lru_cache(maxsize=256)
def copier(hint: Any) -> Copier:
    """How to copy a value that is declared as `hint`."""
    if hint in PLAIN:
        return PLAIN[hint]
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(hint))
    if origin is tuple:
        return _tuple_of(copier(get_args(hint)[0]))
    if origin is frozenset:
        return _set_of(copier(get_args(hint)[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_of(copier(get_args(hint)[1]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _member_of(hint)
    if dataclasses.is_dataclass(hint):
        return _record_of(hint)
    raise TypeError(f"no copier for {hint!r}")


def _one_of(hints: tuple[Any, ...]) -> Copier:
    optional = type(None) in hints
    rest = tuple(hint for hint in hints if hint is not type(None))
    by_type = {hint: copier(hint) for hint in rest}
    names = " or ".join(hint.__name__ for hint in rest)
    single = by_type[rest[0]] if len(rest) == 1 else None

    def copy(value: Any, where: str, meter: Meter) -> Any:
        if value is None and optional:
            return None
        chosen = single or by_type.get(type(value))
        if chosen is None:
            raise wrong(where, names, value)
        return chosen(value, where, meter)

    return copy


def _tuple_of(item: Copier) -> Copier:
    def copy(value: Any, where: str, meter: Meter) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise wrong(where, "tuple", value)
        return tuple(item(entry, f"{where}[{i}]", meter) for i, entry in enumerate(bounded(value, where=where)))

    return copy


def _set_of(item: Copier) -> Copier:
    def copy(value: Any, where: str, meter: Meter) -> frozenset[Any]:
        if not isinstance(value, set | frozenset):
            raise wrong(where, "frozenset", value)
        return frozenset(item(entry, where, meter) for entry in bounded(value, where=where))

    return copy


def _mapping_of(item: Copier) -> Copier:
    def copy(value: Any, where: str, meter: Meter) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise wrong(where, "mapping", value)
        pairs = bounded(value.items(), where=where)
        return {text(name, where, meter): item(entry, f"{where}.{name}", meter) for name, entry in pairs}

    return copy


def _member_of(enum: type[Enum]) -> Copier:
    def copy(value: Any, where: str, meter: Meter) -> Enum:
        if type(value) is enum:
            return enum(value.value)
        if type(value) in (str, int):
            try:
                return enum(value)
            except ValueError:
                raise ContractBroken(f"{where}: {value!r:.60} is no {enum.__name__}") from None
        raise wrong(where, enum.__name__, value)

    return copy


def _record_of(record: type) -> Copier:
    hints = get_type_hints(record)
    fields = [(field.name, copier(hints[field.name])) for field in dataclasses.fields(record)]

    def copy(value: Any, where: str, meter: Meter) -> Any:
        if type(value) is not record:
            raise wrong(where, record.__name__, value)
        meter.take(1, where)
        try:
            given = [(name, item, getattr(value, name)) for name, item in fields]
        except AttributeError as error:
            raise ContractBroken(f"{where}: {error}") from error
        return record(**{name: item(part, f"{where}.{name}", meter) for name, item, part in given})

    return copy
