"""Checks that ask who the message is for: consent, dead addresses, strangers, and other people's data."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from ..drafts import Draft, Refusal
from ..models import Role
from .facts import Facts

# Connectors give a sender without an address a name of its own under the domain that never exists (RFC 2606).
NOWHERE = ".invalid"


def consent(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Marketing and service messages need a yes; the latest word of the customer counts."""
    missing = draft.customer_ids() - facts.consenting if facts.rule.needs_consent else frozenset()
    if missing:
        yield Refusal(
            "no_consent",
            _("The customer has not agreed to messages of this kind on this channel."),
            _("A reply to the customer's own question, a statutory notice, or a channel with consent."),
            data={"customers": sorted(missing)},
        )


def suppressed(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """An address that bounced for good is not written to for a while: it harms every other mail we send."""
    if facts.blocked:
        yield Refusal(
            "suppressed",
            _("This address does not exist any more: an earlier message came back."),
            _("Another channel of this customer, or a telephone call; a supervisor can lift the block."),
            data={"until": facts.blocked[0][1].isoformat()},
        )


def new_recipient(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Somebody outside the conversation would read it: say so before it is too late."""
    if facts.rule.new_recipient == "off" or (draft.in_reply_to is None and not draft.known):
        return
    customer_id = draft.in_reply_to.customer_id if draft.in_reply_to is not None else None
    strangers = [
        one for one in draft.recipients
        if one.identity.pk not in facts.known and one.identity.customer_id != customer_id
    ]  # fmt: skip
    if strangers:
        yield Refusal(
            "new_recipient",
            _("One recipient has not taken part in this conversation so far."),
            _("Remove the new recipient, or confirm that they may read it."),
            confirmable=facts.rule.new_recipient == "confirm",
            data={"identities": [one.identity.pk for one in strangers]},
        )


def others_data(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """A card, identity, telephone number or mail address that belongs to another customer must not go out."""
    if facts.owners - draft.customer_ids():
        yield Refusal(
            "others_data",
            _("The text holds a number or an address that belongs to another customer."),
            _("Remove it, or check that you are writing to the right customer."),
            confirmable=facts.rule.others_data == "confirm",
        )


def recipients(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """There must be somebody to write to, and only one of them where the channel knows no more."""
    if draft.primary is None:
        yield Refusal("no_recipient", _("There is nobody to send this to."), _("Choose a recipient."))
        return
    if any(one.identity.address.lower().rstrip(".").endswith(NOWHERE) for one in draft.recipients):
        yield Refusal(
            "no_address",
            _("The message came without an address one could answer to."),
            _("Look into the message for another way to reach the customer."),
        )
    several = len(draft.recipients) > 1 or draft.primary.role != Role.TO
    if several and not facts.capabilities.several_recipients:
        yield Refusal(
            "one_recipient",
            _("This channel reaches one person at a time."),
            _("Send to one recipient, or use mail."),
        )
