"""The question sheet behind a link from a notice: looking at it records nothing, so mail scanners may."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from console.outreach import surveys

from .. import forms, limits
from ..models import PortalPolicy

SCORES = (
    ("5", gettext_lazy("5 – very satisfied")),
    ("4", gettext_lazy("4 – satisfied")),
    ("3", gettext_lazy("3 – so so")),
    ("2", gettext_lazy("2 – not satisfied")),
    ("1", gettext_lazy("1 – very dissatisfied")),
)


class SurveyForm(forms.Plain):
    """Score, reason, words."""

    score = django_forms.ChoiceField(
        label=gettext_lazy("How satisfied are you with the way we handled it?"),
        choices=SCORES,
        widget=django_forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose one of the five.")},
    )
    reason = django_forms.ChoiceField(label=gettext_lazy("What was it mostly about?"), required=False)
    text = django_forms.CharField(
        label=gettext_lazy("Would you like to add something?"),
        required=False,
        max_length=surveys.MAX_WORDS,
        widget=django_forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, rule: Any, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        reasons = rule.options()
        if reasons:
            self.fields["reason"].choices = [("", _("Choose …")), *reasons]
        else:
            del self.fields["reason"]


@csrf_exempt  # the link itself is the key, good for one answer
@never_cache
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Show the sheet, or take the answer."""
    try:
        sheet = surveys.read(token)
    except surveys.Answered:
        return _end(request, answered=True)
    except surveys.BadLink:
        return _end(request, status=404)
    if request.method != "POST":
        return _page(request, sheet, SurveyForm(sheet.rule, initial={"score": request.GET.get("score", "")[:1]}))
    form = SurveyForm(sheet.rule, request.POST)
    if limits.over("survey", limits.network_of(request), PortalPolicy.current().forms_per_hour):
        form.add_error(None, _("Many forms have come from here in the last hour. Please wait a little, or call us."))
    if not form.is_valid():
        return _page(request, sheet, form, 422)
    data = form.cleaned_data
    try:
        surveys.answer(sheet, int(data["score"]), data.get("reason", ""), data["text"], get_language() or "")
    except surveys.Answered:
        return _end(request, answered=True)
    return _end(request, thanks=True)


def _page(request: HttpRequest, sheet: surveys.Sheet, form: SurveyForm, status: int = 200) -> HttpResponse:
    context = {"page": None, "case": sheet.case, "form": form}
    return render(request, "portal/survey.html", context, status=status)


def _end(request: HttpRequest, status: int = 200, **what: bool) -> HttpResponse:
    return render(request, "portal/survey_end.html", {"page": None, **what}, status=status)
