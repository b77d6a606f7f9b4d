"""Everything a case page shows, read with few queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.cases import services
from console.cases.config import Spec, spec_of
from console.cases.models import Approval, Case, Clock, RepeatReason
from console.channels.models import MessageParticipant, Receipt
from console.conversations.models import Entry
from console.customers.queries import masked
from console.events.models import Event
from console.staff.access import can
from console.staff.models import Team, User

from . import stamps
from .present import happenings, timeline
from .present.clocks import ClockLabel, chip
from .present.durations import short
from .present.happenings import SAID, Line, Names

PAGE = 50
# Coming again within two days is a sign of its own.
SOON = timedelta(hours=48)
MOST_EVENTS = 300
STATE_TONES = {
    "new": "primary",
    "open": "primary",
    "waiting_customer": "blue",
    "waiting_other": "amber",
    "resolved": "green",
    "closed": "",
}
# A step the primary button may offer: the others lead back or out.
LEADS_ON = ("person", "accepted")
TOLD_TONES = {"told": "green", "failed": "red", "pending": "", "exempt": "", "not_yet": ""}
JOINS = (
    "type",
    "version__type",
    "customer",
    "owner",
    "team",
    "account",
    "merged_into",
    "conversation__identity__customer",
)


def case_or_404(user: Any, number: str) -> Case:
    """A case this person may see; anything else is not found, so numbers tell nothing."""
    rows = Case.objects.visible_to(user).select_related(*JOINS)
    case = rows.annotate(came_before=services.CAME_BEFORE).filter(number=number).first()
    if case is None:
        raise Http404
    return case


@dataclass(frozen=True)
class Move:
    """A transition as the header offers it."""

    code: str
    label: str
    allowed: bool
    note: str = ""
    forward: bool = True

    @property
    def act(self) -> str:
        return f"move-{self.code}"


@dataclass(frozen=True)
class Pending:
    """A request that waits for a second person."""

    pk: int
    text: str
    mine: bool


@dataclass(frozen=True)
class Repeat:
    """An earlier matter of the same customer, and how long before this one it was."""

    case: Case
    state: str
    gap: str
    soon: bool
    may_say: bool
    reasons: tuple = tuple(RepeatReason.choices)


class CaseFile:
    """One case, for one reader."""

    def __init__(self, user: Any, case: Case) -> None:
        self.user, self.case = user, case
        self.rows: list[Entry] = []
        self.now = timezone.now()
        # What the steps on offer and the missing things look at, read once.
        asked = Approval.objects.select_related("requested_by") if case.has("approvals") else Approval.objects.none()
        prefetch_related_objects([case], Prefetch("approvals", queryset=asked), "tasks", "notices")

    @cached_property
    def spec(self) -> Spec:
        return spec_of(self.case.version)

    @cached_property
    def customer(self) -> str:
        return masked(self.case.customer, self.user).name.text if self.case.customer else ""

    # ── header ────────────────────────────────────────────────────────────────────────────────
    @property
    def type(self) -> str:
        return self.case.type.label

    @property
    def state(self) -> str:
        row = self.spec.states.get(self.case.state)
        return row.label if row else self.case.state

    @property
    def state_tone(self) -> str:
        return STATE_TONES.get(self.case.state_class, "")

    @property
    def grade(self) -> str:
        return str(_("Grade %(grade)s") % {"grade": self.case.grade}) if self.case.grade else ""

    @property
    def told(self) -> str:
        return "" if self.case.told == "not_yet" else self.case.get_told_display()

    @property
    def told_tone(self) -> str:
        return TOLD_TONES.get(self.case.told, "")

    @property
    def owner(self) -> str:
        return self.case.owner.label if self.case.owner else ""

    @property
    def team(self) -> str:
        return self.case.team.label if self.case.team else ""

    @cached_property
    def clocks(self) -> list[ClockLabel]:
        rows = Clock.objects.filter(case=self.case).exclude(state="cancelled").select_related("policy")
        later = datetime.max.replace(tzinfo=self.now.tzinfo)
        found = [
            chip(row, self.now) for row in sorted(rows, key=lambda row: (bool(row.stopped_at), row.due_at or later))
        ]
        return found

    @cached_property
    def moves(self) -> list[Move]:
        if not can(self.user, "case.work", self.case):
            return []
        return [
            Move(offer.code, str(offer.label), offer.allowed, _note(offer), offer.transition.trigger in LEADS_ON)
            for offer in services.available_transitions(self.case, self.user)
        ]

    @property
    def offers(self) -> list[Move]:
        return self.moves

    @property
    def primary(self) -> Move | None:
        """The most likely next step: the first that is possible and leads on, not back or out."""
        return next((move for move in self.moves if move.allowed and move.forward), None)

    @cached_property
    def missing(self) -> list[Any]:
        return services.missing_for_closing(self.case) if self.case.is_open else []

    @cached_property
    def repeat(self) -> Repeat | None:
        """The matter the customer came with shortly before; asked about while this one is open and unanswered."""
        if not self.case.is_open or self.case.repeat_reason or not self.case.came_before:
            return None
        earlier = services.earlier_contact(self.case, self.user)
        if earlier is None:
            return None
        row = spec_of(earlier.version).states.get(earlier.state)
        gap = self.case.reached_at - max(filter(None, [earlier.opened_at, earlier.resolved_at]))
        may_say = can(self.user, "case.work", self.case)
        return Repeat(earlier, row.label if row else earlier.state, short(gap), gap <= SOON, may_say)

    @property
    def repeated(self) -> str:
        """Why the customer came again, once somebody has said so."""
        return self.case.get_repeat_reason_display() if self.case.repeat_reason else ""

    @property
    def may_assign(self) -> bool:
        return can(self.user, "case.work", self.case)

    @property
    def may_part(self) -> bool:
        """Whether a merge may be taken back from here."""
        return bool(self.case.merged_into_id) and can(self.user, "case.merge", self.case)

    @property
    def acts(self) -> list[Any]:
        from .acts import menu_of

        return menu_of(self.user, self.case)

    @property
    def keeps_out(self) -> bool:
        """Whether the reader has an interest in the matter and may only look."""
        return self.user.pk in (self.case.recused or [])

    @cached_property
    def pending(self) -> list[Pending]:
        rows = [row for row in self.case.approvals.all() if row.status == "pending"]
        return [Pending(row.pk, self._asked(row), services.may_decide(row, self.user)) for row in rows]

    def _asked(self, row: Approval) -> str:
        names = Names(self.spec, {}, {})
        return str(
            _("%(step)s waits for approval; asked by %(who)s.")
            % {"step": names.asked(row), "who": row.requested_by.label}
        )

    # ── timeline ──────────────────────────────────────────────────────────────────────────────
    @cached_property
    def reader(self) -> timeline.Reader:
        return timeline.Reader(
            self.case.number,
            self.customer,
            may_mark=can(self.user, "case.mark", self.case),
            may_decide=can(self.user, "message.decide_unknown"),
            may_send=can(self.user, "message.send"),
            may_split=can(self.user, "case.merge", self.case),
            origin_id=self.case.origin_id,
        )

    def entries(self, before: str = "", since: str = "") -> tuple[list[Any], str, int]:
        """Timeline items, the address of earlier ones ("" at the beginning), and the newest entry's id."""
        rows, earlier = entry_page(self.user, self.case, before, since)
        self.rows = rows
        events = self.events(rows[0].at if rows and earlier else None, rows[-1].at if before and rows else None)
        people = People(events, rows)
        items = timeline.woven(bubbles_of(rows, self.reader, people), lines_of(events, self.spec, people))
        url = ""
        if earlier:
            url = f"{reverse('desk:timeline', args=[self.case.number])}?before={rows[0].at.isoformat()}_{rows[0].pk}"
        return items, url.replace("+", "%2B"), rows[-1].pk if rows else 0

    @property
    def newest_entry(self) -> int:
        """What this page has shown of the timeline, to know later what came after it."""
        return max((row.pk for row in self.rows), default=0)

    @property
    def last_inbound(self) -> Any:
        """The last words of a person in the case's own conversation, if they are on this page."""
        own = [row for row in self.rows if row.conversation_id == self.case.conversation_id and row.inbound]
        return next((row.message for row in reversed(own) if row.message and not row.message.automatic), None)

    def events(self, start: datetime | None, end: datetime | None) -> list[Event]:
        """What happened between two moments, newest first."""
        rows = Event.objects.filter(stream=self.case.stream).exclude(type__in=SAID)
        if start:
            rows = rows.filter(created_at__gte=start)
        if end:
            rows = rows.filter(created_at__lte=end)
        return list(rows.order_by("-id")[:MOST_EVENTS])

    def stamp(self, last_entry: int) -> str:
        return stamps.case(self.case, last_entry)


