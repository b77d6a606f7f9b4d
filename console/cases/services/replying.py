"""Answering from a case: the words go through its conversation, and the same act may move the case on."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..models import Case, Transition
from .base import CaseError, changing, demand, who
from .notices import answered, source_of
from .workflow import Moved, transition

# Set while what is sent has its own record: an answer to one named case, a notice.
answering: ContextVar[bool] = ContextVar("huiyin_answering", default=False)
THEN = {"wait": "waiting_customer", "resolve": "resolved", "close": "closed"}


def reply(
    case: Case,
    text: str,
    actor: Any = None,
    *,
    then: str = "",
    data: dict[str, Any] | None = None,
    revision: int | None = None,
    **how: Any,
) -> tuple[Any, Moved | None]:
    """Answer the customer and, with `then` ("wait", "resolve", "close" or a transition's code), move the case.

    Both happen or neither, and taking the answer back takes both back. `how` goes to the conversation's reply (html,
    attachments, recipients …). Raises what replying and moving raise: Refused, NotAllowed, Incomplete, Stale.
    """
    from console.conversations import services as conversations

    from .notes import ensure_conversation

    by = who(actor)
    demand(by, "case.work", case)
    with transaction.atomic():
        with changing(case, revision):
            pass
        if case.conversation_id is None:
            ensure_conversation(case)
        token = answering.set(True)
        try:
            delivery = conversations.reply(case.conversation, by.actor, text, **how)
        finally:
            answering.reset(token)
        cause = source_of(delivery.pk)
        answered(case, by, cause, timezone.now())
        code = _code(case, then) if then else ""
        moved = transition(case, code, actor, data, cause=cause) if code else None
    return delivery, moved


def _code(case: Case, then: str) -> str:
    """The transition a wish stands for here; empty when the case stands there already."""
    from ..config import spec_of

    spec = spec_of(case.version)
    if then in spec.transitions:
        return then
    wanted = THEN.get(then)
    if case.state_class == wanted:
        return ""
    for move in spec.leaving(case.state):
        if move.trigger == Transition.Trigger.PERSON and spec.states[move.target].state_class == wanted:
            return move.code
    raise CaseError("not_here", str(then))
