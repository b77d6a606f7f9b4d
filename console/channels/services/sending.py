"""`send`: policy first, then message and delivery rows that commit with the act that wanted them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from console.customers.masks import mask_address
from console.events import Actor, NewEvent, clear_alarm, current_correlation, emit_many, new_correlation_id
from console.foundation.text import clean, squeeze
from console.foundation.text.masking import mask_text
from console.foundation.work import ring
from console.plugin_api.channels import SendClass

from .. import fresh, gateway, policy
from ..drafts import Draft, Recipient, Refusal, Refused, Upload
from ..html import safe_html, sanitise
from ..models import AnswerWindow, Attachment, Delivery, DeliveryState, Direction, Message, MessageParticipant
from ..policy import content
from ..policy.quiet import quiet_until
from ..tokens import make_token
from . import windows
from .attachments import SCAN_PUMP, FileRefused, forget_files, outbound_row
from .attempts import flush, note_link
from .intake import short
from .scanning import configured

SEND_PUMP = "channels.send"
FAILED_ALARM = "channels.failed"
LOOP_LIMIT = 5
LOOP_WINDOW = timedelta(hours=1)
HELD_BY_LOOP_GUARD = "loop guard"
DOTS = "••••••"
ASKED_FOR = (SendClass.STATUTORY_NOTICE.value, SendClass.SECURITY_CODE.value)
MAX_REFERENCES = 50


class TooLate(Exception):
    """The message is on its way or gone: it cannot be taken back."""


def check_send(draft: Draft) -> list[Refusal]:
    """What stands in the way of this draft; empty when `send` would take it. For the composer as much as for us."""
    return policy.check(draft)


def send(draft: Draft, actor: Actor) -> Delivery:
    """Queue a message in the caller's transaction; it goes out after the commit and the undo window.

    Raises Refused with every reason when policy says no. Automatic messages to an address that had its share within
    the hour are kept as `held` instead: a loop of two machines ends here.
    """
    answer = send_many([draft], actor)[0]
    flush()
    if isinstance(answer, Refused):
        raise answer
    return answer


def send_many(drafts: Sequence[Draft], actor: Actor) -> list[Delivery | Refused]:
    """`send` for many drafts, with the queries of one: for each its delivery, or why policy refuses it."""
    facts = policy.facts_for_many(drafts)
    with transaction.atomic():
        answers = [_checked(draft, known, actor) for draft, known in zip(drafts, facts, strict=True)]
        _count(answers)
        answers = [one.refused or one if isinstance(one, _Going) else one for one in answers]
        _queue([one for one in answers if isinstance(one, _Going)], actor)
    return [one.delivery if isinstance(one, _Going) else one for one in answers]


@dataclass(slots=True)
class _Going:
    """A draft that policy lets out, as unsaved rows."""

    message: Message
    delivery: Delivery
    people: list[MessageParticipant]
    files: list[Attachment]
    window: AnswerWindow | None = None
    refused: Refused | None = None


def _checked(draft: Draft, facts: policy.Facts, actor: Actor) -> _Going | Refused:
    refusals = policy.check(draft, facts)
    if refusals:
        if any(one.code == content.LINK for one in refusals):
            note_link(draft, actor)
        return Refused(refusals)
    try:
        files = _files(draft)
    except Refused as refused:
        return refused
    automatic = draft.automatic if draft.automatic is not None else actor.kind in ("system", "plugin")
    message, payload = _message(draft)
    delivery = _delivery(draft, facts, message, payload, actor, automatic)
    # Answers name our key or the provider's id; until that is known the key alone finds this message.
    message.wire_id = delivery.key
    return _Going(message, delivery, _participants(message, draft), files)


def _count(answers: Sequence[_Going | Refused]) -> None:
    """Count answers where the channel does. Policy saw one left, but somebody else may just have taken it."""
    counted = [one for one in answers if isinstance(one, _Going) and windows.counts(one.delivery)]
    # In one order for everybody: two senders wait for each other at most once.
    for one in sorted(counted, key=lambda one: (one.delivery.account_id, one.message.identity.address_hash)):
        one.window = windows.take(one.delivery.account_id, one.message.identity.address_hash)
        if one.window is None:
            forget_files([file for file in one.files if file.pk is None])
            one.refused = Refused([content.used_up(gateway.capabilities(one.delivery.account))])


def _queue(going: Sequence[_Going], actor: Actor) -> None:
    """Store what goes out, tell of it, and ring."""
    if not going:
        return
    deliveries = [one.delivery for one in going]
    Message.objects.bulk_create([one.message for one in going])
    MessageParticipant.objects.bulk_create([row for one in going for row in one.people])
    for one in going:
        for file in one.files:
            file.message = one.message
            file.save()
    _hold_looping(deliveries)
    Delivery.objects.bulk_create(deliveries)
    for one in going:
        if one.window is not None:
            windows.assign(one.window, one.delivery)
    with fresh.at_hand((one.message, one.people) for one in going):
        emit_many(
            _news(one, "delivery.queued" if one.status == DeliveryState.QUEUED else "delivery.held", actor)
            for one in deliveries
        )
    if any(one.status == DeliveryState.QUEUED and one.not_before is None for one in deliveries):
        ring(SEND_PUMP)
    if any(one.files for one in going) and configured():
        ring(SCAN_PUMP)


def cancel(delivery: Delivery, actor: Actor) -> None:
    """Take a message back while nobody has begun to send it. Raises TooLate."""
    with transaction.atomic():
        waiting = Delivery.objects.filter(
            pk=delivery.pk, status__in=(DeliveryState.QUEUED, DeliveryState.HELD), lease_until__isnull=True
        )
        now = timezone.now()
        if not waiting.update(status=DeliveryState.CANCELLED, status_at=now, next_attempt_at=None, payload=None):
            raise TooLate(delivery.pk)
        windows.give_back(delivery)
        _told(delivery, "delivery.cancelled", actor)
    delivery.refresh_from_db()


def release(delivery: Delivery, actor: Actor) -> None:
    """Let a held message go after a person looked at it. Raises TooLate when it is not held any more."""
    with transaction.atomic():
        held = Delivery.objects.filter(pk=delivery.pk, status=DeliveryState.HELD)
        now = timezone.now()
        if not held.update(status=DeliveryState.QUEUED, status_at=now, next_attempt_at=now, reason=""):
            raise TooLate(delivery.pk)
        _told(delivery, "delivery.released", actor)
        ring(SEND_PUMP)
    delivery.refresh_from_db()


def resend(delivery: Delivery, actor: Actor) -> None:
    """Try a failed message again, by hand.

    Raises TooLate when it has not failed or its words are gone (a security code), Refused while its address is blocked
    or no answer is left on a channel that counts them.
    """
    _may_go_again(delivery)
    with transaction.atomic():
        failed = Delivery.objects.filter(pk=delivery.pk, status=DeliveryState.FAILED)
        now = timezone.now()
        changes = {"status": DeliveryState.QUEUED, "status_at": now, "next_attempt_at": now, "attempts": 0}
        if not failed.update(**changes, reason="", give_up_at=now + timedelta(days=1), provider_message_id=""):
            raise TooLate(delivery.pk)
        _count_again(delivery)
        _told(delivery, "delivery.resent", actor)
        if not Delivery.objects.filter(account_id=delivery.account_id, status=DeliveryState.FAILED).exists():
            clear_alarm(FAILED_ALARM, str(delivery.account_id))
        ring(SEND_PUMP)
    delivery.refresh_from_db()


def _may_go_again(delivery: Delivery) -> None:
    if delivery.message.masked and delivery.payload is None:
        raise TooLate(delivery.pk)
    to = [Recipient(one.identity, one.role) for one in delivery.message.participants.all() if one.identity]
    draft = Draft(account=delivery.account, recipients=tuple(to), send_class=delivery.send_class)
    refusals = list(policy.people.suppressed(draft, policy.facts_for(draft)))
    if refusals:
        raise Refused(refusals)


def _count_again(delivery: Delivery) -> None:
    """A failed answer was given back; another try needs one that is left. Raises Refused."""
    if windows.counts(delivery):
        window = windows.take(delivery.account_id, delivery.identity.address_hash)
        if window is None:
            raise Refused([content.used_up(gateway.capabilities(delivery.account))])
        windows.assign(window, delivery)


def told(message: Message) -> bool:
    """Whether the reader of this outbound message counts as told: it was accepted, and nothing has come back."""
    delivery = Delivery.objects.filter(message_id=message.pk).only("status").first()
    return delivery is not None and delivery.told


def _message(draft: Draft) -> tuple[Message, dict[str, str] | None]:
    """The unsaved message as it is stored, and the clear words when the stored ones are masked."""
    words = {"subject": squeeze(clean(draft.subject)), "text": clean(draft.text), "html": sanitise(draft.html)}
    stored = {"subject": mask_text(words["subject"]), "text": mask_text(words["text"]), "html": safe_html(draft.html)}
    for secret in filter(None, draft.hidden):
        stored = {name: text.replace(secret, DOTS) for name, text in stored.items()}
    primary, asked, now = draft.primary, draft.in_reply_to, timezone.now()
    message = Message(
        account=draft.account,
        direction=Direction.OUTBOUND,
        identity=primary.identity,
        customer_id=primary.identity.customer_id,
        subject=stored["subject"][:500],
        text=stored["text"],
        html=stored["html"],
        masked=stored != words,
        occurred_at=now,
        reached_at=now,
        in_reply_to=asked.wire_id if asked else "",
        references=_references(asked),
        thread=draft.thread,
        language=draft.language[:10],
        meta=dict(draft.meta),
        correlation_id=_correlation(draft),
    )
    changed = stored != words or len(words["subject"]) > 500
    return message, words if changed else None


def _references(asked: Message | None) -> list[str]:
    if asked is None:
        return []
    chain = [*asked.references, asked.wire_id]
    return [ref for ref in chain if ref][-MAX_REFERENCES:]


def _correlation(draft: Draft) -> str:
    """One story: the draft's own id, else that of the message it answers, else the surrounding one."""
    asked = draft.in_reply_to
    return (
        draft.correlation_id or (asked.correlation_id if asked else "") or current_correlation() or new_correlation_id()
    )


