"""From the reply form to the services below: recipients, files, drafts, and calling back."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from console.cases import services
from console.cases.models import Case
from console.channels import services as channels
from console.channels.drafts import Recipient, Refusal, Refused, Upload
from console.channels.models import Delivery
from console.channels.services.sending import TooLate
from console.conversations import services as conversations
from console.conversations.models import Draft
from console.conversations.services.answering import Conflict, compose
from console.customers.services.identities import resolve_identity
from console.foundation.once import once
from console.staff.access import as_actor

from . import composing
from .composing import ROLE_WORDS, UNDO_SECONDS, Reply, Then, news_since, recipients_from

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
    if form.case.conversation_id is None:
        return []
    if added and form.account.channel_kind == "email" and not MAIL_ADDRESS.match(added):
        return [no_mail_address()]
    if not chosen:
        return [] if added else [nobody()]
    found = channels.check_send(
        compose(
            case.conversation,
            data.get("text", ""),
            subject=data.get("subject", ""),
            recipients=chosen,
            confirmed=frozenset(data.getlist("confirmed")) | own(form),
            account=form.way.account if form.way else None,
        )
    )
    return [refusal for refusal in found if refusal.code != "empty"]


def own(form: Reply) -> frozenset[str]:
    """Another address of the same customer is chosen on purpose and needs no warning."""
    return frozenset({"new_recipient"} if form.way else ())


def nobody() -> Refusal:
    return Refusal("no_recipient", _("Nobody is chosen to receive this."), _("Tick a recipient or add an address."))


def no_mail_address() -> Refusal:
    return Refusal(
        "bad_address",
        _("What was added as a recipient is not a mail address."),
        _("Write it like name@bank.example, one address alone."),
    )


def overtaken(count: int) -> Refusal:
    return Refusal(
        "overtaken",
        ngettext("%(n)d new message since you began.", "%(n)d new messages since you began.", count) % {"n": count},
        _("Read it above; send once more (Ctrl+Enter) when your answer still fits."),
    )


def no_channel() -> Refusal:
    return Refusal(
        "no_channel",
        _("This case came by no channel an answer could go over."),
        _("Call the customer, or write a note."),
    )


def send(user: Any, case: Case, form: Reply, data: QueryDict, files: list[Upload]) -> int:
    """Send the reply, and move the case on when that was asked; sent again with the same key, it is one letter.

    The key of its delivery. Raises Refused and CaseError.
    """
    if form.account is None:
        raise Refused([no_channel()])
    if not data.get("text", "").strip():
        raise Refused([Refusal("empty", _("There is nothing to send yet."), _("Write the answer first."))])
    chosen, confirmed = wanted(user, case, form, data)
    if not chosen:
        raise Refused([nobody()])

    def act() -> str:
        if count := news_since(case, user, form.seen_before):
            raise Refused([overtaken(count)])
        more = {"account": form.way.account} if form.way else {}
        delivery, _moved = services.reply(
            case,
            data["text"],
            user,
            then=Then.read(data.get("then", "")).step,
            subject=data.get("subject", ""),
            recipients=chosen,
            attachments=tuple(files),
            confirmed=confirmed | own(form) if not data.get("add_address", "").strip() else confirmed,
            undo_seconds=UNDO_SECONDS,
            **more,
        )
        return str(delivery.pk)

    sums = [hashlib.sha256(file.content).hexdigest() for file in files]
    pk = once(user.pk, data.get("act", ""), (case.pk, *content(data), *sums), act)
    forget_draft(user, case, "reply")
    return int(pk)


def content(data: QueryDict) -> list[str]:
    """What makes two sendings of one form the same act."""
    return [value for name in ("text", "subject", "recipient", "add_address", "way") for value in data.getlist(name)]


def add_note(user: Any, case: Case, data: QueryDict) -> None:
    """An internal note; the same form sent twice is one note. Raises CaseError."""
    text = data.get("text", "")

    def act() -> str:
        services.add_note(case, text, user)
        return ""

    once(user.pk, data.get("act", ""), (case.pk, text), act)
    forget_draft(user, case, "note")


def recall(user: Any, delivery: Delivery) -> bool:
    """Take a waiting message back; False when it has gone."""
    try:
        channels.cancel(delivery, as_actor(user))
    except TooLate:
        return False
    return True


@dataclass(frozen=True)
class Kept:
    """A draft as it stands now, and what another window had written over an older one of ours."""

    revision: int = 0
    other: str = ""


def keep_draft(user: Any, case: Case, kind: str, data: QueryDict) -> Kept:
    """What is being typed, kept on the server; an empty text forgets it. The newer words win, the others come back."""
    text = data.get("text", "")
    if case.conversation_id is None:
        return Kept()
    if not text.strip():
        forget_draft(user, case, kind)
        return Kept()
    meta = {"subject": data.get("subject", "")[:300]} if kind == "reply" else {}
    known, other = data.get("revision", ""), ""

    def save(revision: int | None) -> Draft:
        return conversations.save_draft(case.conversation, user, text, meta, kind=kind, revision=revision, checked=True)

    try:
        draft = save(int(known) if known.isdigit() else None)
    except Conflict as conflict:
        draft, other = save(None), conflict.current.body
    return Kept(draft.revision, other)


def forget_draft(user: Any, case: Case, kind: str) -> None:
    if case.conversation_id is not None:
        conversations.discard_draft(case.conversation, user, kind)


def give_back(user: Any, case: Case, text: str) -> None:
    """A reply that was called back waits as a draft, unless something new was begun meanwhile."""
    if case.conversation_id is not None and composing.draft_of(user, case, "reply") is None:
        conversations.save_draft(case.conversation, user, text, kind="reply", checked=True)
