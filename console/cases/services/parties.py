"""People beside the customer: what they may do in this matter, until when, and on which documents."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.customers.models import Identity
from console.customers.normal import NotAnIdentifier, normal
from console.foundation.text import clean

from ..config import Spec, spec_of
from ..models import Case, Limit, MaterialKind, Party
from .base import CaseError, changing, demand, record, who

Role, Scope = Party.Role, Party.Scope
# Joint complainants stand for themselves; everybody else acts for somebody and needs a scope.
ACTING = (Role.REPRESENTATIVE, Role.AGENT, Role.HEIR)


def add_party(
    case: Case,
    role: str,
    name: str,
    actor: Any = None,
    *,
    contact: str = "",
    customer: Any = None,
    scope: list[str] | None = None,
    valid_from: date | None = None,
    expires_on: date | None = None,
    note: str = "",
) -> Party:
    """Record somebody beside the customer; emits `case.party_added`.

    Raises CaseError without a name or scope, for dates the wrong way round, or for more representatives than the
    type's limit lets speak; NotAllowed.
    """
    by = who(actor)
    with changing(case) as row:
        demand(by, "case.work", row)
        made = Party(
            case=row,
            role=_role(role),
            name=clean(name).strip()[:120],
            contact=clean(contact).strip()[:200],
            customer=customer,
            scope=_scope(role, scope or []),
            valid_from=valid_from or timezone.localdate(),
            expires_on=expires_on,
            note=note[:300],
            recorded_by=by.user,
        )
        _check(row, made)
        made.save()
        row.set_beside("parties")
        record(row, "case.party_added", by, party_id=made.pk, role=made.role)
    return made


def _role(role: str) -> str:
    if role not in Role.values:
        raise CaseError("unknown_role", _("Choose a role from the list."), field="role")
    return role


def _scope(role: str, scope: list[str]) -> list[str]:
    if set(scope) - set(Scope.values):
        raise CaseError("unknown_scope", _("Choose from the list what they may do."), field="scope")
    if role in ACTING and not scope:
        raise CaseError("scope_needed", _("Say what they may do in this matter."), field="scope")
    return [code for code in Scope.values if code in scope]


def _check(case: Case, party: Party) -> None:
    if not party.name:
        raise CaseError("name_needed", _("Give the name."), field="name")
    if party.expires_on and party.expires_on < party.valid_from:
        raise CaseError("dates", _("It ends before it begins."), field="expires_on")
    limit = spec_of(case.version).limit(Limit.Kind.REPRESENTATIVES)
    if party.role == Role.REPRESENTATIVE and limit and _speaking(case) >= limit.amount:
        raise CaseError(
            "too_many",
            _("A joint complaint has at most %(most)s representatives (%(source)s).")
            % {"most": limit.amount, "source": limit.source},
            allowed=_("End another one first, or record a joint complainant."),
            field="role",
        )


def _speaking(case: Case) -> int:
    return sum(row.in_force for row in Party.objects.filter(case=case, role=Role.REPRESENTATIVE))


def end_party(party: Party, actor: Any = None) -> Party:
    """They no longer act in this matter; emits `case.party_ended`. Ended ones stay ended."""
    by = who(actor)
    with changing(party.case) as row:
        demand(by, "case.work", row)
        fresh = Party.objects.select_for_update(of=("self",)).get(pk=party.pk)
        if fresh.ended_at is None:
            fresh.ended_at = timezone.now()
            fresh.save(update_fields=["ended_at"])
            record(row, "case.party_ended", by, party_id=fresh.pk, role=fresh.role)
    party.refresh_from_db()
    return party


def lacking(party: Party, spec: Spec) -> list[MaterialKind]:
    """Documents the type asks of this role that are not on file for them."""
    wanted = [row for row in spec.material_kinds if party.role in (row.required_for or [])]
    here = {row.kind for row in party.materials.all()}
    return [row for row in wanted if row.code not in here]


def may_act(party: Party, scope: str) -> bool:
    """Whether somebody may do this in the matter today: in force, within their scope, documents complete."""
    return party.in_force and scope in party.scope and not lacking(party, spec_of(party.case.version))


def demand_scope(case: Case, pk: Any, scope: str) -> Party:
    """The person beside the customer who does this. Raises CaseError when they are of another matter or may not."""
    party = Party.objects.filter(case=case, pk=pk).first() if str(pk).isdecimal() and len(str(pk)) < 19 else None
    if party is None:
        raise CaseError("other_party", _("This person does not belong to the matter."), field="party")
    if not may_act(party, scope):
        raise CaseError(
            "beyond_scope",
            _("%(name)s may not do this for the customer: their authority does not say so, has ended, or lacks papers.")
            % {"name": party.name},
            allowed=_("Ask the customer, or put the authority on file."),
            field="party",
        )
    return party


def may_do(case: Case, identity: Identity, scope: str) -> bool:
    """Whether whoever writes from this address may do this: the customer themselves, or a party within their scope."""
    party = _party_at(case, identity) if case.has("parties") else None
    if party is not None:
        return may_act(party, scope)
    own = case.origin.identity_id if case.origin else None
    thread = case.conversation.identity_id if case.conversation else None
    return identity.pk in (own, thread) or identity.customer_id == case.customer_id


def _party_at(case: Case, identity: Identity) -> Party | None:
    """The party who gave this address; of several the one still in force."""
    rows = [row for row in case.parties.all() if _is_at(row, identity)]
    return next((row for row in rows if row.in_force), rows[0] if rows else None)


def _is_at(party: Party, identity: Identity) -> bool:
    if party.customer_id is not None and party.customer_id == identity.customer_id != party.case.customer_id:
        return True
    try:
        return normal(identity.channel_kind, party.contact) == identity.address
    except NotAnIdentifier:
        return False


def incomplete(case: Case) -> list[Party]:
    """Those in force whose documents are not complete."""
    spec = spec_of(case.version)
    rows = Party.objects.filter(case=case, ended_at=None).prefetch_related("materials")
    return [row for row in rows if row.in_force and lacking(row, spec)]