def _participants(message: Message, draft: Draft) -> list[MessageParticipant]:
    return [_participant(message, one) for one in draft.recipients]


def _participant(message: Message, one: Recipient) -> MessageParticipant:
    identity = one.identity
    label = mask_address(identity.channel_kind, identity.address)[:160]
    return MessageParticipant(message=message, role=str(one.role), identity=identity, label=label)


def _files(draft: Draft) -> list[Attachment]:
    """The draft's files as rows, uploads put into the vault. Raises Refused for one the rules do not let out."""
    return [item if isinstance(item, Attachment) else _outbound(draft, item) for item in draft.attachments]


def _outbound(draft: Draft, item: Upload) -> Attachment:
    try:
        return outbound_row(
            draft.account, item.name, item.content, content_id=item.content_id[:255], inline=item.inline
        )
    except FileRefused as error:
        raise Refused([Refusal("file_refused", str(error), str(error))]) from error


def _delivery(
    draft: Draft,
    facts: policy.Facts,
    message: Message,
    payload: dict[str, str] | None,
    actor: Actor,
    automatic: bool,
) -> Delivery:
    now = facts.now
    start = _not_before(draft, facts)
    return Delivery(
        message=message,
        account=draft.account,
        identity=message.identity,
        send_class=str(draft.send_class),
        purpose=draft.purpose[:60],
        automatic=automatic,
        key=secrets.token_hex(16),
        status=DeliveryState.QUEUED,
        status_at=now,
        payload=payload,
        not_before=start if start > now else None,
        next_attempt_at=start,
        give_up_at=start + timedelta(minutes=facts.rule.give_up_minutes),
        correlation_id=message.correlation_id,
        created_by=str(actor)[:160],
    )


