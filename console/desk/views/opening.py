"""Opening a case by hand: a caller, a visitor, a letter."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.cases import services
from console.cases.config import active_spec
from console.cases.models import CaseType
from console.cases.services.base import CaseError
from console.customers.models import Customer
from console.customers.services.finding import find
from console.lowcode.fields import build_form
from console.staff.access import roles_of
from console.staff.models import Team

from ..access import desk_page, partial
from .acts import explain

DIALOG = "desk/dialogs/open.html"
MINUTE = "%Y-%m-%dT%H:%M"

# A voice older than this is not opened by hand: its deadlines have passed before anybody saw it.
OLDEST = timedelta(days=90)


class OpenForm(forms.Form):
    """What is needed to open a case: kind, whose, what. The type's own fields are a form beside it."""

    type = forms.ChoiceField(label=gettext_lazy("Type"))
    customer = forms.CharField(
        label=gettext_lazy("Customer"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Exact phone, e-mail or customer number. Empty when nobody gave a name."),
    )
    subject = forms.CharField(label=gettext_lazy("Subject, in the customer's words"), max_length=300)
    text = forms.CharField(
        label=gettext_lazy("What the customer said"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reached_at = forms.DateTimeField(
        label=gettext_lazy("Reached us at"),
        required=False,
        widget=forms.DateTimeInput(format=MINUTE, attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty: now. Deadlines count from here, for a letter or a call taken down earlier."),
    )
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self.user, self.found = user, None
        self.fields["type"].choices = [(row.code, row.label) for row in CaseType.objects.filter(is_active=True)]
        # Another type asks for other things; what was typed stays.
        again = {"hx-post": reverse("desk:case-new"), "hx-trigger": "change", "hx-target": "#type-fields"}
        self.fields["type"].widget.attrs |= again | {"hx-vals": '{"part": "fields"}'}
        now = timezone.localtime()
        limits = {"min": now - OLDEST, "max": now}
        self.fields["reached_at"].widget.attrs |= {name: f"{at:{MINUTE}}" for name, at in limits.items()}
        teams = [(str(row.pk), row.label) for row in Team.objects.visible_to(user).filter(is_active=True)]
        self.fields["team"].choices = [("", _("Nobody yet")), *teams]

    def clean_reached_at(self) -> datetime | None:
        at, now = self.cleaned_data["reached_at"], timezone.now()
        if at is not None and at > now:
            raise forms.ValidationError(_("This lies in the future."))
        if at is not None and at < now - OLDEST:
            raise forms.ValidationError(_("This is more than %(days)d days ago.") % {"days": OLDEST.days})
        return at

    def clean_customer(self) -> str:
        text = self.cleaned_data["customer"].strip()
        rows = find(self.user, text) if text else []
        if text and len(rows) != 1:
            raise forms.ValidationError(
                _("Nobody has this. Check it, or leave it empty.")
                if not rows
                else _("Several customers have this. Use the customer number.")
            )
        self.found = Customer.objects.get(pk=rows[0].customer_id) if rows else None
        return text


@desk_page("case.open")
def new(request: HttpRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = OpenForm(request.user, sent)
    type_form = fields_of(form, request.user, sent)
    if request.POST.get("part") == "fields":
        return render(request, "desk/dialogs/open_fields.html", {"type_form": type_form})
    # Both are asked, so that every mistake is shown at once.
    if form.is_bound and all([form.is_valid(), type_form.is_valid()]):
        data = form.cleaned_data
        team = Team.objects.filter(pk=data["team"]).first() if data["team"] else None
        try:
            case = services.open_case(
                data["type"], form.found, actor=request.user, subject=data["subject"],
                team=team, site=request.user.site, owner=request.user, reached_at=data["reached_at"],
                data={code: value for code, value in type_form.values.items() if value is not None},
            )  # fmt: skip
        except CaseError as refusal:
            explain(form, refusal)
        else:
            return opened(request, case, data["text"])
    context = {
        "title": _("New case"),
        "submit": _("Open the case"),
        "form": form,
        "type_form": type_form,
        "dialog": DIALOG,
        "act_url": reverse("desk:case-new"),
        "section": "queue",
    }
    template = DIALOG if partial(request) else "desk/dialogs/page.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def fields_of(form: OpenForm, user: Any, sent: Any) -> Any:
    """The chosen type's own fields, required as its first state says; nothing is wrong before the case is asked for."""
    known = [code for code, _label in form.fields["type"].choices]
    code = (sent or {}).get("type") or (known[0] if known else "")
    asked_for_fields = bool(sent) and sent.get("part") == "fields"
    spec = active_spec(code) if code in known else None
    return build_form(
        spec.fields if spec else (),
        None if asked_for_fields else sent,
        state=spec.initial.code if spec else None,
        roles=roles_of(user) if not user.is_superuser else None,
        initial={name.removeprefix("f-"): value for name, value in sent.items()} if asked_for_fields else None,
        prefix="f",
    )


def opened(request: HttpRequest, case: Any, text: str) -> HttpResponse:
    """What was said stands in the timeline as a note: the case came by no channel of ours."""
    if text.strip():
        services.add_note(case, text, request.user)
    url = reverse("desk:case", args=[case.number])
    if partial(request):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    from django.shortcuts import redirect

    return redirect(url)
