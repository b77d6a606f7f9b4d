"""Several capped counts in one query: "99+" is enough for a person, and a count never reads a million rows."""

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

CAP = 99


def capped_counts(querysets: list[QuerySet], cap: int = CAP) -> list[int]:
    """How many rows each has, at most cap + 1."""
    parts, params = [], []
    counts = [0] * len(querysets)
    places = []
    for place, rows in enumerate(querysets):
        try:
            sql, args = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted_{place})")  # noqa: S608 - Django made this SQL
        params += args
        places.append(place)
    if not parts:
        return counts
    with connections[querysets[0].db].cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), params)
        for place, number in zip(places, cursor.fetchone(), strict=True):
            counts[place] = number
    return counts


def shown(number: int, cap: int = CAP) -> str:
    return f"{cap}+" if number > cap else str(number)
