"""What can be done to a case through a dialog: title, form, service call, and the words afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.cases import services
from console.cases.config import spec_of
from console.cases.models import Case
from console.cases.services.base import CaseError
from console.staff.access import can
from console.staff.models import Team, User

from . import forms

Text = str | Promise


@dataclass(frozen=True)
class Request:
    """What an act gets to work with."""

    user: Any
    case: Case
    data: dict[str, Any]
    revision: int | None
    query: QueryDict


@dataclass(frozen=True)
class Act:
    """One dialog. `run` calls the service and returns the sentence of the toast."""

    name: str
    title: Text
    submit: Text
    permission: str
    form: type[forms.CaseForm]
    run: Callable[[Request], Text]
    icon: str = ""
    intro: Text = ""
    offered: Callable[[Case], bool] | None = None


def found(model: Any, pk: str) -> Any:
    return model.objects.filter(pk=pk).first() if pk else None


def assign(act: Request) -> Text:
    owner, team = found(User, act.data["owner"]), found(Team, act.data["team"])
    services.assign(act.case, act.user, owner=owner, team=team, reason=act.data["reason"], revision=act.revision)
    return _("Assigned to %(who)s") % {"who": owner.label if owner else (team.label if team else _("nobody"))}


def category(act: Request) -> Text:
    services.set_category(
        act.case, act.query.get("dimension", ""), act.data["category"], act.user, revision=act.revision
    )
    return _("Classified.")


def grade(act: Request) -> Text:
    services.set_grade(act.case, int(act.data["grade"]), act.user, act.data["grade_reason"], revision=act.revision)
    return _("Grade set; deadlines are computed anew.")


def decide(act: Request) -> Text:
    services.decide(act.case, act.user, revision=act.revision, **act.data)
    return _("Decision saved.")


def task(act: Request) -> Text:
    services.add_task(
        act.case,
        act.data["title"],
        act.user,
        detail=act.data["detail"],
        assignee=found(User, act.data["assignee"]),
        team=found(Team, act.data["team"]),
        due_at=act.data["due_at"],
    )
    return _("Task given.")


def extend(act: Request) -> Text:
    extension = services.request_extension(
        act.case, act.data["rule"], act.data["reason"], act.user, revision=act.revision
    )
    return _("Extension granted.") if extension.status == "granted" else _("Asked; a second person decides.")


def link(act: Request) -> Text:
    other = Case.objects.visible_to(act.user).filter(number=act.data["number"].strip().upper()).first()
    if other is None:
        raise CaseError("unknown", _("There is no such case, or you may not see it."), field="number")
    if act.data["kind"] == "duplicate":
        services.merge(act.case, other, act.user)
        return _("Merged; the conversation continues in the other case.")
    services.link(act.case, other, act.data["kind"], act.user)
    return _("Linked.")


def withdraw(act: Request) -> Text:
    services.withdraw(act.case, act.user, act.data["reason"], revision=act.revision)
    return _("Withdrawn.")


def not_told(act: Request) -> Text:
    services.not_told(act.case, act.data["reason"], act.user)
    return _("Recorded why the customer is not told.")


def told(act: Request) -> Text:
    services.told_in_person(act.case, act.user, reason=act.data["reason"])
    return _("Recorded that the customer was told.")


def redress(act: Request) -> Text:
    services.add_redress(act.case, act.data["kind"], act.user, amount=act.data["amount"], note=act.data["note"])
    return _("Redress recorded.")


def retitle(act: Request) -> Text:
    services.retitle(act.case, act.data["subject"], act.user, revision=act.revision)
    return _("Subject changed.")


def may_extend(case: Case) -> bool:
    return case.is_open and bool(spec_of(case.version).extension_rules)


def is_open(case: Case) -> bool:
    return case.is_open


def has_redress(case: Case) -> bool:
    return bool(forms.listed(case, "redress"))


def known_acts() -> list[Act]:
    """Every dialog but the transitions, which come from the type."""
    case = "case.work"
    return [
        Act("assign", gettext_lazy("Assign"), gettext_lazy("Assign"), case, forms.AssignForm, assign, "user-check"),
        Act(
            "retitle",
            gettext_lazy("Change the subject"),
            gettext_lazy("Save"),
            case,
            forms.RetitleForm,
            retitle,
            "pencil",
        ),
        Act("category", gettext_lazy("Classify"), gettext_lazy("Save"), case, forms.CategoryForm, category),
        Act(
            "grade",
            gettext_lazy("Set the grade"),
            gettext_lazy("Save"),
            "case.grade",
            forms.GradeForm,
            grade,
            "flag",
            "",
            is_open,
        ),
        Act(
            "decide", gettext_lazy("Decide"), gettext_lazy("Save"), case, forms.DecideForm, decide, "gavel", "", is_open
        ),
        Act(
            *(
                "redress",
                gettext_lazy("Record redress"),
                gettext_lazy("Save"),
                "case.redress",
                forms.RedressForm,
                redress,
                "scale",
            ),
            offered=has_redress,
        ),
        Act(
            "task",
            gettext_lazy("Ask another department"),
            gettext_lazy("Give the task"),
            case,
            forms.TaskForm,
            task,
            "list-checks",
        ),
        Act(
            *(
                "extend",
                gettext_lazy("Ask for an extension"),
                gettext_lazy("Ask"),
                "case.extend",
                forms.ExtensionForm,
                extend,
            ),
            icon="calendar-plus",
            offered=may_extend,
        ),
        Act("link", gettext_lazy("Link a case"), gettext_lazy("Link"), "case.merge", forms.LinkForm, link, "link"),
        Act(
            *(
                "told",
                gettext_lazy("Customer was told in person"),
                gettext_lazy("Record"),
                case,
                forms.ReasonForm,
                told,
                "phone",
            ),
            intro=gettext_lazy("By telephone, at a branch: say when and how."),
            offered=is_open,
        ),
        Act(
            *(
                "not-told",
                gettext_lazy("Do not tell the customer"),
                gettext_lazy("Record"),
                case,
                forms.ReasonForm,
                not_told,
                "ban",
            ),
            intro=gettext_lazy("Only where telling is impossible or not allowed. The reason is part of the record."),
            offered=is_open,
        ),
        Act(
            *(
                "withdraw",
                gettext_lazy("Customer withdraws"),
                gettext_lazy("Withdraw the case"),
                "case.withdraw",
                forms.ReasonForm,
                withdraw,
            ),
            icon="archive",
            intro=gettext_lazy("Handling ends today. It can be reopened."),
            offered=is_open,
        ),
    ]


ACTS = {act.name: act for act in known_acts()}
IN_MENU = ("assign", "retitle", "grade", "decide", "redress", "task", "extend", "link", "told", "not-told", "withdraw")


@dataclass(frozen=True)
class MenuEntry:
    name: str
    label: Text
    icon: str


def menu_of(user: Any, case: Case) -> list[MenuEntry]:
    """Acts offered behind the three dots, for this person and this case."""
    offered = [ACTS[name] for name in IN_MENU]
    return [
        MenuEntry(act.name, act.title, act.icon)
        for act in offered
        if can(user, act.permission, case) and (act.offered is None or act.offered(case))
    ]


def move_act(case: Case, code: str) -> Act | None:
    """The dialog of a transition; None for a code the type does not have."""
    move = spec_of(case.version).transitions.get(code)
    if move is None:
        return None

    def run(act: Request) -> Text:
        data = dict(act.data)
        why = data.pop("reason", "")
        carried = {key: value for key, value in data.items() if value not in (None, "")}
        if move.trigger == "withdrawn":
            services.withdraw(act.case, act.user, why, revision=act.revision)
        elif move.trigger == "reopened":
            services.reopen(act.case, act.user, why, revision=act.revision)
        else:
            moved = services.transition(act.case, code, act.user, carried, why, revision=act.revision)
            if moved.waiting:
                return _("Asked; a second person decides.")
        return _("Done: %(step)s") % {"step": move.label}

    return Act(f"move-{code}", move.label, move.label, "case.view", forms.MoveForm, run)
