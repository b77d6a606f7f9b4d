"""How one person likes the screen: language on their account, colours and density on this device."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from console.staff.services import set_preferences

from .. import shell

YEAR = 365 * 24 * 3600
COOKIES = {"theme": (shell.THEME_COOKIE, shell.THEMES), "density": (shell.DENSITY_COOKIE, shell.DENSITIES)}


def back(request: HttpRequest) -> str:
    """The page the choice was made on, if it is one of ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else reverse("desk:home")


@require_POST
@login_required
def save(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(back(request))
    for name, (cookie, allowed) in COOKIES.items():
        if (value := request.POST.get(name)) in allowed:
            response.set_cookie(
                cookie, value, max_age=YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=False, samesite="Lax"
            )
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        set_preferences(request.user, language=language)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax")
    return response
