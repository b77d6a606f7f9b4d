"""Forms of the dialogs. Choices come from the case's own configuration; rules stay in the services."""

from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.cases import config, services
from console.cases.config import spec_of
from console.cases.models import Case, CaseLink, CaseType, RepeatReason
from console.cases.services.workflow import needs
from console.conversations.models import Entry
from console.staff.models import Team

from . import bringing, people
from .present.people import named


def reason(required: bool = True, label: Any = None, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label or _("Reason"),
        required=required,
        max_length=2000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def choices(rows: list[tuple[Any, Any]], empty: Any = "") -> list[tuple[Any, Any]]:
    return [("", empty or _("Choose …")), *rows]


def listed(case: Case, kind: str) -> list[tuple[str, str]]:
    return [(row.code, row.label) for row in spec_of(case.version).choices if row.kind == kind]


def outcome_fields(form: forms.Form, case: Case, required: set[str]) -> None:
    """Outcome, root cause and decision, where the type has lists for them."""
    for name, label in (("outcome", _("Outcome")), ("root_cause", _("Root cause"))):
        if rows := listed(case, name):
            form.fields[name] = forms.ChoiceField(
                label=label, choices=choices(rows), required=name in required, initial=getattr(case, name)
            )
    form.fields["decision"] = forms.CharField(
        label=_("Decision, as the customer will read it"),
        required="decision" in required,
        initial=case.decision,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class CaseForm(forms.Form):
    """Base of the dialogs about one case."""

    def __init__(self, user: Any, case: Case, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user, self.case = user, case
        self.build()

    def build(self) -> None:
        """Fields that depend on the case."""


class MoveForm(CaseForm):
    """A transition: what it needs, and a reason where it asks for one."""

    def __init__(self, user: Any, case: Case, data: Any = None, *, code: str, **kwargs: Any) -> None:
        self.move = spec_of(case.version).transitions[code]
        super().__init__(user, case, data, **kwargs)

    def build(self) -> None:
        needed = needs(spec_of(self.case.version), self.move)
        if set(needed) & {"outcome", "root_cause", "decision"}:
            outcome_fields(self, self.case, set(needed))
        for code in needed:
            self._add(code)
        if add := bringing.FIELDS.get(self.move.trigger):
            add(self)
        if self.move.asks_reason or self.move.approval_role:
            self.fields["reason"] = reason(bool(self.move.asks_reason))

    def _add(self, code: str) -> None:
        from console.lowcode.fields.forms import form_field
        from console.lowcode.fields.spec import FieldSpec

        if code.startswith("category:"):
            self.fields[code] = category_field(code.partition(":")[2])
        elif definition := spec_of(self.case.version).field(code):
            self.fields[code] = form_field(FieldSpec.of(definition), self.move.target)
            self.fields[code].required = True
            self.initial[code] = self.case.data.get(code)

    def carried(self) -> dict[str, Any]:
        return {
            code: value for code, value in self.cleaned_data.items() if code != "reason" and value not in (None, "")
        }


def category_field(dimension: str, initial: str = "") -> forms.ChoiceField:
    rows = config.tree(dimension)
    options = [
        (row.code, f"{'　' * (row.path.count('/') - 2)}{row.label}")
        for row in sorted(rows.values(), key=lambda row: row.path)
    ]
    edition = config.tree_edition(dimension)
    return forms.ChoiceField(
        label=edition.label if edition else dimension, choices=choices(options), initial=initial, required=False
    )


class AssignForm(CaseForm):
    def build(self) -> None:
        persons = [(str(self.user.pk), _("Me (%(name)s)") % {"name": self.user.label})]
        out = self.case.recused or []
        persons += [(str(row.pk), row.label) for row in people.colleagues(self.user) if row.pk not in out]
        teams = [(str(row.pk), row.label) for row in Team.objects.filter(is_active=True)]
        owner, team = self.case.owner_id, self.case.team_id
        self.fields["owner"] = forms.ChoiceField(
            label=_("Owner"), choices=[("", _("Nobody yet")), *persons], required=False, initial=str(owner or "")
        )
        self.fields["team"] = forms.ChoiceField(
            label=_("Team"), choices=[("", _("Nobody yet")), *teams], required=False, initial=str(team or "")
        )
        self.fields["reason"] = reason(False)


class CategoryForm(CaseForm):
    def __init__(self, user: Any, case: Case, data: Any = None, *, dimension: str, **kwargs: Any) -> None:
        self.dimension = dimension
        super().__init__(user, case, data, **kwargs)

    def build(self) -> None:
        row = self.case.categories.filter(dimension=self.dimension).select_related("category").first()
        self.fields["category"] = category_field(self.dimension, row.category.code if row else "")


class GradeForm(CaseForm):
    def build(self) -> None:
        scale = spec_of(self.case.version).version.grade_scale
        rows = [(str(row.value), row.label) for row in config.grades(scale)]
        suggested = services.suggest_grade(self.case)
        hint = _("Suggested: %(grade)s. Another grade needs a reason.") % {"grade": suggested} if suggested else ""
        self.fields["grade"] = forms.ChoiceField(
            label=_("Grade"), choices=rows, initial=str(self.case.grade or suggested or ""), help_text=hint
        )
        self.fields["grade_reason"] = reason(False)


class DecideForm(CaseForm):
    """Outcome, cause and decision without moving the case."""

    def build(self) -> None:
        outcome_fields(self, self.case, set())


class TaskForm(CaseForm):
    title = forms.CharField(label=_("What is asked"), max_length=200)
    detail = forms.CharField(
        label=_("Detail"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )

    def build(self) -> None:
        out = self.case.recused or []
        persons = [(str(row.pk), row.label) for row in people.anybody(self.user) if row.pk not in out]
        teams = [(str(row.pk), row.label) for row in Team.objects.filter(is_active=True)]
        self.fields["assignee"] = forms.ChoiceField(label=_("Person"), choices=choices(persons), required=False)
        self.fields["team"] = forms.ChoiceField(label=_("or team"), choices=choices(teams), required=False)
        self.fields["due_at"] = forms.DateTimeField(
            label=_("By"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("assignee") and not data.get("team"):
            self.add_error("assignee", _("Choose a person or a team."))
        return data


class ExtensionForm(CaseForm):
    def build(self) -> None:
        rules = [(row.code, named(row)) for row in services.available_extensions(self.case)]
        self.fields["rule"] = forms.ChoiceField(label=_("Longer by"), choices=rules)
        self.fields["reason"] = reason(
            help_text=_("The second person reads this; the customer is told of the new date.")
        )


class LinkForm(CaseForm):
    number = forms.CharField(label=_("Case number"), max_length=24)
    kind = forms.ChoiceField(
        label=_("How they belong together"),
        choices=[(kind, kind.label) for kind in (*CaseLink.BY_HAND, CaseLink.Kind.DUPLICATE)],
    )


class NothingAsked(CaseForm):
    """The press itself is enough."""


class KnownCustomerForm(CaseForm):
    """Whoever writes from a new address has been made sure of."""

    def build(self) -> None:
        shown = _("A one-time code has shown that they have this address.")
        unshown = _("No one-time code was answered from this address yet: call back on a number on file first.")
        self.fields["number"] = forms.CharField(
            label=_("Number of an earlier case of theirs"), max_length=40, help_text=_("Case number or reference.")
        )
        self.fields["how"] = reason(
            label=_("How you made sure that it is them"), help_text=shown if services.proven(self.case) else unshown
        )
        self.fields["retire"] = forms.BooleanField(
            label=_("Their old address is out of use"),
            help_text=_("Nothing is sent there any more, and nobody signs in with it."),
            required=False,
        )


class RepeatForm(CaseForm):
    """Why the customer came again, and whether the two matters are linked by the same press."""

    earlier = forms.CharField(label=_("Earlier case"), max_length=24)
    reason = forms.ChoiceField(label=_("Why again"), choices=RepeatReason.choices, widget=forms.RadioSelect)
    together = forms.BooleanField(label=_("Link the two cases"), required=False, initial=True)


class SplitForm(CaseForm):
    """What the other matter is, and which message speaks of it."""

    def __init__(self, user: Any, case: Case, data: Any = None, *, entry: str = "", **kwargs: Any) -> None:
        self.entry = entry
        super().__init__(user, case, data, **kwargs)

    def build(self) -> None:
        types = [(row.code, row.label) for row in CaseType.objects.filter(is_active=True)]
        self.entries = {str(row.pk): row for row in movable_entries(self.user, self.case)}
        words = [(pk, f"{row.at:%m-%d %H:%M} {shortened(row.message)}") for pk, row in self.entries.items()]
        self.fields["subject"] = forms.CharField(label=_("Subject, in the customer's words"), max_length=300)
        self.fields["type"] = forms.ChoiceField(label=_("Type"), choices=types, initial=self.case.type.code)
        if words:
            self.fields["entry"] = forms.ChoiceField(
                label=_("Message that goes along"),
                choices=[("", _("None; a note says where it came from")), *words],
                initial=self.entry if self.entry in self.entries else "",
                required=False,
            )


def movable_entries(user: Any, case: Case) -> list[Entry]:
    """The customer's messages that could go with another matter: all but the one the case began with."""
    rows = Entry.objects.filter(conversation__case_links__case=case, kind="message", inbound=True)
    rows = rows.not_hidden_from(user).exclude(message_id=case.origin_id)
    return list(rows.select_related("message").order_by("-at")[:20])


def shortened(message: Any) -> str:
    return Truncator(" ".join(message.text.split()) or message.subject).chars(60)


class ReasonForm(CaseForm):
    """An act that only asks why."""

    optional = False

    def build(self) -> None:
        self.fields["reason"] = reason(not self.optional)


class WithdrawForm(ReasonForm):
    """The customer, or somebody for them, takes the matter back."""

    def build(self) -> None:
        bringing.withdrawn(self)
        super().build()


class RedressForm(CaseForm):
    def build(self) -> None:
        self.fields["kind"] = forms.ChoiceField(label=_("Redress"), choices=choices(listed(self.case, "redress")))
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount (CNY)"), required=False, min_value=0, max_digits=14, decimal_places=2
        )
        self.fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=300)


class RetitleForm(CaseForm):
    def build(self) -> None:
        self.fields["subject"] = forms.CharField(
            label=pgettext_lazy("case", "Subject"), max_length=300, initial=self.case.subject
        )


class VerdictForm(CaseForm):
    """Approve or reject; a rejection says why."""

    verdict = forms.ChoiceField(choices=[("approve", _("Approve")), ("reject", _("Reject"))], widget=forms.HiddenInput)
    reason = reason(False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") == "reject" and not data.get("reason", "").strip():
            self.add_error("reason", _("Give a reason."))
        return data


class AnswerForm(CaseForm):
    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class SecondLookForm(forms.Form):
    """Why somebody needs a masked value, or a customer outside their scope."""

    reason = reason(help_text=_("At least five characters. It is put on record with your name."))


class CustomerNoteForm(forms.Form):
    body = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    pinned = forms.BooleanField(label=_("Show it first, on every case of this customer"), required=False)