def _note(offer: Any) -> str:
    if not offer.allowed:
        return " ".join(str(reason) for reason in offer.reasons)
    if offer.needs_approval:
        return str(_("Needs approval by a second person"))
    return ""


def entry_page(user: Any, case: Case, before: str = "", since: str = "") -> tuple[list[Entry], bool]:
    """A page of timeline rows, oldest first, and whether there are earlier ones."""
    rows = entries_with_all(Entry.objects.filter(conversation__case_links__case=case).not_hidden_from(user))
    if since and (place := read_place(since)):
        rows = rows.filter(at__gte=place[0])
    if before and (place := read_place(before)):
        at, pk = place
        rows = rows.filter(at__lt=at) | rows.filter(at=at, pk__lt=pk)
    size = PAGE if not since else MOST_EVENTS
    found = list(rows.order_by("-at", "-id")[: size + 1])
    return list(reversed(found[:size])), len(found) > size


def read_place(text: str) -> tuple[datetime, int] | None:
    moment, _sep, pk = text.rpartition("_")
    try:
        return datetime.fromisoformat(moment), int(pk)
    except ValueError:
        return None


def entries_with_all(rows: Any) -> Any:
    """Timeline rows with everything a bubble shows, in four queries."""
    return rows.select_related(
        "message__account", "message__delivery", "message__case_mark", "note__author"
    ).prefetch_related(
        "message__attachments",
        Prefetch("message__participants", queryset=MessageParticipant.objects.select_related("identity__customer")),
        Prefetch("message__delivery__receipts", queryset=Receipt.objects.order_by("at")),
    )


