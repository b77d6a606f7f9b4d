"""Acts of the regulated complaint: behind the three dots, and beside the rows they are about."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.cases import services
from console.cases.config import spec_of
from console.cases.models import Case
from console.channels.models import Attachment
from console.staff.models import User

from . import complaint_forms as forms

WORK = "case.work"


def row_of(act: Any, rows: Any) -> Any:
    """The row the dialog is about; it belongs to this case or is not found."""
    pk = act.query.get("row", "")
    found = rows.filter(pk=pk).first() if pk.isdigit() else None
    if found is None:
        raise Http404
    return found


def party_in(data: dict[str, Any]) -> int | None:
    """The person beside the customer somebody chose in a dialog; None: the customer themselves."""
    return int(data["party"]) if data.get("party") else None


def material(act: Any) -> str:
    pk, party = act.data["attachment"], act.data.get("party")
    services.record_material(
        act.case,
        act.data["kind"],
        act.user,
        attachment=Attachment.objects.filter(pk=pk).first() if pk else None,
        original_seen=act.data["original_seen"],
        note=act.data["note"],
        party=act.case.parties.filter(pk=party).first() if party else None,
    )
    return _("Put on file.")


def party(act: Any) -> str:
    data = dict(act.data)
    services.add_party(act.case, data.pop("role"), data.pop("name"), act.user, **data)
    return _("Recorded.")


def party_end(act: Any) -> str:
    services.end_party(row_of(act, act.case.parties), act.user)
    return _("They no longer act in this matter.")


def interest(act: Any) -> str:
    user = User.objects.filter(pk=act.data["user"], is_active=True).first() or act.user
    services.declare_interest(act.case, user, act.data["reason"], act.user, revision=act.revision)
    return _("Recorded; %(who)s keeps out of this matter.") % {"who": user.label}


def interest_end(act: Any) -> str:
    services.end_interest(row_of(act, act.case.interests), act.user, act.data["reason"])
    return _("The recusal has ended.")


def pay(act: Any) -> str:
    services.pay_redress(row_of(act, act.case.redress), act.user, **act.data)
    return _("Payment recorded.")


def redress_cancel(act: Any) -> str:
    services.cancel_redress(row_of(act, act.case.redress), act.user)
    return _("Redress cancelled.")


def forwarding(act: Any) -> str:
    data = dict(act.data)
    services.record_forwarding(act.case, data.pop("authority"), data.pop("number"), act.user, **data)
    return _("Recorded; the regulator's deadline runs.")


def forwarding_answered(act: Any) -> str:
    services.answer_regulator(row_of(act, act.case.forwardings), act.user, **act.data)
    return _("Recorded that the regulator was answered.")


def recheck(act: Any) -> str:
    made = services.ask_for_recheck(act.case, act.data["reason"], act.user)
    return _("Case %(number)s is with the superior team.") % {"number": made.case.number}


def is_complaint(case: Case) -> bool:
    return case.is_open and spec_of(case.version).accepts


def knows_material(case: Case) -> bool:
    return case.is_open and bool(spec_of(case.version).material_kinds)


def knows_regulator(case: Case) -> bool:
    return any(row.kind == "regulator" for row, _policy in spec_of(case.version).policies)


def knows_recheck(case: Case) -> bool:
    return bool(spec_of(case.version).version.recheck_type) and case.decided_at is not None


def in_menu(act_type: Any) -> list[Any]:
    """Acts on the case itself, made of the desk's own kind."""
    record = gettext_lazy("Record")
    on_file = gettext_lazy("What is on file is never asked of the customer again.")
    keeps_out = gettext_lazy("Whoever has an interest does not own, decide, approve or re-check the matter.")
    superior = gettext_lazy("The superior team of this type looks at it again; whoever handled it keeps out.")
    own_clock = gettext_lazy("It keeps its number and has a deadline of its own.")
    return [
        act_type("material", gettext_lazy("Record material"), gettext_lazy("Put on file"), WORK, forms.MaterialForm,
                 material, "paperclip", on_file, knows_material),
        act_type("party", gettext_lazy("Add a representative or agent"), record, WORK, forms.PartyForm, party,
                 "user-plus", "", is_complaint),
        act_type("interest", gettext_lazy("Declare an interest"), record, "case.task", forms.InterestForm, interest,
                 "shield-alert", keeps_out, is_open_to_all),
        act_type("forwarding", gettext_lazy("Forwarded by a regulator"), record, WORK, forms.ForwardingForm,
                 forwarding, "landmark", own_clock, knows_regulator),
        act_type("recheck", gettext_lazy("Customer asks for a re-check"), gettext_lazy("Open the re-check"),
                 "case.open", forms.RecheckForm, recheck, "refresh-cw", superior, knows_recheck),
    ]  # fmt: skip


def is_open_to_all(case: Case) -> bool:
    return case.is_open


def beside_rows(act_type: Any) -> list[Any]:
    """Acts on one row: their buttons stand beside it."""
    record, end = gettext_lazy("Record"), gettext_lazy("End")
    redo = gettext_lazy("They may work on the matter again; this is part of the record.")
    return [
        act_type("party-end", gettext_lazy("They no longer act"), end, WORK, forms.Sure, party_end),
        act_type("interest-end", gettext_lazy("End the recusal"), end, "case.recuse", forms.OnlyReason, interest_end,
                 "", redo),
        act_type("pay", gettext_lazy("Record the payment"), record, "case.redress", forms.PayForm, pay),
        act_type("redress-cancel", gettext_lazy("Cancel the redress"), gettext_lazy("Cancel the redress"),
                 "case.redress", forms.Sure, redress_cancel),
        act_type("regulator-answered", gettext_lazy("Regulator was answered"), record, WORK, forms.AnsweredForm,
                 forwarding_answered),
    ]  # fmt: skip
