"""Large type: switched by a link, remembered in a cookie, for every public page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

COOKIE = "huiyin_plain"
YEAR = 365 * 24 * 3600


def switch(request: HttpRequest) -> HttpResponse:
    """?on=1 or ?on=0, then back to where the customer was."""
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if request.GET.get("on") == "1":
        response.set_cookie(COOKIE, "1", YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