class People:
    """Colleagues whom events and sent messages name, looked up together."""

    def __init__(self, events: list[Event], rows: list[Entry] = ()) -> None:
        keys = happenings.people_in(events)
        names = {sender_of(row) for row in rows} - {""}
        wanted = Q(pk__in=keys) | Q(username__in=names)
        found = list(User.objects.filter(wanted)) if keys or names else []
        self.by_key = {user.pk: user.label for user in found}
        self.by_name = {user.username: user.label for user in found}

    def sender(self, row: Entry) -> str:
        """Who sent this, by the name colleagues know; what a plugin or the API calls itself otherwise."""
        name = sender_of(row)
        return self.by_name.get(name, name)


def sender_of(row: Entry) -> str:
    delivery = getattr(row.message, "delivery", None) if row.message_id else None
    return delivery.created_by.removeprefix("staff:") if delivery else ""


def bubbles_of(rows: list[Entry], reader: timeline.Reader, people: People | None = None) -> list[timeline.Bubble]:
    """Messages and notes; a subject is shown where it changes."""
    people = people or People([], rows)
    found, subject = [], ""
    for row in rows:
        if row.message_id and row.message is not None:
            found.append(timeline.message_bubble(row, subject, reader, people.sender(row)))
            subject = row.message.subject or subject
        elif row.note_id:
            found.append(timeline.note_bubble(row))
    return found


def lines_of(events: list[Event], spec: Spec, people: People | None = None) -> list[Line]:
    """Events as sentences, oldest first."""
    people = people or People(events)
    team_ids = happenings.teams_in(events)
    teams = {row.pk: row.label for row in Team.objects.filter(pk__in=team_ids)} if team_ids else {}
    names = Names(spec, people.by_key, teams)
    return [happenings.line(event, names) for event in reversed(events)]
