"""Category trees, grade scales, intake rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from console.channels.models import ChannelAccount
from console.foundation.admin import ScopedModelAdmin
from console.lowcode.widgets import ConditionField

from .. import config
from ..models import Category, CategoryTree, Grade, GradeScale, IntakeRule
from ..services import CaseError, editions
from .drafting import EditionAdmin, PartInline

HEAD = ["code", "name", "name_en", "number", "state", "active_from", "author", "reason"]
READ_ONLY = ["number", "state", "active_from", "author", "reason"]


class CategoryInline(PartInline):
    model = Category
    fields = ["code", "name", "name_en", "parent", "is_active", "order"]
    ordering = ["path"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A parent is of the same edition."""
        if db_field.name == "parent":
            tree = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            kwargs["queryset"] = Category.objects.filter(tree_id=tree) if tree else Category.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class GradeForm(forms.ModelForm):
    rule = ConditionField(label=_("suggested when"), subject="case", required=False)

    class Meta:
        model = Grade
        fields = ["value", "name", "name_en", "rule"]


class GradeInline(PartInline):
    model = Grade
    form = GradeForm


class Edition(EditionAdmin):
    list_display = ["name", "code", "number", "state", "active_from", "reason"]
    list_filter = ["code", "state"]
    fields = HEAD
    refusals = (CaseError,)
    draft = staticmethod(editions.draft_of)
    activate = staticmethod(editions.activate)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*READ_ONLY, "code"] if obj else READ_ONLY

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if isinstance(form.instance, CategoryTree):
            editions.renew_paths(form.instance)


@admin.register(CategoryTree)
class CategoryTreeAdmin(Edition):
    """The dimensions cases are classified in."""

    inlines = [CategoryInline]


@admin.register(GradeScale)
class GradeScaleAdmin(Edition):
    """How grave a case is, and the rules that suggest it."""

    inlines = [GradeInline]


class IntakeForm(forms.ModelForm):
    condition = ConditionField(label=_("only if"), subject="incoming_message", required=False)

    class Meta:
        model = IntakeRule
        fields = ["name", "order", "is_active", "account", "condition", "type", "team", "grade"]


@admin.register(IntakeRule)
class IntakeRuleAdmin(ScopedModelAdmin):
    """Which message becomes which case, for whom. The first rule that fits decides."""

    form = IntakeForm
    list_display = ["name", "order", "account", "type", "team", "grade", "is_active"]
    list_filter = ["is_active", "type"]
    list_select_related = ["account", "type", "team"]

    def scope_queryset(self, request: HttpRequest, rows: QuerySet[IntakeRule]) -> QuerySet[IntakeRule]:
        """Rules for every mailbox, and those of mailboxes the reader sees."""
        return rows.filter(Q(account=None) | Q(account__in=ChannelAccount.objects.visible_to(request.user)))

    def save_model(self, request: HttpRequest, obj: IntakeRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        config.forget()
