"""Templates in the hub: draft, preview in both languages, activate with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from console.cases.admin.drafting import CodesField, EditionAdmin, PartInline, forms
from console.events import Actor, emit
from console.foundation.admin import ScopedModelAdmin
from console.staff.access import as_actor

from . import surveys
from .models import SurveyAnswer, SurveyInvitation, SurveyRule, Template, TemplateText
from .rendering import render_text
from .services import TemplateRefused, activate_template, draft_template
from .variables import LIST, examples


class TextInline(PartInline):
    model = TemplateText
    fields = ["language", "subject", "body"]
    tab = False


class TemplateForm(forms.ModelForm):
    channel_kinds = CodesField(
        label=_("channels"), required=False, help_text=_("Kinds of channel; empty: all of them.")
    )


@admin.register(Template)
class TemplateAdmin(EditionAdmin):
    """What customers are told by itself, and with which words."""

    form = TemplateForm
    list_display = ["name", "code", "number", "state", "send_class", "active_from", "reason"]
    list_filter = ["code", "state"]
    fields = [
        "code", "name", "name_en", "send_class", "channel_kinds", "number", "state", "active_from", "author",
        "reason", "variables", "preview",
    ]  # fmt: skip
    inlines = [TextInline]
    refusals = (TemplateRefused,)
    draft = staticmethod(draft_template)

    def get_readonly_fields(self, request: HttpRequest, obj: Template | None = None) -> list[str]:
        fixed = ["number", "state", "active_from", "author", "reason", "variables", "preview"]
        return [*fixed, "code"] if obj else fixed

    @staticmethod
    def activate(obj: Template, user: Any, reason: str) -> Template:
        return activate_template(obj, as_actor(user) if user else Actor("system"), reason)

    @admin.display(description=_("variables"))
    def variables(self, obj: Template) -> str:
        return format_html_join("", "<div><code>{{{{ {} }}}}</code> {}</div>", ((row.name, row.label) for row in LIST))

    @admin.display(description=_("preview"))
    def preview(self, obj: Template) -> str:
        if obj.pk is None:
            return "–"
        shown = [render_text(obj, text, examples()) for text in obj.texts.all()]
        return format_html_join(
            "", "<section><strong>{}</strong><pre>{}</pre></section>", ((row.subject, row.body) for row in shown)
        ) or format_html("–")


@admin.register(SurveyRule)
class SurveyRuleAdmin(ScopedModelAdmin):
    """Which customers are asked how it was, and what a low score sets off; each change is on the record."""

    list_display = ["type", "is_active", "hours_after", "valid_days", "low_score", "low_type", "low_team"]
    list_select_related = ["type", "low_type", "low_team"]
    fields = [
        "type", "is_active", "reasons", "hours_after", "valid_days", "low_score", "low_type", "low_team", "low_grade",
    ]  # fmt: skip

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            data = {"model": "surveyrule", "id": obj.pk, "what": "changed", "fields": sorted(form.changed_data)}
            emit("configuration", "survey.configured", data, actor=as_actor(request.user))


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(ScopedModelAdmin):
    """What customers said, with the figures of the last days above; nobody writes here."""

    list_display = ["answered_at", "score", "reason_words", "words", "case_link", "opened_link"]
    list_filter = ["score", "case__type", "answered_at"]
    list_select_related = ["case__type__survey_rule", "opened"]
    fields = readonly_fields = [
        "case_link", "score", "reason_words", "text", "language", "answered_at", "opened_link",
    ]  # fmt: skip
    list_before_template = "outreach/survey_figures.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        asked = self.scope_queryset(request, SurveyInvitation.objects.all())
        figures = surveys.figures(self.get_queryset(request), asked)
        return super().changelist_view(request, {**(extra_context or {}), "figures": figures})

    @admin.display(description=_("reason"))
    def reason_words(self, obj: SurveyAnswer) -> str:
        rule = getattr(obj.case.type, "survey_rule", None)
        return dict(rule.options()).get(obj.reason, obj.reason) if rule else obj.reason

    @admin.display(description=_("words"))
    def words(self, obj: SurveyAnswer) -> str:
        return obj.text if len(obj.text) <= 80 else f"{obj.text[:80]}…"

    @admin.display(description=_("case"))
    def case_link(self, obj: SurveyAnswer) -> str:
        return _case_link(obj.case)

    @admin.display(description=_("case it opened"))
    def opened_link(self, obj: SurveyAnswer) -> str:
        return _case_link(obj.opened) if obj.opened else "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _case_link(case: Any) -> str:
    return format_html('<a href="{}">{}</a>', reverse("desk:case", args=[case.number]), case.number)
