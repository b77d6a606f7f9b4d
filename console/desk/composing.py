"""The reply box: who it goes to, over what, what is not allowed there, and what was typed before."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.cases.config import spec_of
from console.cases.models import Case
from console.channels import gateway
from console.channels.drafts import Recipient
from console.channels.models import Message
from console.conversations.models import Draft, Entry
from console.conversations.services import mark_read, recipients_for
from console.conversations.services.answering import REPLY, REPLY_ALL, account_for, last_inbound
from console.customers.models import Identity
from console.customers.queries import shown_identity
from console.plugin_host import extensions
from console.staff.access import as_actor, can

from . import templating
from .present.people import Channel, channel
from .ways import Level, Rule, Way, limit_of, rules_of, ways_of

UNDO_SECONDS = 10
ALL = REPLY_ALL
ROLE_WORDS = {"to": _("To"), "cc": _("Cc"), "bcc": _("Bcc")}
AFTER = {
    "wait": (_("Send and wait for the customer"), _("wait"), "waiting_customer"),
    "resolve": (_("Send and resolve"), _("resolve"), "resolved"),
    "close": (_("Send and close"), _("close"), "closed"),
}
NEXT = "next"
THEN_COOKIE = "huiyin_then"


@dataclass(frozen=True)
class Choice:
    """A button of the composer."""

    code: str
    label: Any
    icon: str = ""
    current: bool = False


@dataclass(frozen=True)
class Then:
    """What follows the sending in the same act, "wait+next" for short: a step of the case, then the next case."""

    step: str = ""
    next: bool = False

    @classmethod
    def read(cls, value: str) -> "Then":
        step, _plus, more = value.partition("+")
        return cls(step if step in AFTER else "", more == NEXT)

    @property
    def code(self) -> str:
        return f"{self.step}+{NEXT}" if self.next else self.step

    @property
    def label(self) -> Any:
        words = AFTER[self.step][0] if self.step else _("Send")
        return _("%(act)s, then the next case") % {"act": words} if self.next else words

    @property
    def short(self) -> str:
        steps = [AFTER[self.step][1]] if self.step else []
        return " · ".join(str(word) for word in (_("Send"), *steps, *([_("next")] if self.next else [])))


@dataclass(frozen=True)
class Person:
    """One recipient, ready to show; `identity` is the key the form sends back."""

    identity: int
    role: str
    label: str
    level: Level
    reason: str = ""
    ticked: bool = True

    @property
    def role_label(self) -> Any:
        return ROLE_WORDS.get(self.role, self.role)


class Reply:
    """The reply form of one case for one person; `typed` is what was sent back after a refusal."""

    def __init__(
        self,
        user: Any,
        case: Case,
        asked: QueryDict | dict[str, str] | None = None,
        typed: QueryDict | None = None,
        last: Message | None = None,
        seen: int | None = None,
    ) -> None:
        self.user, self.case, self.typed = user, case, typed
        self.refusals: list[Any] = []
        asked = typed if asked is None and typed is not None else asked or {}
        if last is not None:
            self.last = last
        if seen is not None:
            self.seen = seen
        self.mode = asked.get("mode") if asked.get("mode") in (REPLY, ALL) else REPLY
        self.wish = Then.read(asked.get(THEN_COOKIE, ""))
        self.way_key = asked.get("way", "")
        # One act, one key: sent again after a lost answer or a new sign-in, it is still one letter.
        self.act = uuid4().hex

    @cached_property
    def seen(self) -> int:
        """The newest entry of the timeline this form was shown with."""
        return newest_entry(self.user, self.case)

    @property
    def seen_before(self) -> int:
        """What the person had seen when they began; without a word about it, everything."""
        value = self.typed.get("seen", "") if self.typed is not None else ""
        return int(value) if value.isdigit() else self.seen

    @property
    def overtaken(self) -> bool:
        return any(one.code == "overtaken" for one in self.refusals)

    @cached_property
    def ways(self) -> list[Way]:
        return ways_of(self.user, self.case)

    @cached_property
    def way(self) -> Way | None:
        """Another channel or address of the customer, when one was chosen."""
        return next((way for way in self.ways if way.key == self.way_key), None) if self.way_key else None

    @cached_property
    def last(self) -> Message | None:
        """What is answered: the last words of a person in the case's conversation."""
        return last_inbound(self.case.conversation) if self.case.conversation_id else None

    @cached_property
    def account(self) -> Any:
        if self.way:
            return self.way.account
        if self.case.conversation is None:
            return self.case.account
        return account_for(self.case.conversation, self.last) or self.case.account

    @cached_property
    def able(self) -> Any:
        return gateway.capabilities(self.account) if self.account else None

    @property
    def channel(self) -> Channel | None:
        return channel(self.account.channel_kind) if self.account else None

    @property
    def several(self) -> bool:
        return bool(self.able and self.able.several_recipients)

    @property
    def has_subject(self) -> bool:
        return bool(self.able and self.able.subject)

    @property
    def limit(self) -> int:
        return limit_of(self.account) if self.account else 0

    @property
    def rules(self) -> list[Rule]:
        """What the channel does not carry, said before anything is typed."""
        if self.account is None:
            return []
        if self.way:
            return rules_of(self.account, None, self.way.identity)
        return rules_of(self.account, self.last, self.last.identity if self.last else None)

    @property
    def media(self) -> str:
        return " ".join(sorted(kind.value for kind in self.able.media)) if self.able else ""

    @property
    def subject(self) -> str:
        """What was typed; empty means the conversation's own subject, shown as the placeholder."""
        if self.typed is not None:
            return self.typed.get("subject", "")
        return self.draft.meta.get("subject", "") if self.draft else ""

    @property
    def subject_hint(self) -> str:
        """What stands there when nothing is typed: the subject that is answered."""
        return (self.last.subject if self.last else "") or self.case.subject

    @cached_property
    def draft(self) -> Draft | None:
        return draft_of(self.user, self.case, "reply")

    @property
    def text(self) -> str:
        if self.typed is not None:
            return self.typed.get("text", "")
        return self.draft.body if self.draft else ""

    @property
    def draft_at(self) -> int:
        return int(self.draft.updated_at.timestamp() * 1000) if self.draft else 0

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    @cached_property
    def everybody(self) -> list[Recipient]:
        """Who a reply to all would reach; never ourselves."""
        if self.way:
            return [Recipient(self.way.identity)]
        return recipients_for(self.case.conversation, ALL, self.last) if self.case.conversation_id else []

    @property
    def chosen(self) -> list[Recipient]:
        return self.everybody if self.mode == ALL else [one for one in self.everybody if one.role == "to"]

    @property
    def recipients(self) -> list[Person]:
        """Who could get it; ticked as they were when the form comes back with a refusal."""
        ticked = None if self.typed is None else set(self.typed.getlist("recipient"))
        return [
            self._person(one.role, one.identity, ticked is None or f"{one.role}:{one.identity.pk}" in ticked)
            for one in self.chosen
        ]

    def _person(self, role: str, identity: Identity, ticked: bool) -> Person:
        shown = shown_identity(self.user, identity, identity.customer)
        foreign = identity.customer_id != self.case.customer_id
        reason = str(_("Not this case's customer")) if foreign else ""
        return Person(identity.pk, role, shown.text, Level.of(identity), reason, ticked)

    @property
    def added(self) -> str:
        """The address that was typed beside the known ones."""
        return self.typed.get("add_address", "") if self.typed is not None else ""

    @property
    def added_role(self) -> str:
        return self.typed.get("add_role", "to") if self.typed is not None else "to"

    @property
    def roles(self) -> list[tuple[str, Any]]:
        return list(ROLE_WORDS.items())

    @property
    def modes(self) -> list[Choice]:
        if len(self.everybody) < 2:
            return []
        return [
            Choice(REPLY, _("Reply"), "reply", self.mode == REPLY),
            Choice(ALL, _("Reply to all"), "reply-all", self.mode == ALL),
        ]

    @cached_property
    def after(self) -> list[Then]:
        """What can follow the sending in the same act."""
        spec = spec_of(self.case.version)
        reachable = {
            spec.states[move.target].state_class for move in spec.leaving(self.case.state) if move.trigger == "person"
        }
        steps = [code for code, (_label, _short, target) in AFTER.items() if target in reachable]
        return [Then("", True), *(Then(step, more) for step in steps for more in (True, False))]

    @property
    def favourite(self) -> Then:
        """What this person chose last where it is possible here, else the most usual."""
        return next((one for one in self.after if one == self.wish), self.after[1] if self.after[1:] else self.after[0])


