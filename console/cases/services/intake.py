"""From a message to a case: continue the one there is, take a closed one up again, or open a new one.

Runs inside the transaction that stored the message, for every mail: few queries, configuration from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from console.channels.fresh import message_with_participants
from console.channels.models import Message
from console.conversations.models import Conversation
from console.lowcode import fields as lowcode_fields

from .. import config, search, subjects
from ..models import Case, IntakeRule, MessageMark, Reopening, TurnOf
from .base import changing, record, who
from .joining import link
from .opening import Opening, open_cases
from .workflow import Transition, fire


@dataclass(frozen=True, slots=True)
class Joined:
    """A message joined a conversation, which may be a new one. `related_id` is the conversation it names without
    proof (a reply from another address): the new case is linked to that one's."""

    conversation_id: int
    message: Message
    is_new: bool = False
    related_id: int | None = None


def messages_added(joined: Sequence[Joined]) -> None:
    """Messages joined conversations. Those that begin one open their cases together; the others follow in order.

    Outbound and automatic messages, and those set aside, neither open nor reopen anything.
    """
    speaking = [one for one in joined if one.message.inbound and not _silent(one.message)]
    _open_together([one for one in speaking if one.is_new])
    for one in speaking:
        if not one.is_new:
            message_added(one.conversation_id, one.message.pk, False, one.message)


def message_added(
    conversation_id: int, message_id: int, is_new: bool, message: Any = None, related_id: int | None = None
) -> Case | None:
    """`messages_added` for one message. Returns the case it belongs to now, if any."""
    message = message or message_with_participants(message_id)[0]
    if not message.inbound:
        return None
    case = None if is_new else current_case(conversation_id)
    if _silent(message):
        return case
    if case is None:
        return _open_together([Joined(conversation_id, message, is_new, related_id)])[0]
    return _continue(case, conversation_id, message)


def _silent(message: Message) -> bool:
    return bool(message.automatic or message.meta.get("set_aside"))


def _open_together(joined: Sequence[Joined]) -> list[Case | None]:
    """Open the cases of messages that began a conversation; None for those no rule wants as a case."""
    conversations = Conversation.objects.in_bulk({one.conversation_id for one in joined}) if joined else {}
    openings = [_opening(conversations[one.conversation_id], one.message) for one in joined]
    cases = iter(open_cases([opening for opening in openings if opening is not None]))
    opened = [next(cases) if opening is not None else None for opening in openings]
    for one, case in zip(joined, opened, strict=True):
        if case is not None and one.related_id:
            _relate(case, one.related_id)
    return opened


def current_case(conversation_id: int) -> Case | None:
    """The case a conversation is about: an open one before a closed one, the latest of them."""
    rows = Case.objects.filter(conversation_links__conversation_id=conversation_id)
    rows = rows.select_related("version__type", "merged_into")
    case = rows.order_by("-is_open", "-id").first()
    return case.merged_into if case is not None and case.merged_into_id else case


def take_in(message: Message) -> Case | None:
    """Treat a stored message as if it had just come in: after its mark was undone, or by hand."""
    entry = getattr(message, "entry", None)
    if entry is None or MessageMark.objects.filter(message=message).exists():
        return None
    return message_added(entry.conversation_id, message.pk, is_new=False, message=message)


def _open(conversation_id: int, message: Message, follows: Case | None = None) -> Case | None:
    opening = _opening(Conversation.objects.get(pk=conversation_id), message, follows)
    return open_cases([opening])[0] if opening is not None else None


def _opening(conversation: Conversation, message: Message, follows: Case | None = None) -> Opening | None:
    rule, chosen = rule_for(message), chosen_type(message)
    if rule is None and follows is None and not chosen:
        return None
    type_ = chosen or (rule.type.code if rule is not None else follows.type.code)
    return Opening(
        type=type_,
        customer=message.customer,
        conversation=conversation,
        message=message,
        team=(rule.team if rule is not None else None) or (follows.team if follows else message.account.team),
        grade=rule.grade if rule is not None else None,
        follows=follows,
        suppress_reply=bool(message.meta.get("suppress_reply")),
        data=answers(type_, message),
    )


def chosen_type(message: Message) -> str:
    """The type the customer chose on a form, while customers may choose it; else empty."""
    code = message.meta.get("case_type", "")
    try:
        return code if code and config.active_spec(code).version.asked_as else ""
    except config.NoActiveVersion:
        return ""


def answers(type_code: str, message: Message) -> dict[str, Any]:
    """What a form asked, as far as the type's fields take it today. The rest stands in the words: nothing is lost."""
    given = message.meta.get("fields") or {}
    if not given:
        return {}
    fields = [field for field in config.active_spec(type_code).fields if field.asked and field.code in given]
    known = {field.code: given[field.code] for field in fields}
    try:
        return lowcode_fields.validate_values(fields, known, partial=True)
    except lowcode_fields.FieldErrors as errors:
        return {code: value for code, value in known.items() if code not in errors.by_field}


def _relate(case: Case, conversation_id: int) -> None:
    other = current_case(conversation_id)
    if other is not None:
        link(case, other)


def rule_for(message: Message) -> IntakeRule | None:
    """The first intake rule that fits the message; None leaves it a conversation without a case."""
    for rule in config.intake_rules():
        if rule.account_id not in (None, message.account_id):
            continue
        if not rule.condition or subjects.holds_message(rule.condition, facts_of(message)):
            return rule
    return None


def facts_of(message: Message) -> dict[str, Any]:
    """What intake rules may ask about a message."""
    return {
        "subject": message.subject,
        "text": message.text,
        "language": message.language,
        "account": message.account_id,
        "channel": message.account.channel_kind,
        "customer_tier": getattr(message.customer, "tier", ""),
        "case_type": message.meta.get("case_type", ""),
    }


def _continue(case: Case, conversation_id: int, message: Message) -> Case | None:
    if case.set_aside:
        return _open(conversation_id, message)
    if case.is_open:
        return _customer_wrote(case, message)
    if not may_reopen(case, message.reached_at):
        return _open(conversation_id, message, follows=case)
    return _customer_wrote(case, message, reopening=True)


def may_reopen(case: Case, at: datetime | None = None) -> bool:
    """Whether a late word takes this closed case up again, or opens a new one that follows it."""
    version = case.version
    until = case.closed_at and case.closed_at + timedelta(days=version.reopen_days)
    return version.reopening != Reopening.LINK and until is not None and (at or timezone.now()) <= until


def _customer_wrote(case: Case, message: Message, *, reopening: bool = False) -> Case:
    """The customer's word moves the case by its own workflow and makes it our turn. Emits `case.customer_wrote`."""
    cause = f"message:{message.pk}"
    by = who(None)
    with changing(case) as row:
        spec = config.spec_of(row.version)
        row.turn = TurnOf.STAFF
        row.last_inbound_at = max(filter(None, (row.last_inbound_at, message.reached_at)))
        row.last_message_at = max(filter(None, (row.last_message_at, message.reached_at)))
        triggers = [Transition.Trigger.CUSTOMER_REPLY]
        if reopening:
            triggers.append(Transition.Trigger.REOPENED)
        at = min(message.reached_at, timezone.now())
        any(fire(row, spec, trigger, by, at=at, cause=cause) for trigger in triggers)
        record(row, "case.customer_wrote", by, message_id=message.pk)
        search.stale(row)
    return case


__all__ = ["Joined", "current_case", "message_added", "messages_added", "rule_for", "take_in"]
