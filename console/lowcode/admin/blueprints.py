from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from console.events import Actor
from console.foundation.admin import ScopedModelAdmin
from console.foundation.api.views import may

from ..blueprints import BundleRefused, apply, dump, export, load
from ..blueprints.bundle import MAX_BYTES
from ..blueprints.changes import Change
from ..models import BlueprintRelease


class BlueprintForm(forms.Form):
    """A bundle to try or to apply."""

    file = forms.FileField(label=_("blueprint file"), required=False, help_text=_("YAML or JSON."))
    text = forms.CharField(label=_("or its text"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 12}))
    reason = forms.CharField(label=_("reason"), required=False, max_length=300, widget=UnfoldAdminTextInputWidget)

    def clean(self):
        data = super().clean()
        upload = data.get("file")
        if upload and upload.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        try:
            data["bundle"] = load(upload.read() if upload else data.get("text") or "")
        except BundleRefused as refused:
            raise forms.ValidationError(refused.messages) from refused
        return data


@admin.register(BlueprintRelease)
class BlueprintReleaseAdmin(ScopedModelAdmin):
    """What was applied, when, by whom and why; and the page to compare, try and apply a bundle."""

    list_display = ["name", "version", "applied_at", "author", "reason"]
    fields = ["name", "version", "applied_at", "author", "reason", "digest", "change_list", "bundle"]
    readonly_fields = ["change_list"]
    change_list_template = "lowcode/release_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    @admin.display(description=_("changes"))
    def change_list(self, release: BlueprintRelease) -> str:
        lines = ((str(Change(**change)),) for change in release.changes)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", lines))

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("apply/", wrap(self.apply_page), name="lowcode_blueprint_apply"),
            path("export/", wrap(self.export_page), name="lowcode_blueprint_export"),
            *super().get_urls(),
        ]

    def export_page(self, request: HttpRequest) -> HttpResponse:
        """The whole configuration as a file."""
        if not may(request.user, "blueprint.view"):
            raise PermissionDenied
        response = HttpResponse(dump(export()), content_type="application/yaml; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="huiyin-blueprint.yaml"'
        return response

    def apply_page(self, request: HttpRequest) -> HttpResponse:
        """Compare (always), try, apply."""
        if not may(request.user, "blueprint.apply"):
            raise PermissionDenied
        form = BlueprintForm(request.POST or None, request.FILES or None)
        context = self.admin_site.each_context(request) | {"form": form, "title": _("Apply a blueprint")}
        if request.method == "POST" and form.is_valid():
            trial = "apply" not in request.POST
            actor = Actor("staff", str(request.user.pk), request.user.get_username())
            try:
                done = apply(form.cleaned_data["bundle"], actor, reason=form.cleaned_data["reason"], dry_run=trial)
            except BundleRefused as refused:
                form.add_error(None, refused.messages)
            else:
                if not trial:
                    return self._done(request, done)
                context["tried"] = done
        return TemplateResponse(request, "lowcode/apply.html", context)

    def _done(self, request: HttpRequest, done) -> HttpResponse:
        text = _("Applied.") if done.release else _("Nothing was different; nothing was changed.")
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:lowcode_blueprintrelease_changelist"))
