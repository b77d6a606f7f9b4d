"""What became of every mail fetched: counted from the envelopes, checked against the fetcher's own count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import ChannelAccount, Envelope, EnvelopeOutcome, EnvelopeStatus, IntakeDay, Origin

WAITING, QUARANTINED, UNVERIFIED, REJECTED = "waiting", "quarantined", "unverified", "rejected"
COLUMNS = {
    EnvelopeOutcome.MESSAGE.value: _("Messages"),
    EnvelopeOutcome.AUTOMATIC.value: _("Automatic"),
    EnvelopeOutcome.RECEIPT.value: _("Receipts and bounces"),
    EnvelopeOutcome.DUPLICATE.value: _("Seen before"),
    EnvelopeOutcome.NOTICE.value: _("Notices"),
    EnvelopeOutcome.EMPTY.value: _("Nothing in it"),
    WAITING: _("Waiting"),
    QUARANTINED: _("Quarantined"),
    UNVERIFIED: _("Not verified"),
    EnvelopeOutcome.SET_ASIDE.value: _("Set aside"),
}


@dataclass(slots=True)
class LedgerRow:
    """One account on one day. `adds_up` compares what was fetched with what became of it."""

    account: ChannelAccount
    day: date
    columns: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    by_poll: int = 0
    fetched: int = 0
    repeated: int = 0
    rejected: int = 0

    @property
    def stored(self) -> int:
        return sum(self.columns.values())

    @property
    def difference(self) -> int:
        """Fetched envelopes that are neither stored nor a repetition. Anything but 0 is a fault."""
        return self.fetched - self.repeated - self.by_poll

    @property
    def adds_up(self) -> bool:
        return self.difference == 0

    def cells(self) -> list[tuple[str, int]]:
        return list(self.columns.items())


def ledger(accounts: Iterable[ChannelAccount], first: date, last: date) -> list[LedgerRow]:
    """A row for each account and day with any intake, newest day first. Three queries."""
    known = {account.pk: account for account in accounts}
    rows: dict[tuple[int, date], LedgerRow] = {}

    def row(account_id: int, day: date) -> LedgerRow:
        return rows.setdefault((account_id, day), LedgerRow(known[account_id], day))

    for account_id, day, status, outcome, origin, number in _counts(known, first, last):
        column = column_of(status, outcome)
        if column is None:
            continue
        entry = row(account_id, day)
        entry.columns[column] += number
        entry.by_poll += number if origin == Origin.POLL else 0
    for counted in IntakeDay.objects.filter(account_id__in=known, day__range=(first, last)):
        entry = row(counted.account_id, counted.day)
        entry.fetched, entry.repeated, entry.rejected = counted.fetched, counted.repeated, counted.rejected
    return sorted(rows.values(), key=lambda entry: (-entry.day.toordinal(), entry.account.name))


def column_of(status: str, outcome: str) -> str | None:
    """The column an envelope is counted under; None for a rejected call, which was never taken in."""
    if status == EnvelopeStatus.PARSED:
        return outcome or EnvelopeOutcome.EMPTY.value
    if status == EnvelopeStatus.REJECTED:
        return EnvelopeOutcome.SET_ASIDE.value if outcome == EnvelopeOutcome.SET_ASIDE else None
    return {EnvelopeStatus.PENDING: WAITING, EnvelopeStatus.QUARANTINED: QUARANTINED}.get(status, UNVERIFIED)


def behind(account: ChannelAccount, day: date, column: str) -> QuerySet[Envelope]:
    """The envelopes behind one number of the ledger."""
    return Envelope.objects.filter(_of(column), account=account, received_at__range=_span(day, day))


def _of(column: str) -> Q:
    statuses = {
        WAITING: EnvelopeStatus.PENDING,
        QUARANTINED: EnvelopeStatus.QUARANTINED,
        UNVERIFIED: EnvelopeStatus.UNVERIFIED,
        REJECTED: EnvelopeStatus.REJECTED,
    }
    if column in statuses:
        return Q(status=statuses[column])
    if column == EnvelopeOutcome.SET_ASIDE:
        return Q(status=EnvelopeStatus.REJECTED, outcome=column)
    return Q(status=EnvelopeStatus.PARSED, outcome=column)


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    zone = timezone.get_default_timezone()
    begin = datetime.combine(first, time.min, tzinfo=zone)
    return begin, datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone) - timedelta(microseconds=1)


def _counts(known: dict[int, ChannelAccount], first: date, last: date) -> list[tuple]:
    rows = Envelope.objects.filter(account_id__in=known, received_at__range=_span(first, last)).order_by()
    day = TruncDate("received_at", tzinfo=timezone.get_default_timezone())
    return list(
        rows.annotate(day=day)
        .values_list("account_id", "day", "status", "outcome", "origin")
        .annotate(number=Count("pk"))
    )
