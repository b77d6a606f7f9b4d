"""Counting a million rows for a page number nobody opens is what makes lists slow; so we stop counting early."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

CAP = 10_000


class CappedCount(int):
    """A count that may be a lower bound; reads as "10000+" when it is."""

    def __str__(self) -> str:
        return f"{CAP}+" if self > CAP else int.__repr__(self)


class CappedPaginator(Paginator):
    """Counts at most CAP + 1 rows. Pages beyond are not offered: filters and search are the way there."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not hasattr(rows, "query"):
            return len(rows)
        if rows.query.is_sliced:
            return rows.count()
        return CappedCount(rows.order_by()[: CAP + 1].count())
