"""One-time codes. The page writes a row, the same for every address; a worker finds out whether anybody is behind it.

So neither the words nor the time of an answer tell whether an address or a number is known here.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from console.cases.models import Case
from console.cases.queries import named
from console.channels import gateway
from console.channels.models import ChannelAccount
from console.channels.models.account import WORKING
from console.channels.services import Draft, Recipient, Refused, send
from console.customers.models import Identifier, Identity
from console.customers.normal import address_hash, space_of
from console.customers.services.identities import resolve_identity
from console.events import Actor
from console.foundation.crypto import keyed_hash
from console.foundation.work import claim, ring, settle
from console.outreach.rendering import NoTemplate, render
from console.plugin_api.channels import SendClass

from .. import limits
from ..models import Challenge, PortalPolicy, Purpose
from ..queries import identities_in

PUMP = "portal.codes"
TEMPLATE = "sign-in-code"
DIGITS = 6
KEPT = timedelta(days=2)
PORTAL = Actor("system", "portal", "portal")


class TooOften(RuntimeError):
    """This network or this address has asked for too many codes within the hour."""


def ask(purpose: str, kind: str, address: str, *, network: str, language: str, case_ref: str = "") -> Challenge:
    """Somebody wants a code sent to an address. Raises TooOften, counted alike for known and unknown addresses."""
    policy, hashed = PortalPolicy.current(), address_hash(kind, address)
    networks = limits.over("code-network", network, policy.codes_per_network)
    if limits.over("code-address", hashed, policy.codes_per_address) or networks:
        raise TooOften
    with transaction.atomic():
        row = Challenge.objects.create(
            purpose=purpose,
            kind=kind,
            address=address,
            address_hash=hashed,
            case_ref=case_ref[:60],
            language=language,
            expires_at=timezone.now() + timedelta(minutes=policy.code_minutes),
        )
        ring(PUMP)
    return row


def prove(uid: UUID, code: str) -> Challenge | None:
    """The challenge this code answers, once; None for a wrong, used or expired one. Every try is counted first."""
    rows = Challenge.objects.filter(uid=uid, used_at=None, expires_at__gt=timezone.now())
    counted = rows.filter(tries__lt=PortalPolicy.current().code_tries).update(tries=F("tries") + 1)
    row = rows.select_related("identity__customer", "case").first() if counted else None
    expected = row.code_hash if row is not None and row.code_hash else "-"
    if not hmac.compare_digest(_hash(uid, code), expected):
        return None
    return row if rows.filter(pk=row.pk).update(used_at=timezone.now()) else None


def due() -> QuerySet[Challenge]:
    return Challenge.objects.filter(status="pending")


def drain() -> int:
    """Send the codes that were asked for. The pump "portal.codes"."""
    rows = claim(due())
    for row in rows:
        _serve(row)
    return len(rows)


def _serve(row: Challenge) -> None:
    account = account_for(row.kind)
    found = _who(row, account) if account is not None and row.expires_at > timezone.now() else None
    if found is None:
        settle(row, "nobody")
        return
    identity, case = found
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    try:
        with transaction.atomic():
            if settle(row, "sent", identity=identity, case=case, code_hash=_hash(row.uid, code)):
                send(_draft(row, account, identity, code), PORTAL)
    except (Refused, NoTemplate) as error:
        settle(row, "refused", last_error=str(error)[:200])


def _draft(row: Challenge, account: ChannelAccount, identity: Identity, code: str) -> Draft:
    values = {"code": code, "minutes": str(PortalPolicy.current().code_minutes)}
    words = render(TEMPLATE, row.language, values, account.channel_kind)
    return Draft(
        account=account,
        recipients=(Recipient(identity),),
        subject=words.subject,
        text=words.body,
        send_class=SendClass.SECURITY_CODE.value,
        purpose=f"portal.{row.purpose}",
        language=words.language,
        automatic=True,
        hidden=words.secrets,
    )


def account_for(kind: str) -> ChannelAccount | None:
    """A working account that can write to such an address without being asked."""
    for account in ChannelAccount.objects.filter(state__in=WORKING).order_by("pk"):
        able = gateway.capabilities(account)
        if space_of(account.channel_kind) == kind and able.outbound_text and able.proactive:
            return account
    return None


def _who(row: Challenge, account: ChannelAccount) -> tuple[Identity, Case | None] | None:
    """Whom the code would go to, and for which case; None when nobody is there."""
    if row.purpose == Purpose.CHANGE:
        return resolve_identity(account.channel_kind, account, row.address), None
    if row.purpose == Purpose.FOLLOW:
        case = named(row.case_ref)
        identity = identities_in(case).filter(address_hash=row.address_hash).first() if case else None
        return (identity, case) if identity is not None and not identity.is_blocked else None
    known = Identity.objects.filter(channel_kind=row.kind, account_key="", address_hash=row.address_hash)
    identity = known.select_related("customer").first()
    if identity is None and _on_file(row):
        identity = resolve_identity(account.channel_kind, account, row.address)
    return (identity, None) if identity is not None and not identity.is_blocked else None


def _on_file(row: Challenge) -> bool:
    return Identifier.objects.filter(kind=row.kind, value_hash=row.address_hash).exists()


def _hash(uid: UUID, code: str) -> str:
    return keyed_hash(f"{uid.hex}:{code}", "portal-code")


def sweep() -> int:
    """Forget challenges nobody can answer any more."""
    return Challenge.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
