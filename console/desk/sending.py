"""From the reply form to the services below: recipients, files, drafts, and calling back."""

import re
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from console.cases import services
from console.cases.models import Case
from console.channels import services as channels
from console.channels.drafts import Recipient, Refusal, Refused, Upload
from console.channels.models import Delivery
from console.channels.services.sending import TooLate
from console.conversations import services as conversations
from console.conversations.services.answering import compose
from console.customers.services.identities import resolve_identity
from console.staff.access import as_actor

from .composing import ROLE_WORDS, UNDO_SECONDS, Reply, recipients_from

MAIL_ADDRESS = re.compile(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]+\.[^\s@<>,;:\"().]+\Z")


def wanted(user: Any, case: Case, form: Reply, data: QueryDict) -> tuple[tuple[Recipient, ...], frozenset[str]]:
    """Recipients ticked in the form plus an address typed in, and the warnings already confirmed. Raises Refused."""
    chosen = list(recipients_from(data.getlist("recipient"), form.everybody))
    address = data.get("add_address", "").strip()
    if address and form.account:
        if form.account.channel_kind == "email" and not MAIL_ADDRESS.match(address):
            raise Refused([no_mail_address()])
        role = data.get("add_role", "to")
        identity = resolve_identity(form.account.channel_kind, form.account, address)
        chosen.append(Recipient(identity, role if role in ROLE_WORDS else "cc"))
    return tuple(chosen), frozenset(data.getlist("confirmed"))


def check(user: Any, case: Case, form: Reply, data: QueryDict) -> list[Refusal]:
    """What stands in the way of what is typed so far. Nothing is stored: a typed address is looked at on sending."""
    chosen = recipients_from(data.getlist("recipient"), form.everybody)
    added = data.get("add_address", "").strip()
    if form.account is None:
        return [no_channel()]
    if added and form.account.channel_kind == "email" and not MAIL_ADDRESS.match(added):
        return [no_mail_address()]
    if not chosen:
        return [] if added else [nobody()]
    return channels.check_send(
        compose(
            case.conversation,
            data.get("text", ""),
            subject=data.get("subject", ""),
            recipients=chosen,
            confirmed=frozenset(data.getlist("confirmed")),
        )
    )


def nobody() -> Refusal:
    return Refusal("no_recipient", _("Nobody is chosen to receive this."), _("Tick a recipient or add an address."))


def no_mail_address() -> Refusal:
    return Refusal(
        "bad_address",
        _("What was added as a recipient is not a mail address."),
        _("Write it like name@bank.example, one address alone."),
    )


def no_channel() -> Refusal:
    return Refusal(
        "no_channel",
        _("This case came by no channel an answer could go over."),
        _("Call the customer, or write a note."),
    )


def send(user: Any, case: Case, form: Reply, data: QueryDict, files: list[Upload]) -> Delivery:
    """Send the reply, and move the case on when that was asked. Raises Refused and CaseError."""
    if form.account is None:
        raise Refused([no_channel()])
    if not data.get("text", "").strip():
        raise Refused([Refusal("empty", _("There is nothing to send yet."), _("Write the answer first."))])
    chosen, confirmed = wanted(user, case, form, data)
    if not chosen:
        raise Refused([nobody()])
    delivery, _moved = services.reply(
        case,
        data["text"],
        user,
        then=data.get("then", ""),
        subject=data.get("subject", ""),
        recipients=chosen,
        attachments=tuple(files),
        confirmed=confirmed,
        undo_seconds=UNDO_SECONDS,
    )
    forget_draft(user, case, "reply")
    return delivery


def recall(user: Any, delivery: Delivery) -> bool:
    """Take a waiting message back; False when it has gone."""
    try:
        channels.cancel(delivery, as_actor(user))
    except TooLate:
        return False
    return True


def keep_draft(user: Any, case: Case, kind: str, data: QueryDict) -> None:
    """What is being typed, kept on the server; an empty text forgets it."""
    text = data.get("text", "")
    if case.conversation_id is None:
        return
    if not text.strip():
        forget_draft(user, case, kind)
        return
    meta = {"subject": data.get("subject", "")[:300]} if kind == "reply" else {}
    conversations.save_draft(case.conversation, user, text, meta, kind=kind, checked=True)


def forget_draft(user: Any, case: Case, kind: str) -> None:
    if case.conversation_id is not None:
        conversations.discard_draft(case.conversation, user, kind)
