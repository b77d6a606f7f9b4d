"""Material: asked of the customer only where the bank does not have it; what came is on file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.channels.models import Attachment

from .. import config
from ..config import spec_of
from ..models import Case, Limit, Material, MaterialKind, MaterialRequest, Party, Transition
from . import effects
from .base import CaseError, Text, changing, demand, record, who
from .effects import Effect, Step
from .workflow import Moved, take

Trigger = Transition.Trigger
Status = MaterialRequest.Status


def ask_for_material(
    case: Case, kinds: list[str], words: str = "", actor: Any = None, *, revision: int | None = None
) -> Moved:
    """Ask the customer for material by the type's own step; emits `case.material_asked`, and the customer is told.

    Raises CaseError naming what the bank has already, NotAllowed, Stale.
    """
    return take(case, Trigger.SUPPLEMENT, actor, {"materials": kinds, "words": words}, revision=revision)


def held(case: Case, kinds: Iterable[MaterialKind]) -> dict[str, Text]:
    """Which of these the bank has already, and from where: by nature, from the customer's file, from any case."""
    kinds = list(kinds)
    on_file = _on_file(case, [row.code for row in kinds])
    known = _identifiers(case)
    found: dict[str, Text] = {}
    for row in kinds:
        if row.bank_holds:
            found[row.code] = _("the bank has it itself")
        elif row.code in on_file:
            found[row.code] = _("on file since case %(number)s") % {"number": on_file[row.code]}
        elif row.identifier and row.identifier in known:
            found[row.code] = _("on the customer's file")
    return found


def _on_file(case: Case, codes: list[str]) -> dict[str, str]:
    # Papers of an agent or a representative are theirs, not the customer's.
    mine = Q(case=case, party=None) | (Q(customer_id=case.customer_id) if case.customer_id else Q(pk__in=[]))
    rows = Material.objects.filter(mine, kind__in=codes)
    rows = rows.filter(Q(good_until=None) | Q(good_until__gte=timezone.localdate()))
    return dict(rows.order_by("received_at").values_list("kind", "case__number"))


def _identifiers(case: Case) -> set[str]:
    if case.customer is None or case.customer.is_provisional:
        return set()
    return set(case.customer.identifiers.filter(contact=None).values_list("kind", flat=True))


def _check(case: Case, spec: config.Spec, brought: dict[str, Any]) -> None:
    codes = list(brought.get("materials") or [])
    unknown = [code for code in codes if spec.material(code) is None]
    if not codes or unknown:
        raise CaseError("unknown_material", _("Choose the material from the list."), field="materials")
    known = held(case, [spec.material(code) for code in codes])
    if known:
        names = "; ".join(f"{spec.material(code).label}: {where}" for code, where in known.items())
        raise CaseError(
            "held",
            _("What the bank has must not be asked of the customer. %(names)s") % {"names": names},
            allowed=_("Ask for the rest, or look there."),
            field="materials",
        )


def _asked(step: Step) -> None:
    case, limit = step.case, step.spec.limit(Limit.Kind.SUPPLEMENT_DAYS)
    due = timezone.localdate(step.at) + timedelta(days=limit.amount) if limit else None
    MaterialRequest.objects.filter(case=case, status=Status.OPEN).update(status=Status.CANCELLED, settled_at=step.at)
    row = MaterialRequest.objects.create(
        case=case,
        kinds=list(step.brought["materials"]),
        words=str(step.brought.get("words", "")).strip(),
        due_on=due,
        asked_by=step.by.user,
    )
    case.set_beside("material_requests")
    record(case, "case.material_asked", step.by, request_id=row.pk, kinds=row.kinds)


effects.register(Trigger.SUPPLEMENT, Effect(("materials", "words"), _check, _asked))


def record_material(
    case: Case,
    kind: str,
    actor: Any = None,
    *,
    attachment: Attachment | None = None,
    original_seen: bool = False,
    note: str = "",
    party: Party | None = None,
) -> Material:
    """Put one document on file; a request that has everything it asked for is settled. Emits `case.material_received`.

    Raises CaseError for a kind the type does not have, or a file of another matter; NotAllowed.
    """
    by = who(actor)
    now = timezone.now()
    with changing(case) as row:
        demand(by, "case.work", row)
        known = spec_of(row.version).material(kind)
        if known is None:
            raise CaseError("unknown_material", _("Choose the material from the list."), field="kind")
        if attachment is not None and not files_of(row).filter(pk=attachment.pk).exists():
            raise CaseError("other_file", _("This file belongs to another matter."), field="attachment")
        if party is not None and party.case_id != row.pk:
            raise CaseError("other_party", _("This person does not belong to the matter."), field="party")
        made = Material.objects.create(
            case=row,
            customer=row.customer if party is None else party.customer,
            kind=kind,
            attachment=attachment,
            original_seen=original_seen,
            note=note[:300],
            party=party,
            received_at=now,
            good_until=_good_until(known, now.date()),
            recorded_by=by.user,
        )
        row.set_beside("materials")
        record(row, "case.material_received", by, material_id=made.pk, kind=kind)
        _settle(row)
    return made


def files_of(case: Case) -> Any:
    """The files that came with this case's messages."""
    rows = Attachment.objects.filter(message__entry__conversation__case_links__case=case, message__direction="in")
    return rows.order_by("-id").distinct()


def _good_until(kind: MaterialKind, today: date) -> date | None:
    return today + timedelta(days=kind.valid_days) if kind.valid_days else None


def _settle(case: Case) -> None:
    for row in MaterialRequest.objects.filter(case=case, status=Status.OPEN):
        here = set(
            Material.objects.filter(case=case, party=None, received_at__gte=row.asked_at).values_list("kind", flat=True)
        )
        if set(row.kinds) <= here:
            row.status, row.settled_at = Status.RECEIVED, timezone.now()
            row.save(update_fields=["status", "settled_at"])
