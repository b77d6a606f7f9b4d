"""What an interest in a matter hides: the case, and every word of it by every door (lists, API, search, downloads).

A conversation may carry several matters. What was said before the hidden one began stays open to whoever is in the
conversation through an earlier matter of theirs: a re-check does not take the first case from those who handled it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import models
from django.db.models import Exists, F, OuterRef, QuerySet

from console.channels.models import Attachment, Delivery, Envelope, Message
from console.conversations.models import Conversation, Entry, MovedMessage
from console.staff.scopes import register_hidden

from .models import Case, CaseConversation, Interest


def cases(user_id: int) -> QuerySet:
    """Keys of the cases somebody does not see because of their interest in them."""
    return Interest.objects.filter(user_id=user_id, hides=True, ended_at=None).order_by().values("case_id")


def _conversations(user_id: int) -> QuerySet:
    """Keys of the conversations that began with a hidden matter."""
    hidden = cases(user_id)
    before = CaseConversation.objects.filter(conversation=OuterRef("conversation"), pk__lt=OuterRef("pk"))
    rows = CaseConversation.objects.filter(~Exists(before.exclude(case__in=hidden)), case__in=hidden)
    return rows.values("conversation_id")


def _entries(user_id: int) -> tuple[QuerySet, QuerySet]:
    """Lines of those conversations; and of others, those written since a hidden matter joined them."""
    since = {"conversation__case_links__case__in": cases(user_id)}
    later = Entry.objects.filter(**since, created_at__gte=F("conversation__case_links__since"))
    return Entry.objects.filter(conversation__in=_conversations(user_id)).order_by(), later.order_by()


def _messages(key: str) -> Callable[[int], list[QuerySet]]:
    """What hangs on the messages of hidden lines; `key` leads from a message to it."""

    def keys(user_id: int) -> list[QuerySet]:
        rows = [Message.objects.filter(entry__in=entries).order_by() for entries in _entries(user_id)]
        return [found.filter(**{f"{key}__isnull": False}).values(key) for found in rows]

    return keys


def hide(model: type[models.Model], path: str) -> None:
    """Rows of this model go with the case at the end of `path`; for rooms above. Called from AppConfig.ready()."""
    register_hidden(model, lambda user_id: [model._base_manager.filter(**{f"{path}__in": cases(user_id)}).values("pk")])


def register() -> None:
    """Called from AppConfig.ready()."""
    keys: dict[type[models.Model], Callable[[int], Iterable[QuerySet]]] = {
        Case: lambda user_id: [cases(user_id)],
        Conversation: lambda user_id: [_conversations(user_id)],
        Entry: lambda user_id: [rows.values("pk") for rows in _entries(user_id)],
        Message: _messages("pk"),
        Attachment: _messages("attachments__pk"),
        Delivery: _messages("delivery__pk"),
        Envelope: _messages("envelope_id"),
        MovedMessage: lambda user_id: [
            MovedMessage.objects.filter(entry__in=entries).order_by().values("pk") for entries in _entries(user_id)
        ],
    }
    for model, query in keys.items():
        register_hidden(model, query)
