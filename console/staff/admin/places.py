from django.contrib import admin
from django.http import HttpRequest

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline

from .. import services
from ..models import Site, Team


class KeptModelAdmin(ScopedModelAdmin):
    """Rows others point at: switched off, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj, form, change) -> None:
        services.save_place(request.user, obj, form.changed_data)


class TeamInline(ScopedTabularInline):
    model = Team
    fields = ["name", "name_en", "code", "is_active"]
    can_delete = False


@admin.register(Site)
class SiteAdmin(KeptModelAdmin):
    list_display = ["label", "code", "kind", "city", "time_zone", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["code", "name", "name_en", "city"]
    prepopulated_fields = {"code": ["name_en"]}
    fields = ["name", "name_en", "code", "kind", "city", "time_zone", "calendar_code", "is_active"]
    inlines = [TeamInline]

    def save_formset(self, request: HttpRequest, form, formset, change) -> None:
        formset.save(commit=False)
        changed = {row.pk: names for row, names in formset.changed_objects}
        for team in [*formset.new_objects, *(row for row, _names in formset.changed_objects)]:
            services.save_place(request.user, team, changed.get(team.pk, ["site"]))


@admin.register(Team)
class TeamAdmin(KeptModelAdmin):
    list_display = ["label", "code", "site", "is_active"]
    list_filter = ["site", "is_active"]
    list_select_related = ["site"]
    search_fields = ["code", "name", "name_en"]
    fields = ["name", "name_en", "code", "site", "is_active"]
    autocomplete_fields = ["site"]
