"""Random rows and random trees over the sample model."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from console.foundation.crypto import keyed_hash
from console.lowcode.conditions import OPERATORS

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)
TEXTS = st.sampled_from(
    ["a", "A", "Ab", "aB%", "_", "信用卡", "卡", "É", "é", "İ", "ß", "SS", "100%", "a'b", "\\", " a"]
)
NUMBERS = st.sampled_from([Decimal(n) for n in ("-1", "0", "0.1", "0.3", "3", "3.0001", "99999999999.9999", "10")])
DAYS = st.integers(-9, 9).map(lambda n: TODAY + timedelta(days=n))
MOMENTS = st.integers(-200, 200).map(lambda n: NOW + timedelta(hours=n)) | st.just(NOW)
PHONES = ("13800138000", "13900139000")
CODES = ("card", "loan", "app")


def or_none(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | values


ROWS = st.fixed_dictionaries(
    {
        "title": st.just("") | TEXTS,
        "remark": or_none(st.just("") | TEXTS),
        "state": or_none(st.sampled_from(["", "new", "open", "closed"])),
        "amount": or_none(NUMBERS),
        "grade": st.integers(0, 5),
        "due": or_none(DAYS),
        "seen_at": or_none(MOMENTS),
        "urgent": or_none(st.booleans()),
        "owner_id": or_none(st.integers(1, 3)),
        "team_id": or_none(st.integers(1, 3)),
        "place": or_none(st.just("") | TEXTS),
        "phone": or_none(st.sampled_from(PHONES)),
        "data": st.fixed_dictionaries(
            {},
            optional={
                "product": st.sampled_from(CODES),
                "topics": st.lists(st.sampled_from(CODES), unique=True, min_size=1),
                "loss": NUMBERS.map(float),
                "day": DAYS.map(date.isoformat),
                "agreed": st.booleans(),
                "code": TEXTS,
            },
        ),
    }
)
VALUES: dict[str, st.SearchStrategy] = {
    "text": TEXTS,
    "long_text": TEXTS,
    "number": NUMBERS.map(str),
    "date": DAYS.map(date.isoformat) | st.just("@today"),
    "datetime": MOMENTS.map(datetime.isoformat) | st.just("@now"),
    "boolean": st.booleans(),
    "user": st.integers(1, 3) | st.just("@me"),
    "team": st.integers(1, 3) | st.just("@my_team"),
    "ref": st.integers(1, 3),
    "encrypted": st.sampled_from(PHONES),
    "multi_choice": st.sampled_from(CODES),
}


def leaf(field: Any) -> st.SearchStrategy:
    value = st.sampled_from([c for c, _ in field.options()]) if field.type == "choice" else VALUES[field.type]
    return st.one_of([_test(field, op, value) for op in OPERATORS[field.type]])


def _test(field: Any, op: str, value: st.SearchStrategy) -> st.SearchStrategy:
    plain = {"field": st.just(field.name), "op": st.just(op)}
    if op in ("empty", "not_empty"):
        return st.fixed_dictionaries(plain)
    if op in ("within_last", "within_next"):
        return st.fixed_dictionaries({**plain, "value": st.sampled_from(["1d", "3d", "1w"])})
    if op in ("in", "not_in"):
        return st.fixed_dictionaries({**plain, "value": st.lists(value, min_size=1, max_size=3)})
    if op == "between":
        pair = st.lists(value.filter(lambda v: not str(v).startswith("@")), min_size=2, max_size=2)
        return st.fixed_dictionaries({**plain, "value": pair.map(lambda v: sorted(v, key=_rank))})
    return st.fixed_dictionaries({**plain, "value": value})


def _rank(value: Any) -> Any:
    try:
        return Decimal(value)
    except ArithmeticError:
        return datetime.fromisoformat(value)


def trees(fields: list[Any]) -> st.SearchStrategy:
    tests = st.one_of([leaf(field) for field in fields])
    return st.recursive(
        tests,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda parts: {"all": parts})
            | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts})
            | inner.map(lambda part: {"not": part})
        ),
        max_leaves=5,
    ).filter(lambda tree: _depth(tree) <= 6)


def _depth(tree: Any) -> int:
    if "not" in tree:
        return 1 + _depth(tree["not"])
    parts = tree.get("all", tree.get("any"))
    return 1 + max(map(_depth, parts), default=0) if parts is not None else 1


def hashed(phone: str | None) -> str:
    return keyed_hash(phone, "phone") if phone else ""
