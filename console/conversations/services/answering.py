"""Answering: who an answer goes to, drafts that survive a lost network, and the answer itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from console.channels import gateway
from console.channels.models import Attachment, ChannelAccount, Delivery, Message, MessageParticipant, Role
from console.channels.models.account import WORKING
from console.channels.services import Draft as Outgoing
from console.channels.services import Recipient, Upload, send
from console.customers.models import Identity
from console.customers.normal import space_of
from console.plugin_api.channels import SendClass

from ..models import Conversation, Draft, Entry
from .base import NotAllowed, actor_of, check

REPLY, REPLY_ALL = "reply", "reply_all"
UNDO_SECONDS = 8
KINDS = ("reply", "note")


class Conflict(Exception):
    """The draft was changed from another window meanwhile; `current` is what is stored."""

    def __init__(self, current: Draft) -> None:
        super().__init__(current.pk)
        self.current = current


def reply(
    conversation: Conversation,
    actor: Any,
    text: str,
    *,
    html: str = "",
    subject: str = "",
    mode: str = REPLY,
    recipients: Sequence[Recipient] | None = None,
    attachments: Sequence[Attachment | Upload] = (),
    send_class: str = SendClass.REPLY.value,
    confirmed: Iterable[str] = (),
    undo_seconds: float | None = None,
    account: ChannelAccount | None = None,
    automatic: bool | None = None,
    purpose: str = "",
    language: str = "",
) -> Delivery:
    """Answer the customer in this thread. Staff get an undo window unless they say otherwise.

    Raises NotAllowed, and `console.channels.services.Refused` with the reasons of policy.
    """
    check(actor, "conversation.work", conversation)
    by_staff = actor_of(actor).kind == "staff"
    with transaction.atomic():
        outgoing = compose(
            conversation,
            text,
            html=html,
            subject=subject,
            mode=mode,
            recipients=recipients,
            attachments=tuple(attachments),
            send_class=send_class,
            confirmed=frozenset(confirmed),
            undo_seconds=(UNDO_SECONDS if by_staff else 0) if undo_seconds is None else undo_seconds,
            account=account,
            automatic=automatic,
            purpose=purpose,
            language=language,
        )
        delivery = send(outgoing, actor_of(actor))
        if not delivery.automatic:
            Conversation.objects.filter(pk=conversation.pk).update(waiting_since=None)
        if by_staff:
            Draft.objects.filter(conversation=conversation, author_id=actor_of(actor).id, kind="reply").delete()
    return delivery


def compose(
    conversation: Conversation,
    text: str,
    *,
    subject: str = "",
    mode: str = REPLY,
    recipients: Sequence[Recipient] | None = None,
    account: ChannelAccount | None = None,
    **more: Any,
) -> Outgoing:
    """The outgoing draft of an answer, for `check_send` while somebody types and for `reply` itself."""
    asked = last_inbound(conversation)
    chosen = tuple(recipients) if recipients is not None else tuple(recipients_for(conversation, mode))
    via = account or account_for(conversation, asked)
    if asked is not None and via.pk != asked.account_id and via.channel_kind != asked.account.channel_kind:
        asked = None
    return Outgoing(
        account=via,
        recipients=chosen,
        subject=subject or _subject(conversation, asked),
        text=text,
        in_reply_to=asked,
        thread=conversation.thread_ref,
        known=frozenset(participant_ids(conversation)),
        **more,
    )


def account_for(conversation: Conversation, asked: Message | None) -> ChannelAccount | None:
    """The account an answer goes by: the one the question came by, or, where that cannot send (a form), a working one
    that reaches the address the customer left."""
    came_by = asked.account if asked else conversation.account
    identity = (asked.identity if asked else None) or conversation.identity
    if came_by is None or identity is None or gateway.capabilities(came_by).outbound_text:
        return came_by
    rows = ChannelAccount.objects.filter(state__in=WORKING).order_by("pk")
    able = [
        row for row in rows
        if space_of(row.channel_kind) == identity.channel_kind
        and identity.account_key in ("", str(row.uid))
        and gateway.capabilities(row).outbound_text
    ]  # fmt: skip
    return min(able, key=lambda row: row.site_id != came_by.site_id, default=came_by)


def recipients_for(conversation: Conversation, mode: str = REPLY, asked: Message | None = None) -> list[Recipient]:
    """Whom an answer goes to: who wrote last (or where they asked to be answered), and with reply-all the others.

    A caller that holds the last inbound message with its participants gives it as `asked` and saves the queries.
    """
    asked = asked or last_inbound(conversation)
    if asked is None:
        return [Recipient(conversation.identity)] if conversation.identity else []
    people = _outsiders(asked)
    wanted = [one.identity for one in people if one.role == Role.REPLY_TO]
    wanted = wanted or [one.identity for one in people if one.role == Role.FROM]
    chosen = {identity.pk: Recipient(identity, Role.TO) for identity in wanted}
    if mode == REPLY_ALL:
        for one in people:
            if one.role in (Role.TO, Role.CC):
                chosen.setdefault(one.identity_id, Recipient(one.identity, Role.CC))
    return list(chosen.values())


def _outsiders(asked: Message) -> list[MessageParticipant]:
    if "participants" in getattr(asked, "_prefetched_objects_cache", {}):
        rows = asked.participants.all()
    else:
        rows = asked.participants.select_related("identity__customer")
    return [one for one in rows if one.identity_id and not one.own]


def participant_ids(conversation: Conversation) -> set[int]:
    """Identities that have taken part in any message of the conversation."""
    rows = MessageParticipant.objects.filter(message__entry__conversation=conversation, identity__isnull=False)
    found = set(rows.values_list("identity_id", flat=True))
    return found | ({conversation.identity_id} if conversation.identity_id else set())


def last_inbound(conversation: Conversation) -> Message | None:
    """What an answer answers: the last words of a person, else the last automatic ones."""
    rows = Entry.objects.filter(conversation=conversation, inbound=True, message__isnull=False)
    rows = rows.select_related("message__account", "message__identity__customer").order_by("-at", "-pk")
    entry = rows.filter(message__automatic="").first() or rows.first()
    return entry.message if entry else None


def save_draft(
    conversation: Conversation,
    author: Any,
    body: str,
    meta: dict[str, Any] | None = None,
    *,
    kind: str = "reply",
    revision: int | None = None,
    checked: bool = False,
) -> Draft:
    """Keep what somebody has typed so far. With the `revision` they started from, a change made in another window
    raises Conflict instead of being overwritten. `checked`: the caller has made sure that this person works here
    (through a case of theirs, say). Raises NotAllowed."""
    if not checked:
        check(author, "conversation.note" if kind == "note" else "conversation.work", conversation)
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of draft.")
    with transaction.atomic():
        draft, made = Draft.objects.select_for_update().get_or_create(
            conversation=conversation, author=author, kind=kind, defaults={"body": body, "meta": meta or {}}
        )
        if made:
            return draft
        if revision is not None and revision != draft.revision and body != draft.body:
            raise Conflict(draft)
        draft.body, draft.meta = body, meta if meta is not None else draft.meta
        draft.revision = F("revision") + 1
        draft.save()
        draft.refresh_from_db()
    return draft


def discard_draft(conversation: Conversation, author: Any, kind: str = "reply") -> bool:
    """Throw a draft away."""
    return bool(Draft.objects.filter(conversation=conversation, author=author, kind=kind).delete()[0])


def _subject(conversation: Conversation, asked: Message | None) -> str:
    subject = (asked.subject if asked else "") or conversation.subject
    if not subject:
        return ""
    return subject if subject.lower().startswith(("re:", "re：", "回复")) else f"Re: {subject}"


def identities_of(addresses: Iterable[Identity], role: str = Role.TO) -> tuple[Recipient, ...]:
    return tuple(Recipient(identity, role) for identity in addresses)


__all__ = ["Conflict", "NotAllowed", "compose", "discard_draft", "recipients_for", "reply", "save_draft"]
