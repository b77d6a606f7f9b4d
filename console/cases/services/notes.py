"""Internal notes on a case: they stand in its conversation's timeline."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ..models import Case
from .base import CaseError, Who, record, refuse_interest, who


def add_note(case: Case, text: str, actor: Any = None) -> Any:
    """Write an internal note into the case's conversation; emits `case.noted`. Raises CaseError without one."""
    if not text.strip():
        raise CaseError("empty_note", _("A note needs words."), field="text")
    by = who(actor)
    refuse_interest(by, case)
    return note_on(case, by, text.strip())


def note_on(case: Case, by: Who, text: str) -> Any:
    from console.conversations import services as conversations

    if case.conversation_id is None:
        ensure_conversation(case)
    note = conversations.add_note(case.conversation, by.actor, text)
    record(case, "case.noted", by)
    return note


def ensure_conversation(case: Case) -> Any:
    """A case opened by an agent gets the conversation its notes and answers stand in."""
    from console.conversations.models import Conversation

    from ..models import CaseConversation

    conversation = Conversation.objects.create(
        customer=case.customer, account=case.account, subject=case.subject, site=case.site, team=case.team
    )
    CaseConversation.objects.create(case=case, conversation=conversation)
    Case.objects.filter(pk=case.pk).update(conversation=conversation)
    case.conversation = conversation
    return conversation
