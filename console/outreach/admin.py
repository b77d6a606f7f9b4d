"""Templates in the hub: draft, preview in both languages, activate with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from console.cases.admin.drafting import CodesField, EditionAdmin, PartInline, forms
from console.events import Actor
from console.staff.access import as_actor

from .models import Template, TemplateText
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
