"""Case types and their versions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from console.foundation.admin import ScopedModelAdmin
from console.lowcode.widgets import ConditionField

from ..models import (
    CaseType,
    CaseTypeVersion,
    Choice,
    ClockPolicy,
    ClosingRequirement,
    EscalationStep,
    ExtensionRule,
    FieldDef,
    Limit,
    MaterialKind,
    RedressLimit,
    State,
    Transition,
)
from ..services import CaseError, versions
from .drafting import CodesField, EditionAdmin, PartInline


class FieldForm(forms.ModelForm):
    required_in = CodesField(label=_("required in states"), required=False)
    visible_to = CodesField(label=_("visible to"), required=False)

    class Meta:
        model = FieldDef
        fields = [
            "code", "kind", "label_zh", "label_en", "help_zh", "help_en", "required", "required_in", "choices",
            "min_value", "max_value", "max_length", "pattern", "filterable", "asked", "visible_to", "order",
        ]  # fmt: skip
        widgets = {"choices": forms.Textarea(attrs={"rows": 2, "cols": 40})}


class TransitionForm(forms.ModelForm):
    sources = CodesField(label=_("from states"), help_text=_("State codes with commas; * for every state."))
    requires = CodesField(label=_("required fields"), required=False)
    roles = CodesField(label=_("roles"), required=False)
    guard = ConditionField(label=_("only if"), subject="case", required=False)

    class Meta:
        model = Transition
        fields = [
            "code", "name", "name_en", "sources", "target", "trigger", "roles", "requires", "guard", "approval_role",
            "asks_reason", "order",
        ]  # fmt: skip


class ClosingForm(forms.ModelForm):
    applies = ConditionField(label=_("only if"), subject="case", required=False)

    class Meta:
        model = ClosingRequirement
        fields = ["code", "kind", "parameter", "name", "name_en", "applies", "order"]


class ClockForm(forms.ModelForm):
    pauses = CodesField(label=_("pauses in state classes"), required=False)

    class Meta:
        model = ClockPolicy
        fields = [
            "kind", "basis", "amount", "by_grade", "starts", "met_by", "pauses", "pause_source", "restarts",
            "recurring", "statutory", "max_extension", "source", "in_force_from",
        ]  # fmt: skip
        widgets = {"by_grade": forms.TextInput()}


class VersionForm(forms.ModelForm):
    dimensions = CodesField(label=_("category dimensions"), required=False)
    notices = CodesField(label=_("notices sent by themselves"), required=False)


class StateInline(PartInline):
    model = State
    fields = ["code", "name", "name_en", "state_class", "is_initial", "order"]


class TransitionInline(PartInline):
    model = Transition
    form = TransitionForm


class FieldInline(PartInline):
    model = FieldDef
    form = FieldForm


class ChoiceInline(PartInline):
    model = Choice
    fields = ["kind", "code", "name", "name_en", "reopens", "order"]


class ClosingInline(PartInline):
    model = ClosingRequirement
    form = ClosingForm


class ClockInline(PartInline):
    model = ClockPolicy
    form = ClockForm


class ExtensionInline(PartInline):
    model = ExtensionRule
    fields = [
        "code",
        "name",
        "name_en",
        "clock",
        "amount",
        "after",
        "approval_role",
        "tells_customer",
        "source",
        "in_force_from",
        "order",
    ]


class LimitInline(PartInline):
    model = Limit
    fields = ["kind", "amount", "source", "in_force_from"]


class RedressLimitInline(PartInline):
    model = RedressLimit
    fields = ["kind", "up_to", "approval_role", "source", "in_force_from", "order"]


class MaterialForm(forms.ModelForm):
    required_for = CodesField(label=_("needed from"), required=False)

    class Meta:
        model = MaterialKind
        fields = ["code", "name", "name_en", "bank_holds", "identifier", "valid_days", "required_for", "order"]


class MaterialInline(PartInline):
    model = MaterialKind
    form = MaterialForm


class EscalationInline(PartInline):
    model = EscalationStep
    fields = ["clock", "minutes_before", "target", "makes_task"]


@admin.register(CaseTypeVersion)
class CaseTypeVersionAdmin(EditionAdmin):
    """One edition of a type: its fields, workflow, closing rules and clocks on one page."""

    form = VersionForm
    list_display = ["type", "number", "state", "active_from", "author", "reason"]
    list_filter = ["type", "state"]
    list_select_related = ["type"]
    fields = [
        "type", "number", "state", "calendar", "number_prefix", "grade_scale", "default_grade", "dimensions",
        "reopening", "reopen_days", "reply_closes", "notices", "asked_as", "asked_as_en", "recusal_hides",
        "recheck_type", "recheck_team", "active_from", "author", "reason",
    ]  # fmt: skip
    readonly_fields = ["type", "number", "state", "active_from", "author", "reason"]
    inlines = [
        FieldInline, StateInline, TransitionInline, ClosingInline, ClockInline, ExtensionInline, EscalationInline,
        LimitInline, RedressLimitInline, MaterialInline, ChoiceInline,
    ]  # fmt: skip
    refusals = (CaseError,)

    @staticmethod
    def draft(obj: CaseTypeVersion, user: Any) -> CaseTypeVersion:
        return versions.draft_of(obj.type, user)

    activate = staticmethod(versions.activate)

    def problems(self, obj: CaseTypeVersion) -> list[str]:
        return versions.problems(obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class VersionInline(PartInline):
    """The editions of a type, newest first, each a link."""

    model = CaseTypeVersion
    fields = readonly_fields = ["link", "state", "active_from", "author", "reason"]
    formset = BaseInlineFormSet
    ordering = ["-number"]
    tab = False

    @admin.display(description=_("version"))
    def link(self, row: CaseTypeVersion) -> str:
        return format_html(
            '<a href="{}">v{}</a>', reverse("admin:cases_casetypeversion_change", args=[row.pk]), row.number
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CaseType)
class CaseTypeAdmin(ScopedModelAdmin):
    """Kinds of matter. What they are like stands in their versions."""

    list_display = ["name", "code", "name_en", "is_active", "order"]
    fields = ["code", "name", "name_en", "description", "is_active", "order"]
    search_fields = ["name", "name_en", "code"]
    inlines = [VersionInline]

    def get_readonly_fields(self, request: HttpRequest, obj: CaseType | None = None) -> list[str]:
        return ["code"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: CaseType | None = None) -> bool:
        return obj is not None and not obj.cases.exists() and super().has_delete_permission(request, obj)

    def response_add(self, request: HttpRequest, obj: CaseType, post_url_continue: str | None = None) -> Any:
        """A new type needs a version: its first draft opens at once."""
        draft = versions.draft_of(obj, request.user)
        return HttpResponseRedirect(reverse("admin:cases_casetypeversion_change", args=[draft.pk]))