def _not_before(draft: Draft, facts: policy.Facts) -> datetime:
    """The end of the undo window or of the customer's night, whichever is later."""
    start = facts.now + timedelta(seconds=max(0.0, draft.undo_seconds))
    zone = draft.primary.identity.customer.time_zone
    return quiet_until(facts.rule, str(draft.send_class), zone, start) or start


def _hold_looping(deliveries: Sequence[Delivery]) -> None:
    """At most five automatic messages to one address within an hour, whoever wants to send them.

    A statutory notice and a security code follow a person's act, so they cannot be half of a loop: they are neither
    held nor counted.
    """
    counted = [one for one in deliveries if one.automatic and one.send_class not in ASKED_FOR]
    if not counted:
        return
    rows = Delivery.objects.filter(
        identity_id__in={one.identity_id for one in counted},
        automatic=True,
        created_at__gt=timezone.now() - LOOP_WINDOW,
    ).exclude(Q(status__in=(DeliveryState.HELD, DeliveryState.CANCELLED)) | Q(send_class__in=ASKED_FOR))
    sent = Counter(dict(rows.order_by().values_list("identity_id").annotate(Count("pk"))))
    for one in counted:
        if sent[one.identity_id] >= LOOP_LIMIT:
            one.status, one.reason, one.next_attempt_at = DeliveryState.HELD, HELD_BY_LOOP_GUARD, None
        else:
            sent[one.identity_id] += 1


def _told(delivery: Delivery, type_: str, actor: Actor) -> None:
    emit_many([_news(delivery, type_, actor)])


def _news(delivery: Delivery, type_: str, actor: Actor) -> NewEvent:
    return NewEvent(
        f"account:{delivery.account_id}",
        type_,
        {
            "delivery_id": delivery.pk,
            "message_id": delivery.message_id,
            "send_class": delivery.send_class,
            "reason": "loop_guard" if delivery.reason == HELD_BY_LOOP_GUARD else "",
        },
        actor=actor,
        correlation_id=delivery.correlation_id,
    )


def outbound_parts(delivery: Delivery) -> dict[str, Any]:
    """Words and thread of a delivery as they go out: the clear ones, and the signed token."""
    message = delivery.message
    words = delivery.payload or {"subject": message.subject, "text": message.text, "html": message.html}
    return {
        **words,
        "in_reply_to": message.in_reply_to,
        "references": tuple(message.references),
        "thread_token": make_token(message.thread),
        "language": message.language,
        "meta": dict(message.meta),
    }


def as_dicts(refusals: Sequence[Refusal]) -> list[dict[str, Any]]:
    """Refusals as the API and the composer show them, in the reader's language."""
    return [asdict(one) | {"text": str(one.text), "allowed": str(one.allowed)} for one in refusals]


__all__ = [
    "SEND_PUMP",
    "TooLate",
    "as_dicts",
    "cancel",
    "check_send",
    "outbound_parts",
    "release",
    "resend",
    "send",
    "send_many",
    "short",
    "told",
]
