"""Setting messages aside: spam, automatic, thanks, duplicate. One act, many at once, and back again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.channels.models import Message

from ..config import spec_of
from ..models import Case, CaseConversation, Mark, MessageMark, StateInterval
from . import deadlines
from .base import CaseError, Who, changing, demand, record, who
from .joining import back_to_work, leave_work
from .reminders import lay_down, take_up
from .stepping import step_back

Kind = MessageMark.Kind


@dataclass(frozen=True, slots=True)
class Marked:
    """What a bulk mark did: how many messages, and how many cases stopped being one or went back."""

    messages: int
    cases: int


def mark_messages(ids: Iterable[int], kind: str, actor: Any = None) -> Marked:
    """Mark many messages; each as `mark_message` does. Those marked alike already are left as they are."""
    marks = [mark_message(message, kind, actor) for message in Message.objects.filter(pk__in=list(ids))]
    return Marked(len(marks), sum(1 for item in marks if item.before))


def unmark_messages(ids: Iterable[int], actor: Any = None) -> Marked:
    """Undo the marks of many messages."""
    marks = list(MessageMark.objects.filter(message_id__in=list(ids)).select_related("message", "case"))
    touched = sum(1 for item in marks if item.before)
    for item in marks:
        unmark_message(item.message, actor)
    return Marked(len(marks), touched)


def mark_message(message: Message, kind: str, actor: Any = None) -> MessageMark:
    """Set one message aside; emits `case.message_marked`.

    A case opened only for it leaves every queue; a case it reopened or moved goes back to where it stood, unless
    people have worked on it since. `unmark_message` restores all of it. Raises NotAllowed, CaseError.
    """
    by = who(actor)
    if kind not in Kind.values:
        raise CaseError("unknown_kind", _("There is no such mark."), field="kind")
    case = case_of_message(message)
    demand(by, "case.mark", case)
    known = MessageMark.objects.filter(message=message).first()
    if known is not None and known.kind == kind:
        return known
    with transaction.atomic():
        if known is not None:
            unmark_message(message, actor)
        before = _take_back(case, message, kind) if case is not None else {}
        item = MessageMark.objects.create(message=message, kind=kind, case=case, before=before, marked_by=by.user)
        _tell(item, "case.message_marked", by)
    return item


def unmark_message(message: Message, actor: Any = None) -> None:
    """Undo a mark and all it did; emits `case.message_unmarked`. Nothing happens when there is none."""
    by = who(actor)
    with transaction.atomic():
        item = MessageMark.objects.select_related("case").filter(message=message).first()
        if item is None:
            return
        demand(by, "case.mark", item.case)
        _tell(item, "case.message_unmarked", by)
        item.delete()
        if item.before and item.case is not None:
            _restore(item.case, item.before)
        elif item.case is None:
            _take_in(message)


def _tell(item: MessageMark, event: str, by: Who) -> None:
    if item.case is not None:
        record(item.case, event, by, message_id=item.message_id, kind=item.kind)
        return
    from console.events import emit

    emit(
        f"message:{item.message_id}",
        event,
        {"message_id": item.message_id, "kind": item.kind, "case_id": None},
        actor=by.actor,
    )


def case_of_message(message: Message) -> Case | None:
    """The case a message belongs to: the one it opened, else the latest of its conversation."""
    opened = Case.objects.filter(origin_id=message.pk).order_by("-id").first()
    if opened is not None:
        return opened
    links = CaseConversation.objects.filter(
        conversation__entries__message_id=message.pk, case__merged_into=None
    ).select_related("case")
    link = links.order_by("-case__is_open", "-case_id").first()
    return link.case if link else None


def _take_back(case: Case, message: Message, kind: str) -> dict[str, Any]:
    """Undo what the message did to the case; what is returned is all `_restore` needs."""
    with changing(case) as row:
        if row.origin_id == message.pk and row.is_open and _only_voice(row, message):
            row.set_aside = kind
            leave_work(row)
            record(row, "case.set_aside", who(None), kind=kind, message_id=message.pk)
            return {"did": "set_aside"}
        return step_back(row, f"message:{message.pk}", message_id=message.pk)


def _only_voice(case: Case, message: Message) -> bool:
    """Whether nobody else's word is in the case: another message of the customer that is not set aside."""
    others = Message.objects.filter(
        entry__conversation__case_links__case=case, direction="in", automatic="", case_mark__isnull=True
    )
    return not others.exclude(pk=message.pk).exists()


def _restore(case: Case, before: dict[str, Any]) -> None:
    with changing(case) as row:
        if before["did"] == "set_aside" and row.set_aside:
            row.set_aside = ""
            back_to_work(row)
            record(row, "case.taken_back", who(None))
        elif before["did"] == "stepped":
            _step_forward(row, before)


def _step_forward(case: Case, before: dict[str, Any]) -> None:
    spec = spec_of(case.version)
    interval = StateInterval.objects.get(pk=before["interval"])
    now = timezone.now()
    current = StateInterval.objects.filter(case=case, ended_at=None, revoked_at=None).first()
    if current is None or current.started_at > interval.started_at:
        return
    take_up(case, interval.revoked_at)
    StateInterval.objects.filter(pk=current.pk).update(ended_at=interval.started_at)
    StateInterval.objects.filter(pk=interval.pk).update(revoked_at=None, ended_at=None)
    Mark.objects.filter(case=case, source=interval.cause).update(revoked_at=None)
    deadlines.set_state(case, spec, interval.state)
    if not case.is_open:
        lay_down(case, interval.started_at)
    if before["reopened"] != case.reopened:
        case.reopened = before["reopened"]
        case.closed_at = case.resolved_at = case.decided_at = None
        case.told = before["dates"]["told"]
    case.turn = before["turn"]
    deadlines.refresh(case, spec, now)
    record(case, "case.taken_back", who(None))


def _take_in(message: Message) -> None:
    """A message marked before it was a case comes in now, as it would have."""
    from .intake import take_in

    take_in(message)
