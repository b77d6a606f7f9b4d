"""Turns stories into rows, thousands at a time: the demo bank's cases, and the big tables of the benches.

Rows are what the services would have left behind; clocks come from the services' own pure functions.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice, pairwise

from django.db import connection, transaction
from django.utils import timezone

from console.cases import clocks, config
from console.cases.models import (
    Case,
    CaseCategory,
    CaseConversation,
    Category,
    CategoryIndex,
    Clock,
    CustomerNotice,
    Mark,
    StateInterval,
)
from console.cases.services import deadlines
from console.cases.services.values import index_rows
from console.channels.models import ChannelAccount, Delivery, Message, MessageParticipant
from console.conversations.models import Conversation, Entry
from console.customers.models import Customer, Identity
from console.events import NewEvent, emit_many
from console.foundation.ids import public_reference, uuid7
from console.foundation.numbers import format_case_number, next_number
from console.foundation.text.masking import mask_text
from console.staff.models import User

from .channels import DEMO
from .stories import OPEN, Story

CHUNK = 500


class Loader:
    """Keeps what every chunk needs: customers with their mailboxes, staff, specs, categories."""

    def __init__(self, account: ChannelAccount, customers: list[Customer], *, events: bool = True) -> None:
        self.account = account
        self.customers = customers
        ids = [customer.pk for customer in customers]
        rows = Identity.objects.filter(customer_id__in=ids, channel_kind="email")
        self.identities = {row.customer_id: row for row in rows}
        self.specs = {code: config.active_spec(code) for code in ("complaint", "enquiry")}
        self.categories = {
            (row.tree.code, row.code): row
            for row in Category.objects.filter(tree__state="active").select_related("tree")
        }
        agents = User.objects.filter(memberships__role__code__in=["agent", "complaint_officer"]).distinct()
        self.agents = [
            (user.pk, member.team_id, member.team.site_id)
            for user in agents.order_by("pk")
            for member in user.memberships.select_related("team")[:1]
        ]
        self.events = events
        self.now = timezone.now()

    def load(self, stories: Iterable[Story]) -> int:
        """Write them chunk by chunk, each in a transaction of its own; how many."""
        total, source = 0, iter(stories)
        while chunk := list(islice(source, CHUNK)):
            with transaction.atomic():
                self._write(chunk)
            total += len(chunk)
        return total

    def _write(self, chunk: list[Story]) -> None:
        conversations = Conversation.objects.bulk_create([self._conversation(story) for story in chunk])
        pairs = list(zip(chunk, conversations, strict=True))
        first = self._words(pairs)
        cases = [self._case(story, conversation, first[conversation.pk]) for story, conversation in pairs]
        history = [self._clocks(case, story) for case, story in zip(cases, chunk, strict=True)]
        Case.objects.bulk_create(cases)
        both = list(zip(cases, chunk, strict=True))
        CaseConversation.objects.bulk_create(
            [CaseConversation(case=case, conversation_id=case.conversation_id) for case in cases]
        )
        Clock.objects.bulk_create(
            [row for case, found in zip(cases, history, strict=True) for row in deadlines.rows_for(case, found)]
        )
        StateInterval.objects.bulk_create([row for case, story in both for row in self._intervals(case, story)])
        Mark.objects.bulk_create(
            [Mark(case=case, fact=fact, at=story.at(minutes)) for case, story in both for minutes, fact in story.facts]
        )
        places = [row for case, story in both for row in self._places(case, story)]
        CaseCategory.objects.bulk_create(places)
        CategoryIndex.objects.bulk_create(
            [entry for row in places for entry in index_rows(row.case, row.dimension, row.path)]
        )
        self._notices(both)
        if self.events:
            self._tell(both)

    def _conversation(self, story: Story) -> Conversation:
        customer = self.customers[story.customer]
        words = story.words
        inbound = [word for word in words if word.inbound]
        open_now = story.stage in OPEN
        owner, team, site = self._owner(story)
        waiting = story.at(inbound[-1].after) if open_now and words[-1].inbound else None
        return Conversation(
            customer=customer,
            identity=self.identities.get(customer.pk),
            account=self.account,
            subject=story.scenario["subject"],
            status="open" if open_now else "closed",
            site_id=site,
            team_id=team,
            assignee_id=owner,
            last_message_at=story.at(words[-1].after),
            last_inbound_at=story.at(inbound[-1].after),
            waiting_since=waiting,
            closed_at=None if open_now else story.at(story.closed_after),
            created_at=story.reached_at,
        )

    def _owner(self, story: Story) -> tuple[int | None, int, int | None]:
        """(person, team, site): what has just come belongs to a team, nobody yet."""
        person, team, site = self.agents[int(story.dice * len(self.agents))]
        return (None if story.stage == "received" else person), team, site

    def _words(self, pairs: list[tuple[Story, Conversation]]) -> dict[int, Message]:
        """Messages, deliveries, participants and timeline entries; the first message by conversation."""
        plan = [(story, conversation, word) for story, conversation in pairs for word in story.words]
        messages = Message.objects.bulk_create([self._message(*one) for one in plan])
        rows = list(zip(plan, messages, strict=True))
        Delivery.objects.bulk_create(
            [self._delivery(message, word) for (_, _, word), message in rows if not word.inbound]
        )
        MessageParticipant.objects.bulk_create(
            [
                MessageParticipant(
                    message=message,
                    role="from" if word.inbound else "to",
                    identity_id=message.identity_id,
                    created_at=message.created_at,
                )
                for (_, _, word), message in rows
            ]
        )
        Entry.objects.bulk_create(
            [
                Entry(
                    conversation=conversation,
                    at=message.occurred_at,
                    kind="message",
                    message=message,
                    inbound=word.inbound,
                    created_at=message.created_at,
                )
                for (_, conversation, word), message in rows
            ]
        )
        self.sent = {
            (conversation.pk, word.purpose): message for (_, conversation, word), message in rows if word.purpose
        }
        return {conversation.pk: message for (_, conversation, word), message in rows if word.after == 0}

    def _message(self, story: Story, conversation: Conversation, word) -> Message:
        at, key = story.at(word.after), uuid7().hex
        text = mask_text(word.text) or _acknowledgement(story)
        return Message(
            account=self.account,
            direction="in" if word.inbound else "out",
            provider_message_id=f"{key}@mail.example",
            wire_id=f"<{key}@mail.example>",
            identity_id=conversation.identity_id,
            customer_id=conversation.customer_id,
            subject=story.scenario["subject"] if word.after == 0 else f"Re: {story.scenario['subject']}",
            text=text,
            occurred_at=at,
            reached_at=at,
            automatic="auto-generated" if word.purpose == "acknowledgement" else "",
            language=story.scenario["language"],
            correlation_id=key,
            created_at=at,
        )

    def _delivery(self, message: Message, word) -> Delivery:
        at = message.occurred_at
        return Delivery(
            message=message,
            account=self.account,
            identity_id=message.identity_id,
            send_class="statutory_notice" if word.purpose == "decision" else "reply",
            purpose=word.purpose,
            automatic=word.purpose == "acknowledgement",
            key=message.correlation_id,
            status="sent",
            status_at=at,
            provider_message_id=message.provider_message_id,
            give_up_at=at,
            sent_at=at,
            attempts=1,
            next_attempt_at=at,
            correlation_id=message.correlation_id,
            created_at=at,
        )

    def _case(self, story: Story, conversation: Conversation, origin: Message) -> Case:
        spec = self.specs[story.scenario["type"]]
        owner, team, site = self._owner(story)
        _after, state, state_class = story.states[-1]
        decided = next((story.at(minutes) for minutes, fact in story.facts if fact == "decided"), None)
        done = story.stage in ("decided", "closed")
        year = timezone.localtime(story.reached_at).year
        return Case(
            number=format_case_number(year, next_number(f"case-{year}")),
            public_ref=public_reference("C"),
            type_id=spec.version.type_id,
            version=spec.version,
            customer_id=conversation.customer_id,
            conversation=conversation,
            account=self.account,
            origin=origin,
            subject=story.scenario["subject"],
            language=story.scenario["language"],
            state=state,
            state_class=state_class,
            is_open=story.stage in OPEN,
            turn=_turn(story),
            grade=story.scenario["grade"],
            site_id=site,
            team_id=team,
            owner_id=owner,
            reached_at=story.reached_at,
            opened_at=story.at(0),
            decided_at=decided,
            resolved_at=decided or (story.at(story.closed_after) if story.closed_after else None),
            closed_at=story.at(story.closed_after) if story.closed_after else None,
            outcome=story.scenario["outcome"] if done else "",
            root_cause=story.scenario["root_cause"] if done and story.complaint else "",
            decision=story.scenario["decision"] if done and story.complaint else "",
            told="told" if done and story.complaint else "not_yet",
            withdrawn_at=story.at(story.closed_after) if story.stage == "withdrawn" else None,
            last_message_at=conversation.last_message_at,
            last_inbound_at=conversation.last_inbound_at,
            correlation_id=origin.correlation_id,
        )

    def _clocks(self, case: Case, story: Story) -> list:
        """Readings of every clock of the story, and the case's own columns from them."""
        spec = self.specs[story.scenario["type"]]
        spans = [(story.at(minutes), state_class) for minutes, _state, state_class in story.states]
        ends: list[datetime | None] = [at for at, _class in spans[1:]] + [None]
        moments = [clocks.Moment(fact, story.at(minutes)) for minutes, fact in story.facts]
        history = clocks.History(
            intervals=tuple(
                clocks.Interval(state_class, at, end) for (at, state_class), end in zip(spans, ends, strict=True)
            ),
            moments=(*deadlines.beginning(case), *moments),
            grade=case.grade,
        )
        readings = deadlines.read_all(spec, history, self.now)
        deadlines.summarise(case, spec, readings)
        return readings

    def _intervals(self, case: Case, story: Story) -> list[StateInterval]:
        rows = [
            StateInterval(case=case, state=state, state_class=state_class, started_at=story.at(minutes))
            for minutes, state, state_class in story.states
        ]
        for row, after in pairwise(rows):
            row.ended_at = after.started_at
        return rows

    def _places(self, case: Case, story: Story) -> list[CaseCategory]:
        found = (self.categories.get((dimension, story.scenario[dimension])) for dimension in ("product", "reason"))
        return [CaseCategory(case=case, dimension=row.tree.code, category=row, path=row.path) for row in found if row]

    def _notices(self, both: list[tuple[Case, Story]]) -> None:
        """Acknowledgements and decisions stand on record as sent."""
        deliveries = dict(Delivery.objects.filter(message__in=list(self.sent.values())).values_list("message_id", "pk"))
        CustomerNotice.objects.bulk_create(
            [
                CustomerNotice(
                    case=case,
                    kind=purpose,
                    status="sent",
                    delivery_id=deliveries[message.pk],
                    channel_kind="email",
                    language=case.language,
                    settled_at=message.occurred_at,
                )
                for case, _story in both
                for purpose in ("acknowledgement", "decision")
                if (message := self.sent.get((case.conversation_id, purpose)))
            ]
        )

    def _tell(self, both: list[tuple[Case, Story]]) -> None:
        """One event a case says that it was loaded, not lived through."""
        emit_many(
            [
                NewEvent(case.stream, "case.imported", {"case_id": case.pk, "state": case.state}, DEMO)
                for case, _story in both
            ]
        )


def _turn(story: Story) -> str:
    if story.stage not in OPEN:
        return "nobody"
    return "customer" if story.stage == "waiting_customer" else "staff"


def _acknowledgement(story: Story) -> str:
    if story.scenario["language"] == "en":
        return "We have received your message and will answer within one working day."
    return "您的来信已收到，我们会在一个工作日内由专人答复您。"


def refresh_statistics() -> None:
    """Tell the planner how big the tables became; without it PostgreSQL guesses from empty ones."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
