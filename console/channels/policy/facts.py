"""What the checks need to know beside the draft, gathered once for all drafts that go out together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from console.customers.models import Identifier, Identity
from console.customers.normal import NotAnIdentifier, value_hash
from console.customers.services.consents import consenting
from console.foundation.text.scan import scan
from console.plugin_api.capabilities import Capabilities
from console.plugin_api.channels import SendClass

from .. import gateway
from ..drafts import Draft
from ..models import AnswerWindow, ChannelAccount, MessageParticipant, Suppression
from .rules import Rule, rule_for

IDENTIFIER_OF = {
    "card": "card",
    "identity": "id_card",
    "mobile": "phone",
    "landline": "phone",
    "phone": "phone",
    "email": "email",
}
MAX_LOOKUPS = 50


@dataclass(frozen=True, slots=True)
class Facts:
    """Capabilities of the account, the rule of the class, the moment, and what the tables say of the people.

    `known` are identities who take part already, `consenting` the customers among the recipients who allow this,
    `owners` the customers to whom something in the words belongs, `blocked` dead addresses and until when,
    `window` what is left of the answers to this address where the channel counts them.
    """

    capabilities: Capabilities
    rule: Rule
    kind: str
    now: datetime
    known: frozenset[int] = frozenset()
    consenting: frozenset[int] = frozenset()
    owners: frozenset[int] = frozenset()
    blocked: tuple[tuple[str, datetime], ...] = ()
    window: AnswerWindow | None = None


def window_of(account: ChannelAccount, identity: Identity) -> AnswerWindow | None:
    """How often and until when this address may be answered, where the channel counts; None when it never could."""
    return AnswerWindow.objects.filter(account=account, address_hash=identity.address_hash).first()


def facts_for(draft: Draft) -> Facts:
    return facts_for_many([draft])[0]


def facts_for_many(drafts: Sequence[Draft]) -> list[Facts]:
    """One for each draft, with the same few queries for one draft as for many."""
    now = timezone.now()
    rules = [rule_for(str(draft.send_class), draft.account.channel_kind) for draft in drafts]
    pairs = list(zip(drafts, rules, strict=True))
    known = _participants([draft for draft, rule in pairs if rule.new_recipient != "off"])
    agreed = _consenting([draft for draft, rule in pairs if rule.needs_consent])
    values = [_values(draft) if rule.others_data != "off" else frozenset() for draft, rule in pairs]
    owners = _owners(frozenset().union(*values))
    windows = _windows(drafts)
    blocked = _blocked({one.identity.address_hash for draft in drafts for one in draft.recipients}, now)
    return [
        Facts(
            gateway.capabilities(draft.account),
            rule,
            draft.account.channel_kind,
            now,
            known=draft.known | known.get(draft.in_reply_to.pk if draft.in_reply_to else None, frozenset()),
            consenting=agreed.get(_consent(draft), frozenset()),
            owners=frozenset().union(*(owners.get(value, ()) for value in found)),
            blocked=tuple(
                (one.identity.address_hash, blocked[one.identity.address_hash])
                for one in draft.recipients
                if one.identity.address_hash in blocked
            ),
            window=windows.get(_place(draft)),
        )
        for (draft, rule), found in zip(pairs, values, strict=True)
    ]


def _participants(drafts: Sequence[Draft]) -> dict[int | None, frozenset[int]]:
    """Who takes part in the messages these drafts answer."""
    answered = {draft.in_reply_to.pk for draft in drafts if draft.in_reply_to is not None}
    rows = MessageParticipant.objects.filter(message_id__in=answered) if answered else MessageParticipant.objects.none()
    found: dict[int | None, set[int]] = {}
    for message_id, identity_id in rows.values_list("message_id", "identity_id"):
        found.setdefault(message_id, set()).add(identity_id)
    return {message_id: frozenset(people) for message_id, people in found.items()}


def _consent(draft: Draft) -> tuple[str, str]:
    """What is asked of the ledger: purpose and channel."""
    marketing = draft.send_class == SendClass.MARKETING
    return (SendClass.MARKETING.value if marketing else SendClass.SERVICE.value), draft.account.channel_kind


def _consenting(drafts: Sequence[Draft]) -> dict[tuple[str, str], frozenset[int]]:
    wanted: dict[tuple[str, str], set[int]] = {}
    for draft in drafts:
        wanted.setdefault(_consent(draft), set()).update(draft.customer_ids())
    return {asked: frozenset(consenting(people, *asked)) for asked, people in wanted.items()}


def _values(draft: Draft) -> frozenset[str]:
    """Keyed hashes of numbers and addresses in the words, without the recipients' own addresses."""
    found: set[tuple[str, str]] = set()
    for finding in scan(draft.words(), emails=True)[:MAX_LOOKUPS]:
        kind = IDENTIFIER_OF.get(finding.kind)
        if kind is None:
            continue
        try:
            found.add((kind, value_hash(kind, finding.value)))
        except NotAnIdentifier:
            continue
    own = {("email", one.identity.address_hash) for one in draft.recipients}
    return frozenset(value for _, value in found - own)


def _owners(values: frozenset[str]) -> dict[str, set[int]]:
    """Customers who have a value on file or write from it; a value the recipient shares counts for all."""
    if not values:
        return {}
    filed = Identifier.objects.filter(value_hash__in=values).values_list("value_hash", "customer_id")
    used = Identity.objects.filter(address_hash__in=values).values_list("address_hash", "customer_id")
    owners: dict[str, set[int]] = {}
    for value, customer_id in (*filed, *used):
        owners.setdefault(value, set()).add(customer_id)
    return owners


def _place(draft: Draft) -> tuple[int, str]:
    """What a window belongs to: our account and the address of whom the message is for."""
    return draft.account.pk, draft.primary.identity.address_hash if draft.primary else ""


def _windows(drafts: Sequence[Draft]) -> dict[tuple[int, str], AnswerWindow]:
    """Windows of these addresses, on channels that count."""
    places = {_place(draft) for draft in drafts if gateway.capabilities(draft.account).reply_windows}
    if not places:
        return {}
    accounts, addresses = zip(*places, strict=True)
    rows = AnswerWindow.objects.filter(account_id__in=accounts, address_hash__in=addresses)
    return {(row.account_id, row.address_hash): row for row in rows}


def _blocked(hashes: set[str], now: datetime) -> dict[str, datetime]:
    rows = Suppression.objects.filter(address_hash__in=hashes, until__gt=now, lifted_at__isnull=True)
    return dict(rows.order_by("until").values_list("address_hash", "until")) if hashes else {}
