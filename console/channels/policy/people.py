"""Checks that ask who the message is for: consent, dead addresses, strangers, and other people's data."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from console.customers.models import Identifier, Identity
from console.customers.normal import NotAnIdentifier, value_hash
from console.customers.services.consents import consenting
from console.foundation.text.scan import scan
from console.plugin_api.channels import SendClass

from ..drafts import Draft, Refusal
from ..models import MessageParticipant, Role, Suppression
from .facts import Facts

IDENTIFIER_OF = {
    "card": "card",
    "identity": "id_card",
    "mobile": "phone",
    "landline": "phone",
    "phone": "phone",
    "email": "email",
}
MAX_LOOKUPS = 50
# Connectors give a sender without an address a name of its own under the domain that never exists (RFC 2606).
NOWHERE = ".invalid"


def consent(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Marketing and service messages need a yes; the latest word of the customer counts."""
    if not facts.rule.needs_consent:
        return
    wanted = draft.customer_ids()
    purpose = SendClass.MARKETING.value if draft.send_class == SendClass.MARKETING else SendClass.SERVICE.value
    missing = wanted - consenting(wanted, purpose, facts.kind)
    if missing:
        yield Refusal(
            "no_consent",
            _("The customer has not agreed to messages of this kind on this channel."),
            _("A reply to the customer's own question, a statutory notice, or a channel with consent."),
            data={"customers": sorted(missing)},
        )


def suppressed(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """An address that bounced for good is not written to for a while: it harms every other mail we send."""
    hashes = {one.identity.address_hash for one in draft.recipients}
    rows = Suppression.objects.filter(address_hash__in=hashes, until__gt=facts.now, lifted_at__isnull=True)
    found = rows.values_list("address_hash", "until").first()
    if found:
        yield Refusal(
            "suppressed",
            _("This address does not exist any more: an earlier message came back."),
            _("Another channel of this customer, or a telephone call; a supervisor can lift the block."),
            data={"until": found[1].isoformat()},
        )


def new_recipient(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Somebody outside the conversation would read it: say so before it is too late."""
    if facts.rule.new_recipient == "off" or (draft.in_reply_to is None and not draft.known):
        return
    known = set(draft.known)
    customers: set[int | None] = set()
    if draft.in_reply_to is not None:
        known |= set(
            MessageParticipant.objects.filter(message_id=draft.in_reply_to.pk).values_list("identity_id", flat=True)
        )
        customers.add(draft.in_reply_to.customer_id)
    strangers = [
        one for one in draft.recipients
        if one.identity.pk not in known and one.identity.customer_id not in customers
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
    if facts.rule.others_data == "off":
        return
    hashes = _hashes(draft)
    if not hashes:
        return
    own = draft.customer_ids()
    if _owners(hashes) - own:
        yield Refusal(
            "others_data",
            _("The text holds a number or an address that belongs to another customer."),
            _("Remove it, or check that you are writing to the right customer."),
            confirmable=facts.rule.others_data == "confirm",
        )


def _hashes(draft: Draft) -> dict[tuple[str, str], None]:
    found: dict[tuple[str, str], None] = {}
    for finding in scan(draft.words(), emails=True)[:MAX_LOOKUPS]:
        kind = IDENTIFIER_OF.get(finding.kind)
        if kind is None:
            continue
        try:
            found[kind, value_hash(kind, finding.value)] = None
        except NotAnIdentifier:
            continue
    own = {(("email", one.identity.address_hash)) for one in draft.recipients}
    return {key: None for key in found if key not in own}


def _owners(hashes: dict[tuple[str, str], None]) -> set[int]:
    """Customers who have one of these values on file or write from it; a value the recipient shares counts for all."""
    values = {value for _, value in hashes}
    filed = Identifier.objects.filter(value_hash__in=values).values_list("value_hash", "customer_id")
    used = Identity.objects.filter(address_hash__in=values).values_list("address_hash", "customer_id")
    return {customer for _, customer in (*filed, *used)}


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
