"""Editions in the admin: a draft may be edited, checked and activated with a reason; everything else is read only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline

Refusal = tuple[type[Exception], ...]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))


class CodesField(forms.JSONField):
    """A list of codes, written with commas."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.clean(data or "")

    def clean(self, value: Any) -> list[str]:
        text = value if isinstance(value, str) else ""
        return [code.strip() for code in text.replace("，", ",").split(",") if code.strip()]


class PartInline(ScopedTabularInline):
    """Rows of a draft; of anything else, to read."""

    show_change_link = False
    tab = True

    def _draft(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or obj.editable

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._draft(request, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._draft(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._draft(request, obj) and super().has_delete_permission(request, obj)


class EditionAdmin(ScopedModelAdmin):
    """Base for versioned configuration. Subclasses say how to draft, check and activate."""

    change_form_template = "cases/edition_change.html"
    refusals: Refusal = (ValidationError,)
    draft: Callable[..., Any]
    activate: Callable[..., Any]

    def problems(self, obj: Any) -> list[str]:
        """What stands against activating this draft."""
        return []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.editable) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and obj.editable and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            latest = self.model.objects.filter(code=obj.code).order_by("-number").first()
            obj.number = latest.number + 1 if latest else 1
            obj.author = request.user.get_username()
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        wrap, name = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/draft/", wrap(self.draft_view), name=f"{name}_draft"),
            path("<path:object_id>/activate/", wrap(self.activate_view), name=f"{name}_activate"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        extra = dict(kwargs.pop("extra_context", None) or {})
        obj = self.get_object(request, object_id)
        if obj is not None and super().has_change_permission(request):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
            step = "activate" if obj.editable else "draft"
            extra |= {"edition": obj, "edition_url": reverse(f"{name}_{step}", args=[obj.pk])}
        return super().change_view(request, object_id, *args, extra_context=extra, **kwargs)

    def _allowed(self, request: HttpRequest, object_id: str) -> Any:
        obj = self.get_object(request, object_id)
        if obj is None or not super().has_change_permission(request):
            raise PermissionDenied
        return obj

    def _to(self, obj: Any) -> HttpResponseRedirect:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[obj.pk]))

    def draft_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Copy an edition into a draft (POST), and go there."""
        obj = self._allowed(request, object_id)
        if request.method != "POST":
            return self._to(obj)
        draft = type(self).draft(obj, request.user)
        self.message_user(request, _("This is a draft; it changes nothing until it is activated."), messages.SUCCESS)
        return self._to(draft)

    def activate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the check finds, and a reason to give before the draft becomes active."""
        obj = self._allowed(request, object_id)
        form = ReasonForm(request.POST or None)
        wrong = self.problems(obj)
        if request.method == "POST" and form.is_valid() and not wrong:
            try:
                type(self).activate(obj, request.user, form.cleaned_data["reason"])
            except self.refusals as refused:
                form.add_error(None, str(refused))
            else:
                self.message_user(request, _("Active from now on for new cases."), messages.SUCCESS)
                return self._to(obj)
        context = self.admin_site.each_context(request) | {
            "title": _("Activate %(what)s") % {"what": obj},
            "form": form,
            "wrong": wrong,
            "edition": obj,
            "back": self._to(obj).url,
        }
        return TemplateResponse(request, "cases/activate.html", context)
