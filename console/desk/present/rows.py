"""A case as one row of a list: whose turn, how long left, what it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from .clocks import ClockLabel, next_clock
from .people import Channel, channel

if TYPE_CHECKING:
    from console.cases.models import Case

TURNS = {
    "late": ("late", _("Late")),
    "new": ("new", _("New")),
    "staff": ("ours", _("Ours")),
    "customer": ("customer", _("Customer")),
    "nobody": ("other", _("Others")),
    "resolved": ("done", _("Resolved")),
    "closed": ("done", _("Closed")),
}


@dataclass(frozen=True)
class Row:
    """One case in a list."""

    pk: int
    number: str
    url: str
    subject: str
    dot: str
    turn: str
    customer: str
    channel: Channel | None
    clock: ClockLabel | None
    owner: str
    snippet: SafeString | str = ""


def turn_of(case: "Case", now: datetime) -> tuple[str, str]:
    """Dot and word: late beats new beats whose turn it is."""
    if not case.is_open:
        return TURNS["closed" if case.state_class == "closed" else "resolved"]
    if case.next_due_at and case.next_due_at < now and case.turn == "staff":
        return TURNS["late"]
    if case.state_class == "new":
        return TURNS["new"]
    return TURNS.get(case.turn, TURNS["nobody"])


def row(case: "Case", now: datetime, customer: str, view: str = "", snippet: SafeString | str = "") -> Row:
    """A row; the case comes with customer, owner and account joined."""
    dot, word = turn_of(case, now)
    url = reverse("desk:case", args=[case.number])
    return Row(
        pk=case.pk,
        number=case.number,
        url=f"{url}?view={view}" if view else url,
        subject=case.subject,
        dot=dot,
        turn=str(word),
        customer=customer,
        channel=channel(case.account.channel_kind) if case.account else None,
        clock=next_clock(case.next_clock, case.next_due_at, now) if case.is_open else None,
        owner=case.owner.label if case.owner else "",
        snippet=snippet,
    )


def rows(cases: list["Case"], names: dict[int, str], view: str = "", snippets: dict | None = None) -> list[Row]:
    """Rows of a page, with the customers' names as this reader may see them."""
    now = timezone.now()
    snippets = snippets or {}
    return [row(case, now, names.get(case.customer_id, ""), view, snippets.get(case.pk, "")) for case in cases]
