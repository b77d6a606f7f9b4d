from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline

from .. import brute_force, services
from ..access import can
from ..errors import StaffRefusal
from ..forms import HandOverForm, zone_choices
from ..models import Membership, User

PARTICULARS = ["first_name", "last_name", "email", "site", "staff_number", "job_title", "language", "time_zone"]


class UserForm(forms.ModelForm):
    """Somebody's particulars; a new account may get a first password, else a reset link or single sign-on."""

    time_zone = forms.ChoiceField(label=_("time zone"), choices=zone_choices, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = User
        fields = ["username", *PARTICULARS]


class NewUserForm(UserForm):
    first_password = forms.CharField(
        label=_("first password"),
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave empty for single sign-on, or when the person sets one by the reset mail."),
    )

    class Meta(UserForm.Meta):
        fields = ["username", "first_password", *PARTICULARS]

    def clean_first_password(self) -> str:
        text = self.cleaned_data["first_password"]
        if text:
            validate_password(text)
        return text


class MembershipInline(ScopedTabularInline):
    model = Membership
    fields = ["role", "team", "until"]
    autocomplete_fields = ["team"]
    verbose_name_plural = _("roles")


@dataclass(frozen=True)
class Deed:
    """Something done to an account, asked for twice."""

    title: Any
    text: Any
    button: Any
    permission: str
    run: Any


DEEDS = {
    "unlock": Deed(
        _("Unlock sign-in"),
        _("Failed attempts are forgotten; the person may try again at once."),
        _("Unlock"),
        "staff.sessions",
        services.unlock,
    ),
    "end-sessions": Deed(
        _("End all sessions"),
        _("The person is signed out everywhere. Texts they were typing stay on their screen."),
        _("End sessions"),
        "staff.sessions",
        services.end_sessions,
    ),
    "suspend": Deed(
        _("Suspend"),
        _("The person cannot sign in until somebody lets them in again. Their work stays with them."),
        _("Suspend"),
        "staff.manage",
        services.suspend,
    ),
    "unsuspend": Deed(
        _("Let in again"),
        _("The person can sign in again with the roles they had."),
        _("Let in again"),
        "staff.manage",
        services.unsuspend,
    ),
}


@admin.register(User)
class UserAdmin(ScopedModelAdmin):
    """Accounts: particulars and roles here, deeds behind buttons. Nobody is deleted; people leave."""

    form = UserForm
    list_display = ["label", "username", "site", "roles", "state", "factor", "last_login"]
    list_filter = ["site", "memberships__role", "is_active", "second_factor"]
    list_select_related = ["site"]
    search_fields = ["username", "first_name", "last_name", "staff_number", "email"]
    inlines = [MembershipInline]
    actions_detail = ["go_unlock", "go_end_sessions", "go_suspend", "go_hand_over"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("memberships__role", "memberships__team")

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **({} if obj else {"form": NewUserForm}), **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [*UserForm.Meta.fields, "state_word", "factor"] if obj else NewUserForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return ["username", "state_word", "factor"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(
            f"{row.role.label} · {row.team.label}" if row.team else row.role.label for row in user.memberships.all()
        )

    @display(description=_("state"), label={"active": "success", "suspended": "warning", "left": "danger"})
    def state(self, user: User) -> tuple[str, Any]:
        if user.left_at:
            return "left", pgettext_lazy("account", "left")
        if not user.is_active:
            return "suspended", pgettext_lazy("account", "suspended")
        return "active", pgettext_lazy("account", "active")

    @display(description=_("state"))
    def state_word(self, user: User) -> Any:
        return self.state(user)[1]

    @display(description=_("second factor"), boolean=True)
    def factor(self, user: User) -> bool:
        return user.second_factor

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in PARTICULARS}
        if change:
            services.update_user(request.user, User.objects.get(pk=obj.pk), **values)
            return
        password = form.cleaned_data["first_password"] or None
        made = services.create_user(request.user, obj.username, password=password, **values)
        obj.pk, obj._state.adding = made.pk, False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The inline as a whole is the wanted state; one event tells what changed."""
        wanted = [
            (row["role"], row.get("team"), row.get("until"))
            for row in formset.cleaned_data
            if row and not row.get("DELETE")
        ]
        user = User.objects.get(pk=form.instance.pk)
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        services.set_memberships(request.user, user, wanted)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except StaffRefusal as refusal:
            messages.error(request, refusal.text)
            return redirect(request.get_full_path())

    def get_urls(self) -> list:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/deed/<slug:name>/", wrap(self.deed), name="staff_user_deed"),
            path("<int:pk>/hand-over/", wrap(self.hand_over), name="staff_user_hand_over"),
            *super().get_urls(),
        ]

    @action(description=_("Unlock sign-in"), icon="lock_open", permissions=["view"])
    def go_unlock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:staff_user_deed", pk=object_id, name="unlock")

    @action(description=_("End all sessions"), icon="logout", permissions=["view"])
    def go_end_sessions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:staff_user_deed", pk=object_id, name="end-sessions")

    @action(description=_("Suspend or let in again"), icon="pause_circle", permissions=["view"])
    def go_suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self._user(request, int(object_id))
        return redirect("admin:staff_user_deed", pk=user.pk, name="suspend" if user.is_active else "unsuspend")

    @action(description=_("Leaves: hand over"), icon="move_up", permissions=["view"])
    def go_hand_over(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:staff_user_hand_over", pk=object_id)

    def _user(self, request: HttpRequest, pk: int) -> User:
        return get_object_or_404(User.objects.visible_to(request.user), pk=pk)

    def deed(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Says what will happen, then does it."""
        user, deed = self._user(request, pk), DEEDS.get(name)
        if deed is None or not (can(request.user, deed.permission, user) or can(request.user, "staff.manage", user)):
            raise PermissionDenied
        if request.method == "POST":
            return self._do(request, user, lambda: deed.run(request.user, user))
        facts = [_("Sign-in is locked now.")] if brute_force.locked_usernames([user]) else []
        return self._ask(request, user, title=deed.title, text=deed.text, button=deed.button, facts=facts)

    def hand_over(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows what will move and to whom, then ends the account."""
        user = self._user(request, pk)
        if not can(request.user, "staff.hand_over", user):
            raise PermissionDenied
        colleagues = User.objects.visible_to(request.user)
        form = HandOverForm(request.POST or None, user=user, colleagues=colleagues)
        form.fields["to"].widget.attrs["class"] = UnfoldAdminSelectWidget().attrs["class"]
        form.fields["confirm"].widget.attrs["class"] = UnfoldAdminTextInputWidget().attrs["class"]
        if request.method == "POST" and form.is_valid():
            to = form.cleaned_data["to"]
            return self._do(request, user, lambda: services.hand_over(user, to, request.user))
        facts = [format_html("{}: {}", item.label, item.count) for item in services.preview_hand_over(user)]
        return self._ask(
            request,
            user,
            title=_("Hand over and close the account"),
            text=_("Sign-in, sessions and API tokens end at once. Open work moves to the colleague you choose:"),
            button=_("Hand over and close"),
            facts=facts or [_("No open work.")],
            form=form,
        )

    def _do(self, request: HttpRequest, user: User, run: Any) -> HttpResponse:
        try:
            run()
        except (StaffRefusal, ValidationError) as refusal:
            messages.error(request, getattr(refusal, "text", str(refusal)))
        else:
            messages.success(request, _("Done."))
        return redirect(reverse("admin:staff_user_change", args=[user.pk]))

    def _ask(self, request: HttpRequest, user: User, **words: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.model._meta, "person": user, **words}
        return TemplateResponse(request, "staff/deed.html", context)