@dataclass
class Note:
    """The note form."""

    text: str = ""
    error: str = ""
    draft_at: int = 0
    revision: int = 0
    act: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class TemplateChoice:
    label: str
    url: str
    code: str


def wishes(request: HttpRequest) -> dict[str, str]:
    """What this person chose last to follow a sending; on a shared computer nobody gets another's choice."""
    owner, _dot, then = request.COOKIES.get(THEN_COOKIE, "").partition(".")
    return {THEN_COOKIE: request.POST.get("then") or (then if owner == str(request.user.pk) else "")}


@dataclass
class Composer:
    """Reply and note, as far as this person may."""

    may_reply: bool
    may_note: bool
    why_not: Any
    reply: Reply | None = None
    note: Note | None = None
    templates: list[TemplateChoice] = field(default_factory=list)
    helped: bool = False


def composer(user: Any, case: Case, reply: Reply | None = None, note: Note | None = None) -> Composer:
    may_reply = can(user, "message.send", case) and can(user, "case.work", case)
    may_note = can(user, "conversation.note")
    made = Composer(may_reply, may_note, _("You may read this case, not answer in it."))
    if may_reply:
        made.reply = reply or Reply(user, case)
        made.templates = templates_for(user, case)
        made.helped = extensions.exist("reply_suggester", "knowledge_source")
    if may_note:
        made.note = note or note_of(user, case)
    return made


