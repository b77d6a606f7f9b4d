"""The customer: everything of every channel, as far as this reader may see it."""

from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from console.cases import queries as cases
from console.cases.models import Case
from console.conversations.models import Entry
from console.customers.errors import NeedsReason, Refusal
from console.customers.models import AccessGrant, Consent, Customer, Tag
from console.customers.queries import CustomerPanel, Shown, customer_panel, matter_labels
from console.customers.services import consents, opening, profile
from console.staff.access import can

from .. import forms, replies
from ..access import desk_page, partial
from ..casefile import bubbles_of, entries_with_all
from ..present import timeline
from ..present.people import channel
from ..present.rows import rows

PAGE = 50
KINDS = {
    "phone": lambda: _("Phone"),
    "email": lambda: _("E-mail"),
    "id_card": lambda: _("Identity card"),
    "card": lambda: _("Bank card"),
    "customer_no": lambda: _("Customer number"),
}


@dataclass(frozen=True)
class Value:
    """A value with its label and, when something is hidden, the field to ask for."""

    label: str
    text: str
    field: str
    masked: bool
    level: str = ""

    @property
    def dom(self) -> str:
        return self.field.replace(":", "-")


def value(shown: Shown) -> Value:
    label = shown.label or KINDS.get(shown.kind, lambda: channel(shown.kind).label)()
    level = f"L{shown.level}" if shown.level is not None else ""
    return Value(label, shown.text, shown.field, shown.masked, level)


def addresses(panel: CustomerPanel) -> list[Value]:
    """Identifiers, then channel addresses that say something new."""
    found = [value(item) for item in panel.identifiers]
    known = {item.text for item in found}
    return found + [value(item) for item in panel.identities if item.text not in known]


def customer_or_404(pk: int) -> Customer:
    row = Customer.objects.filter(pk=pk, erased_at__isnull=True).select_related("site", "team").first()
    if row is None:
        raise Http404
    return row


def frame_of(user: Any, customer: Customer) -> dict[str, Any]:
    """What every view of a customer shows, and what may be done with it."""
    return {
        "may_unmask": can(user, "customer.unmask"),
        "unmask_url": reverse("desk:unmask", args=[customer.pk]),
        "may_note": can(user, "customer.note", customer),
        "may_tag": can(user, "customer.tag", customer),
        "may_consent": can(user, "customer.consent", customer),
        "note_url": reverse("desk:customer-act", args=[customer.pk, "note"]),
        "tag_url": reverse("desk:customer-act", args=[customer.pk, "tags"]),
        "consent_url": reverse("desk:customer-act", args=[customer.pk, "consent"]),
    }


def beside_case(user: Any, case: Case) -> dict[str, Any]:
    """The customer column of a case: who works the case may see its customer, and that is on record."""
    customer = case.customer
    if not opening.may_see(user, customer):
        opening.grant_for_work(user, customer, f"case:{case.pk}")
    opening.open_customer(user, customer)
    panel = customer_panel(user, customer)
    others = [row for row in cases.cases_of(customer, user, 6) if row.pk != case.pk][:5]
    person = {
        "url": reverse("desk:customer", args=[customer.pk]),
        "level": _("Identity %(level)s") % {"level": f"L{panel.level}"},
        "addresses": addresses(panel),
        "recent": rows(others, {}),
    }
    return {"panel": panel, "person": person} | frame_of(user, customer)


@desk_page("customer.view")
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one customer; outside one's scope it opens with a reason."""
    row = customer_or_404(pk)
    form = forms.SecondLookForm(request.POST or None)
    given = request.POST.get("reason", "") if request.method == "POST" else ""
    try:
        opening.open_customer(request.user, row, given)
    except NeedsReason as refusal:
        context = {"refusal": refusal, "form": form, "section": "queue"}
        return render(request, "desk/customer/closed.html", context, status=403)
    if request.method == "POST":
        return replies.back_to(request, reverse("desk:customer", args=[pk]))
    return render(request, "desk/customer/page.html", page_context(request, row))


def page_context(request: HttpRequest, row: Customer) -> dict[str, Any]:
    user = request.user
    panel = customer_panel(user, row)
    found = list(cases.listed(user).filter(customer=row).order_by("-opened_at", "-id")[:PAGE])
    grant = AccessGrant.objects.running(user).filter(customer=row).order_by("-until").first()
    person = {
        "name": value(panel.customer.name),
        "kind": row.get_kind_display(),
        "level": _("Identity %(level)s") % {"level": f"L{panel.level}"},
        "addresses": addresses(panel),
        "language": dict(settings.LANGUAGES).get(row.language, row.language or "–"),
        "prefers": channel(row.preferred_channel).label if row.preferred_channel else "",
        "contacts": [contact(item) for item in panel.contacts],
        "consents": list(consent_lines(panel)),
        "case_count": len(found),
        "granted_until": grant.until if grant else None,
    }
    return {
        "panel": panel,
        "person": person,
        "cases": rows(found, {}),
        "entries": conversation_lines(user, row, panel),
        "section": "queue",
    } | frame_of(user, row)


def contact(item: Any) -> dict[str, Any]:
    return {
        "name": item.name.text,
        "position": item.position,
        "matters": matter_labels(item.matters),
        "until": item.expires_at,
    }


