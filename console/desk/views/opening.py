"""Opening a case by hand: a caller, a visitor, a letter."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.cases import services
from console.cases.models import CaseType
from console.cases.services.base import CaseError
from console.customers.models import Customer
from console.customers.services.finding import find
from console.staff.models import Team

from ..access import desk_page, partial
from .acts import explain


class OpenForm(forms.Form):
    """What is needed to open a case: kind, whose, what."""

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
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self.user, self.found = user, None
        self.fields["type"].choices = [(row.code, row.label) for row in CaseType.objects.filter(is_active=True)]
        teams = [(str(row.pk), row.label) for row in Team.objects.visible_to(user).filter(is_active=True)]
        self.fields["team"].choices = [("", _("Nobody yet")), *teams]

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
    form = OpenForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        team = Team.objects.filter(pk=data["team"]).first() if data["team"] else None
        try:
            case = services.open_case(
                data["type"], form.found, actor=request.user, subject=data["subject"],
                team=team, site=request.user.site, owner=request.user,
            )  # fmt: skip
        except CaseError as refusal:
            explain(form, refusal)
        else:
            return opened(request, case, data["text"])
    context = {
        "title": _("New case"),
        "submit": _("Open the case"),
        "form": form,
        "act_url": reverse("desk:case-new"),
        "section": "queue",
    }
    template = "desk/dialogs/act.html" if partial(request) else "desk/dialogs/page.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def opened(request: HttpRequest, case: Any, text: str) -> HttpResponse:
    """What was said stands in the timeline as a note: the case came by no channel of ours."""
    if text.strip():
        services.add_note(case, text, request.user)
    url = reverse("desk:case", args=[case.number])
    if partial(request):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    from django.shortcuts import redirect

    return redirect(url)