def note_of(user: Any, case: Case) -> Note:
    row = draft_of(user, case, "note")
    return Note(row.body, "", int(row.updated_at.timestamp() * 1000), row.revision) if row else Note()


def draft_of(user: Any, case: Case, kind: str) -> Draft | None:
    """What this person typed here and did not send; both kinds are read with one query for a request."""
    known = case.__dict__.setdefault("_desk_drafts", {})
    if user.pk not in known:
        rows = Draft.objects.filter(conversation_id=case.conversation_id, author=user)
        known[user.pk] = {row.kind: row for row in rows} if case.conversation_id else {}
    return known[user.pk].get(kind)


def templates_for(user: Any, case: Case) -> list[TemplateChoice]:
    """Reply templates of the outreach room that fit this case's channel."""
    kind = case.account.channel_kind if case.account else ""
    return [
        TemplateChoice(item.label, reverse("desk:template", args=[case.number, item.code]), item.code)
        for item in templating.offered(kind)
    ]


def newest_entry(user: Any, case: Case) -> int:
    rows = Entry.objects.filter(conversation__case_links__case=case).not_hidden_from(user)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def news_since(case: Case, user: Any, seen: int) -> int:
    """Words of the customer and answers of colleagues that came after an entry."""
    rows = Entry.objects.filter(conversation__case_links__case=case, pk__gt=seen, message__isnull=False)
    rows = rows.not_hidden_from(user)
    by_people = Q(inbound=True, message__automatic="") | Q(message__delivery__automatic=False)
    return rows.filter(by_people).exclude(message__delivery__created_by=str(as_actor(user))).count()


def recipients_from(values: list[str], known: list[Recipient]) -> tuple[Recipient, ...]:
    """Recipients the form sent back ("to:17"); only people who take part in the matter are taken from it."""
    by_key = {one.identity.pk: one.identity for one in known}
    found = []
    for value in values:
        role, _sep, key = value.partition(":")
        if key.isdigit() and int(key) in by_key and role in ROLE_WORDS:
            found.append(Recipient(by_key[int(key)], role))
    return tuple(found)


def read(user: Any, case: Case) -> None:
    """The page was shown: nothing in it is unread for this person any more."""
    if case.conversation is not None:
        mark_read(user, case.conversation, case.conversation.last_message_at)
