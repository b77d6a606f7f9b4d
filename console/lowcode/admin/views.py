from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from console.foundation.admin import ScopedModelAdmin
from console.foundation.admin.base import visible

from ..builder import blocks, read_tree, spoken
from ..conditions import ConditionRefused, context_for, sentence, subjects
from ..models import SavedView
from ..widgets import ConditionWidget, fields_of


class NamesField(forms.JSONField):
    """A list of names, written with commas."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value):
        text = value if isinstance(value, str) else ""
        return [name.strip() for name in text.replace("，", ",").split(",") if name.strip()]


class SavedViewForm(forms.ModelForm):
    """A view with its builder. Subjects are those the rooms have registered."""

    subject = forms.ChoiceField(label=_("about"), widget=UnfoldAdminSelectWidget)
    sort = NamesField(
        label=_("sort by"), required=False, help_text=_("Field names with commas; - before one reverses it.")
    )
    columns = NamesField(label=_("columns"), required=False, help_text=_("Field names with commas."))
    shared_with = NamesField(
        label=_("roles and teams"), required=False, help_text=_("Like role:agent, team:3; with commas.")
    )

    class Meta:
        model = SavedView
        fields = [
            "subject",
            "name_zh",
            "name_en",
            "code",
            "tree",
            "sort",
            "columns",
            "owner",
            "shared",
            "shared_with",
            "order",
            "count_cap",
            "active",
        ]
        widgets = {"tree": ConditionWidget(subject_control="id_subject")}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = [(name, about.label) for name, about in sorted(subjects().items())]
        names = [self.data.get(self.add_prefix("subject")), self.instance.subject, *subjects()]
        self.fields["tree"].widget.subject = next((name for name in names if name), "")


@require_POST
def condition_builder(request: HttpRequest) -> HttpResponse:
    """Draw a tree as rows (`part=all`), or say what it means (`part=spoken`)."""
    about = subjects().get(request.POST.get("subject", ""))
    tree = read_tree(request.POST.get("tree", "")[:50_000])
    if about is None or not isinstance(tree, dict):
        return HttpResponseBadRequest(_("There is nothing to draw."))
    rows = visible(request, about.model._default_manager.all()) if about.model is not None else None
    said = spoken(tree, about, rows, context_for(request.user))
    if request.POST.get("part") == "spoken":
        return render(request, "lowcode/condition_spoken.html", said)
    return render(
        request, "lowcode/condition_builder.html", {"root": blocks(tree, about), "fields": fields_of(about), **said}
    )


@admin.register(SavedView)
class SavedViewAdmin(ScopedModelAdmin):
    """Lists people want to see again."""

    form = SavedViewForm
    list_display = ["name", "subject", "words", "shared", "owner", "order", "active"]
    list_filter = ["subject", "shared", "active"]
    search_fields = ["name_zh", "name_en", "code"]
    list_select_related = ["owner"]

    @admin.display(description=_("name"))
    def name(self, view: SavedView) -> str:
        return view.name

    @admin.display(description=_("condition"))
    def words(self, view: SavedView) -> str:
        try:
            return sentence(view.tree, subjects()[view.subject])
        except (ConditionRefused, KeyError):
            return _("This view is not valid any more.")

    def get_urls(self):
        page = self.admin_site.admin_view(condition_builder)
        return [path("builder/", page, name="lowcode_condition_builder"), *super().get_urls()]

    def save_model(self, request, obj, form, change) -> None:
        from console.events import Actor

        from ..services.views import save_view

        save_view(obj, Actor("staff", str(request.user.pk), request.user.get_username()))