def consent_lines(panel: CustomerPanel) -> Any:
    words = dict(Consent.Purpose.choices)
    for purpose, places in panel.consents.items():
        for place, allowed in places.items():
            where = _("every channel") if place == "*" else channel(place).label
            yield {"purpose": words.get(purpose, purpose), "channel": where, "allowed": allowed}


def conversation_lines(user: Any, row: Customer, panel: CustomerPanel) -> list[Any]:
    """The latest words on every channel, as far as the reader sees those conversations."""
    seen = Entry.objects.visible_to(user).filter(conversation__customer=row)
    through_cases = Entry.objects.filter(
        conversation__case_links__case__in=Case.objects.visible_to(user).filter(customer=row)
    ).not_hidden_from(user)
    ids = {*seen.order_by("-at").values_list("pk", flat=True)[:PAGE]}
    ids |= {*through_cases.order_by("-at").values_list("pk", flat=True)[:PAGE]}
    entries = list(entries_with_all(Entry.objects.filter(pk__in=ids)).order_by("-at", "-id")[:PAGE])
    reader = timeline.Reader("", panel.customer.name.text)
    return timeline.woven(bubbles_of(list(reversed(entries)), reader), [])


@desk_page("customer.unmask")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then show one value whole; each look is on record."""
    row = customer_or_404(pk)
    if not opening.may_see(request.user, row):
        raise NeedsReason
    name = request.GET.get("field", "")
    form = forms.SecondLookForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            text = opening.unmask(request.user, row, name, form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error("reason", f"{refusal.text} {refusal.allowed}".strip())
        except LookupError as missing:
            raise Http404 from missing
        else:
            shown = format_html(
                '<span id="value-{}" hx-swap-oob="true"><strong>{}</strong></span>', name.replace(":", "-"), text
            )
            return replies.done(request, HttpResponse(shown), _("Shown, and put on record."))
    return dialog(
        request, _("Show the whole value"), _("Show"), form, f"{reverse('desk:unmask', args=[pk])}?field={name}"
    )


def dialog(request: HttpRequest, title: str, submit: str, form: Any, url: str) -> HttpResponse:
    context = {"title": title, "submit": submit, "form": form, "act_url": url, "section": "queue"}
    template = "desk/dialogs/act.html" if partial(request) else "desk/dialogs/page.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


class TagsForm(django_forms.Form):
    """Every tag, those set ticked."""

    def __init__(self, customer: Customer, data: Any = None) -> None:
        super().__init__(data)
        here = [str(link.tag_id) for link in customer.tag_links.all()]
        known = [(str(tag.pk), str(tag)) for tag in Tag.objects.all()]
        self.fields["tags"] = django_forms.MultipleChoiceField(
            label=_("Tags"), choices=known, required=False, initial=here, widget=django_forms.CheckboxSelectMultiple
        )


class ConsentForm(django_forms.Form):
    """One line for the ledger."""

    def __init__(self, customer: Customer, data: Any = None) -> None:
        super().__init__(data)
        places = [
            ("*", _("every channel")),
            *((kind, channel(kind).label) for kind in ("email", "sms", "phone", "wechat")),
        ]
        self.fields["purpose"] = django_forms.ChoiceField(label=_("Purpose"), choices=Consent.Purpose.choices)
        self.fields["channel"] = django_forms.ChoiceField(label=_("Channel"), choices=places)
        self.fields["granted"] = django_forms.ChoiceField(
            label=_("The customer says"), choices=[("yes", _("Allowed")), ("no", pgettext("consent", "Not allowed"))]
        )
        self.fields["evidence"] = django_forms.CharField(label=_("Evidence"), required=False, max_length=120)


class NoteForm(forms.CustomerNoteForm):
    def __init__(self, customer: Customer, data: Any = None) -> None:
        super().__init__(data)


def save_note(request: HttpRequest, row: Customer, data: dict) -> None:
    profile.add_note(request.user, row, data["body"], pinned=data["pinned"])


def save_tags(request: HttpRequest, row: Customer, data: dict) -> None:
    wanted = set(data["tags"])
    for tag in Tag.objects.all():
        change = profile.add_tag if str(tag.pk) in wanted else profile.remove_tag
        change(request.user, row, tag)


def save_consent(request: HttpRequest, row: Customer, data: dict) -> None:
    consents.record_consent(
        row,
        data["purpose"],
        data["channel"],
        granted=data["granted"] == "yes",
        source="desk",
        actor=request.user,
        evidence=data["evidence"],
    )


ACTS = {
    "note": (NoteForm, save_note, lambda: _("Note about the customer")),
    "tags": (TagsForm, save_tags, lambda: _("Tags")),
    "consent": (ConsentForm, save_consent, lambda: _("Record consent")),
}


@desk_page("customer.view")
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Notes, tags, consents: a dialog each."""
    row = customer_or_404(pk)
    if name not in ACTS or not opening.may_see(request.user, row):
        raise Http404
    form_class, save, title = ACTS[name]
    form = form_class(row, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            save(request, row, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal.text))
        else:
            here = reverse("desk:customer", args=[pk])
            if not partial(request):
                return replies.back_to(request, here, _("Saved."))
            return HttpResponse(status=200, headers={"HX-Redirect": request.htmx.current_url_abs_path or here})
    return dialog(request, title(), _("Save"), form, reverse("desk:customer-act", args=[pk, name]))
