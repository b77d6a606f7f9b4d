"""The right column of a case: fields, classification, tasks, extensions, notices, links."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from console.cases import config
from console.cases.config import spec_of
from console.cases.models import Case, CaseLink, Task
from console.lowcode import fields as lowcode_fields
from console.staff.access import can, roles_of

from .complaint import Complaint
from .present.clocks import running
from .present.people import named

NOTICE_TONES = {"sent": "green", "failed": "red", "unknown": "amber", "pending": "", "skipped": ""}
REDRESS_TONES = {"asked": "amber", "approved": "primary", "refused": "red", "paid": "green", "cancelled": ""}
EXTENSION_TONES = {"granted": "green", "refused": "red", "requested": "amber"}


@dataclass(frozen=True)
class Place:
    """A dimension and where the case stands in it."""

    dimension: str
    name: str
    label: str


@dataclass(frozen=True)
class TaskLine:
    """A task, ready to show."""

    pk: int
    title: str
    detail: str
    who: str
    done: bool
    answer: str
    due: str
    tone: str
    may_do: bool
    number: str = ""
    subject: str = ""
    url: str = ""


def task_line(task: Task, user: Any, with_case: bool = False) -> TaskLine:
    due, tone = "", ""
    if task.due_at and task.status == "open":
        due, tone = running(task.due_at, timezone.now())
    elif task.due_at:
        due = date_format(timezone.localtime(task.due_at), "Y-m-d H:i")
    who = " · ".join(part.label for part in (task.assignee, task.team) if part)
    mine = task.assignee_id == user.pk or can(user, "case.task", task.case)
    return TaskLine(
        pk=task.pk,
        title=task.title,
        detail=task.detail,
        who=who or str(_("Nobody yet")),
        done=task.status != "open",
        answer=task.answer,
        due=due,
        tone=tone,
        may_do=task.status == "open" and mine and can(user, "case.task"),
        number=task.case.number if with_case else "",
        subject=task.case.subject if with_case else "",
        url=reverse("desk:case", args=[task.case.number]) if with_case else "",
    )


class Particulars:
    """The right column, for one reader; `form` is replaced by a bound one after a refused save."""

    def __init__(self, user: Any, case: Case, form: Any = None, saved: str = "") -> None:
        self.user, self.case, self.saved = user, case, saved
        self.spec = spec_of(case.version)
        if form is not None:
            self.form = form

    @cached_property
    def form(self) -> Any:
        return fields_form(self.case, user=self.user)

    @cached_property
    def may_work(self) -> bool:
        return can(self.user, "case.work", self.case)

    @cached_property
    def may_grade(self) -> bool:
        return can(self.user, "case.grade", self.case)

    @cached_property
    def complaint(self) -> Complaint:
        return Complaint(self.user, self.case)

    @cached_property
    def categories(self) -> list[Place]:
        here = {row.dimension: row.category for row in self.case.categories.select_related("category")}
        return [self._place(code, here.get(code)) for code in self.spec.version.dimensions]

    def _place(self, code: str, category: Any) -> Place:
        edition = config.tree_edition(code)
        return Place(
            code, edition.label if edition else code, config.path_label(code, category.path) if category else ""
        )

    @property
    def grade(self) -> str:
        known = {row.value: row.label for row in config.grades(self.spec.version.grade_scale)}
        grade = self.case.grade
        return known.get(grade, str(grade)) if grade else ""

    @property
    def outcome(self) -> str:
        return choice_label(self.spec, "outcome", self.case.outcome)

    @property
    def root_cause(self) -> str:
        return choice_label(self.spec, "root_cause", self.case.root_cause)

    @cached_property
    def may_redress(self) -> bool:
        return can(self.user, "case.redress", self.case)

    @cached_property
    def redress(self) -> list[dict]:
        return [
            {
                "pk": row.pk,
                "label": choice_label(self.spec, "redress", row.kind),
                "amount": row.amount,
                "currency": row.currency,
                "note": row.note,
                "status": row.get_status_display(),
                "tone": REDRESS_TONES[row.status],
                "paid": f"{row.paid_on:%Y-%m-%d} {row.reference}".strip() if row.paid_on else "",
                "may_pay": row.status == "approved" and self.may_redress,
                "may_cancel": row.status in ("asked", "approved") and self.may_redress,
            }
            for row in self.case.redress.all()
        ]

    @cached_property
    def tasks(self) -> list[TaskLine]:
        rows = self.case.tasks.exclude(status="cancelled").select_related("assignee", "team", "case")
        return [task_line(row, self.user) for row in rows]

    @property
    def open_tasks(self) -> int:
        return sum(not task.done for task in self.tasks)

    @cached_property
    def extensions(self) -> list[dict]:
        return [
            {
                "label": named(row.rule),
                "status": row.get_status_display(),
                "tone": EXTENSION_TONES.get(row.status, ""),
                "reason": row.reason,
                "source": row.rule.source,
            }
            for row in self.case.extensions.select_related("rule")
        ]

    @cached_property
    def notices(self) -> list[dict]:
        return [
            {
                "label": row.get_kind_display(),
                "status": row.get_status_display(),
                "tone": NOTICE_TONES.get(row.status, ""),
                "reason": row.reason,
            }
            for row in self.case.notices.all()
        ]

    @cached_property
    def links(self) -> list[dict]:
        there = [(row.get_kind_display(), row.other, False) for row in self.case.links.select_related("other")]
        back = [
            (BACK.get(row.kind, row.get_kind_display()), row.case, row.case.merged_into_id == self.case.pk)
            for row in self.case.linked_from.select_related("case")
        ]
        may_part = can(self.user, "case.merge", self.case)
        return [
            {
                "kind": kind,
                "number": other.number,
                "subject": other.subject,
                "url": reverse("desk:case", args=[other.number]),
                "part_url": reverse("desk:act", args=[other.number, "unmerge"]) if merged and may_part else "",
            }
            for kind, other, merged in [*there, *back]
        ]


BACK = {
    CaseLink.Kind.CHILD: _("Contains"),
    CaseLink.Kind.FOLLOW_UP: _("Followed by"),
    CaseLink.Kind.DUPLICATE: _("Has duplicate"),
    CaseLink.Kind.SPLIT: _("Split off"),
}


def choice_label(spec: Any, kind: str, code: str) -> str:
    row = spec.choice(kind, code) if code else None
    return row.label if row else code


def fields_form(case: Case, data: Any = None, user: Any = None) -> Any:
    """The type's own fields as a form; required is marked by the case's present state."""
    initial = {code: str(value).lower() if isinstance(value, bool) else value for code, value in case.data.items()}
    return lowcode_fields.build_form(
        spec_of(case.version).fields,
        data,
        state=case.state,
        roles=roles_of(user) if user is not None and not user.is_superuser else None,
        initial=initial,
        prefix="f",
    )
