from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_model_from_relation
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from .paginator import CappedPaginator


def visible(request: HttpRequest, rows: QuerySet) -> QuerySet:
    """What this user may see of a queryset that knows scopes; all of one that does not."""
    return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows


class ScopedModelAdmin(ModelAdmin):
    """Base of every registered admin: rows within the user's data scope, lists that never count everything.

    Override `scope_queryset` for a model whose queryset has no `visible_to`. Choices of foreign keys are limited
    the same way, so that a form never offers what a list would hide.
    """

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 200
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True

    @admin.display(description=_("name"))
    def label(self, row: Model) -> str:
        """The column "label" of things that have a name in both languages."""
        return row.label

    def scope_queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Called for every list, detail, action and lookup of this admin."""
        return visible(request, rows)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.scope_queryset(request, super().get_queryset(request))

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet:
        return _choices(super().get_field_queryset, db, db_field, request)


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """The filter beside a list offers what the reader could meet in it, not every row of the other table."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        rows = get_model_from_relation(field)._default_manager.all()
        seen = rows.visible_to(request.user, getattr(model_admin.model, "scope_permission", None))
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to={"pk__in": seen.values("pk")})


def _is_scoped(field: Any) -> bool:
    return field.is_relation and hasattr(get_model_from_relation(field)._default_manager.all(), "visible_to")


admin.RelatedFieldListFilter.register(_is_scoped, ScopedRelatedFilter, take_priority=True)


class ScopedInlineMixin:
    """Rows of an inline within the user's scope."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return visible(request, super().get_queryset(request))

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet:
        return _choices(super().get_field_queryset, db, db_field, request)


class ScopedTabularInline(ScopedInlineMixin, TabularInline):
    extra = 0


class ScopedStackedInline(ScopedInlineMixin, StackedInline):
    extra = 0


def _choices(inherited: Any, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet | None:
    rows = inherited(db, db_field, request)
    related = rows if rows is not None else db_field.remote_field.model._default_manager.using(db)
    return visible(request, related) if hasattr(related, "visible_to") else rows
