"""The account pages, and the doors that lead to the one sign-in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from . import services
from .devices import device_of
from .forms import PreferencesForm
from .models import Membership

YEAR = 365 * 24 * 3600


@never_cache
def sign_in_door(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
    """Every other sign-in page of the house. Somebody signed in who is sent here lacks a permission."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("Your role does not open this page."))
    following = request.GET.get("next", "")
    return redirect(
        _with_next(reverse("account_login"), following) if _is_ours(request, following) else "account_login"
    )


@never_cache
def password_door(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
    """Every other page about passwords: change when signed in, reset when not."""
    return redirect("account_change_password" if request.user.is_authenticated else "account_reset_password")


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """ "My account": who I am here, my language and time zone, my second factor, my sessions."""
    user = request.user
    form = PreferencesForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        services.set_preferences(user, **form.cleaned_data)
        response = redirect("account_home")
        _remember_language(response, user.language)
        messages.success(request, _("Saved."))
        return response
    memberships = Membership.objects.filter(user=user).select_related("role", "team", "team__site")
    return render(request, "account/home.html", {"form": form, "memberships": memberships})


@login_required
@never_cache
def sessions(request: HttpRequest) -> HttpResponse:
    """Where I am signed in; each session can be ended, or all others at once."""
    if request.method == "POST":
        count = services.end_other_sessions(request.user, request.session.session_key)
        messages.success(request, _("Ended %(count)d other sessions.") % {"count": count})
        return redirect("usersessions_list")
    rows = [
        {
            "session": session,
            "device": device_of(session.user_agent),
            "is_current": session.session_key == request.session.session_key,
        }
        for session in services.sessions_of(request.user)
    ]
    return render(request, "usersessions/usersession_list.html", {"rows": rows})


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    services.end_session(request.user, session)
    messages.success(request, _("The session has ended."))
    return redirect("usersessions_list")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The language switch of the sign-in pages; remembered on the account when there is one."""
    following = request.POST.get("next", "")
    response = redirect(following if _is_ours(request, following) else "account_login")
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            services.set_preferences(request.user, language=language)
        _remember_language(response, language)
    return response


def _remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _is_ours(request: HttpRequest, address: str) -> bool:
    return bool(address) and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )


def _with_next(address: str, following: str) -> str:
    return f"{address}?{urlencode({'next': following})}"
