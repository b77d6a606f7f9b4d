"""What can be done to a case through a dialog: title, form, service call, and the words afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.cases import services
from console.cases.config import spec_of
from console.cases.models import Case, ToldState
from console.cases.queries import named, numbered
from console.cases.services.base import CaseError
from console.staff.access import can
from console.staff.models import Team, User

from . import complaint_acts, forms

Text = str | Promise


@dataclass(frozen=True)
class Request:
    """What an act gets to work with."""

    user: Any
    case: Case
    data: dict[str, Any]
    revision: int | None
    query: QueryDict
    form: forms.CaseForm | None = None


@dataclass(frozen=True)
class Undoable:
    """The sentence of the toast, and where its undo is pressed."""

    text: Text
    undo: str


@dataclass(frozen=True)
class Act:
    """One dialog. `run` calls the service and returns the sentence of the toast."""

    name: str
    title: Text
    submit: Text
    permission: str
    form: type[forms.CaseForm]
    run: Callable[[Request], Text | Undoable]
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


def there(case: Case | None, field: str) -> Case:
    """Another case somebody named. Raises CaseError when there is none for them."""
    if case is None:
        raise CaseError("unknown", _("There is no such case, or you may not see it."), field=field)
    return case


def link(act: Request) -> Text | Undoable:
    other = there(numbered(act.user, act.data["number"]), "number")
    if act.data["kind"] == "duplicate":
        services.merge(act.case, other, act.user)
        undo = reverse("desk:act", args=[act.case.number, "unmerge"])
        return Undoable(_("Merged; the conversation continues in the other case."), undo)
    services.link(act.case, other, act.data["kind"], act.user)
    return _("Linked.")


def unmerge(act: Request) -> Text:
    services.unmerge(act.case, act.user)
    return _("Merge taken back; this case continues where it stood.")


def known_customer(act: Request) -> Text:
    other = named(act.data["number"])
    seen = other is not None and Case.objects.visible_to(act.user).filter(pk=other.pk).exists()
    other = there(other if seen else None, "number")
    services.join_customer(act.case, other, act.data["how"], act.user, retire=act.data["retire"])
    return _("The new address belongs to the customer of %(number)s now.") % {"number": other.number}


def repeat(act: Request) -> Text:
    earlier = there(numbered(act.user, act.data["earlier"]), "earlier")
    with transaction.atomic():
        services.say_repeat(act.case, earlier, act.data["reason"], act.user, revision=act.revision)
        if act.data["together"]:
            services.link(act.case, earlier, "follow_up", act.user)
    return _("Noted why the customer came again.")


def split(act: Request) -> Text:
    entry = act.form.entries.get(act.data.get("entry", ""))
    fresh = services.split(act.case, act.data["subject"], act.user, type=act.data["type"], entry=entry)
    return _("Split off as %(number)s.") % {"number": fresh.number}


def withdraw(act: Request) -> Text:
    services.withdraw(
        act.case, act.user, act.data["reason"], party=complaint_acts.party_in(act.data), revision=act.revision
    )
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


def may_tell(case: Case) -> bool:
    """Also after closing, when the notice came back: somebody calls, and says so."""
    return case.is_open or case.told == ToldState.FAILED


def comes_from_a_stranger(case: Case) -> bool:
    """Whether it came from an address that nobody on file has."""
    return bool(case.is_open and case.origin_id and case.customer and case.customer.is_provisional)


def is_merged(case: Case) -> bool:
    return bool(case.merged_into_id)


def has_redress(case: Case) -> bool:
    return bool(forms.listed(case, "redress"))


WORK = "case.work"


def _shaping() -> list[Act]:
    """What the case is, and who has it."""
    save = gettext_lazy("Save")
    assign_label, retitle_label = gettext_lazy("Assign"), gettext_lazy("Change the subject")
    return [
        Act("assign", assign_label, assign_label, WORK, forms.AssignForm, assign, "user-check"),
        Act("retitle", retitle_label, save, WORK, forms.RetitleForm, retitle, "pencil"),
        Act("category", gettext_lazy("Classify"), save, WORK, forms.CategoryForm, category),
        Act("grade", gettext_lazy("Set the grade"), save, "case.grade", forms.GradeForm, grade, "flag", "", is_open),
        Act("decide", gettext_lazy("Decide"), save, WORK, forms.DecideForm, decide, "gavel", "", is_open),
    ]


def _helping() -> list[Act]:
    """What others do for it: redress, another department, more time, a case it belongs to."""
    redress_label, task_label = gettext_lazy("Record redress"), gettext_lazy("Ask another department")
    extend_label, link_label = gettext_lazy("Ask for an extension"), gettext_lazy("Link a case")
    repeat_label = gettext_lazy("Why the customer came again")
    split_label = gettext_lazy("Split off another matter")
    two = gettext_lazy("The other matter becomes a case of its own, with its own deadlines. Merging takes it back.")
    apart_label = gettext_lazy("Take the merge back")
    apart = gettext_lazy("Conversations return, and the case continues where it stood.")
    known = gettext_lazy("The address this case came from becomes theirs; they follow all their matters with it.")
    give, ask, save = gettext_lazy("Give the task"), gettext_lazy("Ask"), gettext_lazy("Save")
    return [
        Act("redress", redress_label, save, "case.redress", forms.RedressForm, redress, "scale", "", has_redress),
        Act("task", task_label, give, WORK, forms.TaskForm, task, "list-checks"),
        Act("extend", extend_label, ask, "case.extend", forms.ExtensionForm, extend, "calendar-plus", "", may_extend),
        Act("link", link_label, link_label, "case.merge", forms.LinkForm, link, "link"),
        Act("unmerge", apart_label, apart_label, "case.merge", forms.NothingAsked, unmerge, "undo-2", apart, is_merged),
        Act(
            "known-customer",
            gettext_lazy("This is a customer we know"),
            gettext_lazy("Join to the customer"),
            WORK,
            forms.KnownCustomerForm,
            known_customer,
            "user-check",
            known,
            comes_from_a_stranger,
        ),
        Act("repeat", repeat_label, save, WORK, forms.RepeatForm, repeat),
        Act("split", split_label, split_label, "case.merge", forms.SplitForm, split, "split", two),
    ]


def _ending() -> list[Act]:
    """What takes the place of a notice, or of an ending."""
    told_label, untold_label = gettext_lazy("Customer was told in person"), gettext_lazy("Do not tell the customer")
    withdraw_label, confirm = gettext_lazy("Customer withdraws"), gettext_lazy("Withdraw the case")
    record, form, back = gettext_lazy("Record"), forms.ReasonForm, forms.WithdrawForm
    how = gettext_lazy("By telephone, at a branch: say when and how.")
    why = gettext_lazy("Only where telling is impossible or not allowed. The reason is part of the record.")
    end = gettext_lazy("Handling ends today. It can be reopened.")
    return [
        Act("told", told_label, record, WORK, form, told, "phone", how, may_tell),
        Act("not-told", untold_label, record, WORK, form, not_told, "ban", why, is_open),
        Act("withdraw", withdraw_label, confirm, "case.withdraw", back, withdraw, "archive", end, is_open),
    ]


# Every dialog but the transitions, which come from the type.
BESIDE = complaint_acts.beside_rows(Act)
ACTS = {act.name: act for act in (*_shaping(), *_helping(), *complaint_acts.in_menu(Act), *_ending(), *BESIDE)}
NOT_IN_MENU = ("category", "repeat", *(act.name for act in BESIDE))


@dataclass(frozen=True)
class MenuEntry:
    name: str
    label: Text
    icon: str


def menu_of(user: Any, case: Case) -> list[MenuEntry]:
    """Acts offered behind the three dots, for this person and this case."""
    offered = [act for act in ACTS.values() if act.name not in NOT_IN_MENU]
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
            services.withdraw(act.case, act.user, why, party=complaint_acts.party_in(data), revision=act.revision)
        elif move.trigger == "reopened":
            services.reopen(act.case, act.user, why, revision=act.revision)
        else:
            moved = services.transition(act.case, code, act.user, carried, why, revision=act.revision)
            if moved.waiting:
                return _("Asked; a second person decides.")
        return _("Done: %(step)s") % {"step": move.label}

    return Act(f"move-{code}", move.label, move.label, "case.view", forms.MoveForm, run)
