"""A case's timeline: days, messages, notes, and the events between them folded into one line."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from console.cases.models import MessageMark

from . import deliveries
from .clocks import moment
from .happenings import Line
from .people import Channel, channel

LATE_FETCH = timedelta(minutes=15)
MARK_LABELS = {
    "spam": lambda: _("Spam"),
    "automatic": lambda: _("Automatic"),
    "thanks": lambda: _("Thanks only"),
    "duplicate": lambda: _("Duplicate"),
}


@dataclass(frozen=True)
class Day:
    at: datetime
    kind: str = "day"


@dataclass
class Events:
    """Neighbouring events, folded."""

    lines: list[Line]
    kind: str = "events"

    @property
    def at(self) -> datetime:
        return self.lines[0].at

    @property
    def last_at(self) -> datetime:
        return self.lines[-1].at

    @property
    def span(self) -> str:
        first, last = f"{self.at:%H:%M}", f"{self.last_at:%H:%M}"
        return first if first == last else f"{first}–{last}"

    @property
    def key(self) -> str:
        return f"{self.at:%Y%m%d%H%M%S%f}"


@dataclass(frozen=True)
class File:
    name: str
    size: str
    url: str
    icon: str = "file-text"
    reason: str = ""


@dataclass(frozen=True)
class Bubble:
    """One message or note."""

    pk: int
    kind: str
    side: str
    at: datetime
    who: str
    text: str
    subject: str = ""
    quoted: str = ""
    language: str = ""
    channel: Channel | None = None
    people: str = ""
    automatic: bool = False
    mark: str = ""
    marks: list[dict] = field(default_factory=list)
    unmark_url: str = ""
    original_url: str = ""
    split_url: str = ""
    late_fetch: str = ""
    files: list[File] = field(default_factory=list)
    delivery: deliveries.DeliveryLabel | None = None


@dataclass(frozen=True)
class Reader:
    """Who looks, and what that allows."""

    case_number: str
    customer: str
    may_mark: bool = False
    may_decide: bool = False
    may_send: bool = False
    may_split: bool = False
    origin_id: int | None = None


def files_of(message: Any) -> list[File]:
    found = []
    for item in message.attachments.all():
        icon = "image" if item.content_type.startswith("image/") else "file-text"
        url = reverse("desk:attachment", args=[item.pk]) if item.offered else ""
        reason = "" if item.offered else item.get_state_display()
        found.append(File(item.name, filesizeformat(item.size), url, icon, reason))
    return found


def people_of(message: Any) -> str:
    """To and Cc as shown to staff; our own addresses and the sender are left out."""
    rows = [row for row in message.participants.all() if row.role in ("to", "cc", "bcc") and not row.own and row.label]
    return ", ".join(f"{row.get_role_display()} {row.label}" for row in rows)


def late(message: Any) -> str:
    if message.direction != "in" or message.occurred_at is None:
        return ""
    wait = message.created_at - message.reached_at
    if wait < LATE_FETCH:
        return ""
    return _("Reached the bank %(reached)s, fetched %(fetched)s. Clocks count from when it reached the bank.") % {
        "reached": moment(message.reached_at),
        "fetched": moment(message.created_at),
    }


def message_bubble(entry: Any, subject: str, reader: Reader, by: str = "") -> Bubble:
    """A message; attachments, participants, delivery and mark come prefetched. `subject` is the one before."""
    message = entry.message
    inbound = message.direction == "in"
    mark = getattr(message, "case_mark", None)
    delivery = getattr(message, "delivery", None)
    sender = message.meta.get("sender_label") if isinstance(message.meta, dict) else ""
    who = (reader.customer or sender or _("Customer")) if inbound else _author(delivery, by)
    return Bubble(
        pk=entry.pk,
        kind="message",
        side="in" if inbound else "out",
        at=timezone.localtime(entry.at),
        who=who,
        text=message.text or _("(no text)"),
        subject=message.subject if message.subject and message.subject != subject else "",
        quoted=message.quoted_text,
        language="zh-Hans" if message.language.startswith("zh") else message.language[:2],
        channel=channel(message.account.channel_kind),
        people=people_of(message),
        automatic=bool(message.automatic) or bool(delivery and delivery.automatic),
        mark=mark.get_kind_display() if mark else "",
        marks=_mark_choices(message) if inbound and reader.may_mark and not mark else [],
        unmark_url=reverse("desk:unmark", args=[message.pk]) if mark and reader.may_mark else "",
        original_url=reverse("desk:original", args=[message.pk]) if inbound else "",
        split_url=_split_url(entry, reader) if inbound and not mark else "",
        late_fetch=late(message),
        files=files_of(message),
        delivery=deliveries.label(delivery, reader.may_decide, _cancel_url(delivery, reader)) if delivery else None,
    )


def _author(delivery: Any, by: str) -> str:
    if delivery is not None and delivery.automatic:
        return _("Huiyin")
    return by or _("Colleague")


def _cancel_url(delivery: Any, reader: Reader) -> str:
    if not reader.may_send:
        return ""
    return reverse("desk:recall", args=[reader.case_number, delivery.pk])


def _split_url(entry: Any, reader: Reader) -> str:
    """A message that speaks of another matter; the one the case began with cannot leave it."""
    if not reader.may_split or entry.message_id == reader.origin_id:
        return ""
    return f"{reverse('desk:act', args=[reader.case_number, 'split'])}?entry={entry.pk}"


def _mark_choices(message: Any) -> list[dict]:
    url = reverse("desk:mark", args=[message.pk])
    return [{"kind": kind, "label": MARK_LABELS[kind](), "url": url} for kind in MessageMark.Kind.values]


def note_bubble(entry: Any) -> Bubble:
    author = entry.note.author
    return Bubble(
        pk=entry.pk,
        kind="note",
        side="note",
        at=timezone.localtime(entry.at),
        who=author.label if author else _("System"),
        text=entry.note.text,
    )


def woven(bubbles: list[Bubble], lines: list[Line]) -> list[Any]:
    """Days, bubbles and folded events in order of time."""
    items = sorted([*bubbles, *lines], key=lambda item: item.at)
    out: list[Any] = []
    day: date | None = None
    for item in items:
        if item.at.date() != day:
            day = item.at.date()
            out.append(Day(item.at))
        if isinstance(item, Line):
            if out and isinstance(out[-1], Events):
                out[-1].lines.append(item)
            else:
                out.append(Events([item]))
        else:
            out.append(item)
    return out
