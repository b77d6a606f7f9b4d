"""What a regulated complaint has beside its conversation: acceptance, material, parties, proceedings and the rest."""

from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from console.cases import services
from console.cases.config import spec_of
from console.cases.models import Case, CaseTypeVersion, Party, Recheck
from console.outreach.letters import letters_of
from console.staff.access import can

REQUEST_TONES = {"open": "amber", "received": "green", "cancelled": ""}


class Complaint:
    """The section of one case, for one reader."""

    def __init__(self, user: Any, case: Case) -> None:
        self.user, self.case = user, case
        self.spec = spec_of(case.version)

    @cached_property
    def may_work(self) -> bool:
        return self.case.is_open and can(self.user, "case.work", self.case)

    @property
    def accepts(self) -> bool:
        return self.spec.accepts

    @cached_property
    def acceptance(self) -> dict[str, Any] | None:
        row = self.case.acceptances.select_related("decided_by").order_by("-round").first()
        if row is None:
            return None
        grounds = self.spec.choice("non_acceptance", row.grounds) if row.grounds else None
        return {
            "label": pgettext("complaint", "Accepted") if row.accepted else _("Not accepted"),
            "tone": "green" if row.accepted else "red",
            "grounds": grounds.label if grounds else row.grounds,
            "words": row.words,
            "who": row.decided_by.label if row.decided_by else "",
            "at": date_format(localtime(row.decided_at), "Y-m-d H:i"),
        }

    @property
    def knows_material(self) -> bool:
        return bool(self.spec.material_kinds)

    def _kind(self, code: str) -> str:
        row = self.spec.material(code)
        return row.label if row else code

    def _rows(self, name: str, *joins: str) -> list[Any]:
        """Rows that stand beside the case, asked for only where there may be some."""
        return list(getattr(self.case, name).select_related(*joins)) if self.case.has(name) else []

    @property
    def anything(self) -> bool:
        return bool(self.accepts or self.knows_material or self.case.beside or self.rechecked)

    @cached_property
    def rechecked(self) -> Any:
        """The re-check this case is, if it is one."""
        if self.spec.type.code not in _recheck_types():
            return None
        return Recheck.objects.filter(case=self.case).select_related("original").first()

    @cached_property
    def rechecks(self) -> list[dict[str, Any]]:
        return [
            {
                "number": row.case.number,
                "url": reverse("desk:case", args=[row.case.number]),
                "state": spec_of(row.case.version).states[row.case.state].label,
                "tone": "amber" if row.case.is_open else "green",
                "reason": row.reason,
            }
            for row in self._rows("rechecks", "case__version__type")
        ]

    @cached_property
    def interests(self) -> list[dict[str, Any]]:
        may = can(self.user, "case.recuse", self.case)
        return [
            {
                "pk": row.pk,
                "who": row.user.label,
                "reason": row.reason,
                "may_end": may and row.user_id != self.user.pk,
            }
            for row in self._rows("interests", "user")
            if row.ended_at is None
        ]

    @cached_property
    def parties(self) -> list[dict[str, Any]]:
        names = {code: str(label) for code, label in Party.Scope.choices}
        rows = self.case.parties.prefetch_related("materials") if self.case.has("parties") else []
        return [
            {
                "pk": row.pk,
                "name": row.name,
                "role": row.get_role_display(),
                "scope": _(", ").join(names[code] for code in row.scope if code in names),
                "until": date_format(row.expires_on, "Y-m-d") if row.expires_on else "",
                "status": self._standing(row),
                "tone": "green" if row.in_force else "red" if row.expired else "",
                "lacking": _(", ").join(kind.label for kind in services.lacking(row, self.spec))
                if row.in_force
                else "",
                "may_end": self.may_work and row.ended_at is None,
            }
            for row in rows
        ]

    def _lacking(self, row: Party) -> str:
        kinds = services.lacking(row, self.spec) if row.in_force else []
        return _(", ").join(kind.label for kind in kinds)

    @staticmethod
    def _standing(row: Party) -> str:
        if row.ended_at is not None:
            return _("Ended")
        if row.expired:
            return _("Expired")
        return _("In force") if row.in_force else _("Not yet in force")

    @cached_property
    def letters(self) -> list[dict[str, Any]]:
        rows = letters_of(self.case) if self.case.decided_at else []
        return [
            {
                "name": row.name,
                "url": reverse("desk:letter", args=[row.pk]),
                "at": date_format(localtime(row.made_at), "Y-m-d H:i"),
            }
            for row in rows
        ]

    @property
    def may_preview(self) -> bool:
        return bool(self.accepts and self.case.decision and self.case.outcome and self.may_work)

    @cached_property
    def proceedings(self) -> list[dict[str, Any]]:
        return [
            {
                "kind": row.get_kind_display(),
                "body": row.body,
                "reference": row.reference,
                "since": date_format(row.started_on, "Y-m-d"),
                "until": date_format(row.ended_on, "Y-m-d") if row.ended_on else "",
                "result": row.result,
            }
            for row in self._rows("proceedings")
        ]

    @cached_property
    def forwardings(self) -> list[dict[str, Any]]:
        return [
            {
                "pk": row.pk,
                "authority": row.authority,
                "number": row.number,
                "by": date_format(localtime(row.answer_by), "Y-m-d H:i") if row.answer_by else "",
                "answered": date_format(row.answered_on, "Y-m-d") if row.answered_on else "",
                "reference": row.answer_reference,
                "may": row.answered_on is None and can(self.user, "case.work", self.case),
            }
            for row in self._rows("forwardings")
        ]

    @cached_property
    def requests(self) -> list[dict[str, Any]]:
        return [
            {
                "kinds": _(", ").join(self._kind(code) for code in row.kinds),
                "status": row.get_status_display(),
                "tone": REQUEST_TONES[row.status],
                "due": date_format(row.due_on, "Y-m-d") if row.due_on and row.status == "open" else "",
                "words": row.words,
            }
            for row in self._rows("material_requests")
        ]

    @cached_property
    def materials(self) -> list[dict[str, Any]]:
        return [
            {
                "kind": self._kind(row.kind),
                "whose": row.party.name if row.party else "",
                "at": date_format(localtime(row.received_at), "Y-m-d"),
                "original": row.original_seen,
                "note": row.note,
                "file": row.attachment.name if row.attachment else "",
                "url": reverse("desk:attachment", args=[row.attachment_id]) if row.attachment else "",
            }
            for row in self._rows("materials", "attachment", "party")
        ]


def _recheck_types() -> set[str]:
    """Codes of the types other types are re-checked by."""
    rows = CaseTypeVersion.objects.filter(state="active").exclude(recheck_type="")
    return set(rows.values_list("recheck_type", flat=True))
