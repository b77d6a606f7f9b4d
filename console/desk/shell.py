"""The frame around every hub page: navigation with counts, open alarms, how this person likes the screen."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

THEMES = {"auto": _("Like the device"), "light": _("Light"), "dark": _("Dark")}
DENSITIES = {"comfortable": _("Comfortable"), "compact": _("Compact")}
THEME_COOKIE = "huiyin_theme"
DENSITY_COOKIE = "huiyin_density"


@dataclass(frozen=True)
class NavItem:
    """One place of the rail. `key` is the letter after `g`."""

    code: str
    label: str
    icon: str
    url: str
    key: str = ""
    count: str = ""
    alert: bool = False


@dataclass(frozen=True)
class Shell:
    """Everything desk/base.html needs beyond the page itself."""

    items: list[NavItem] = field(default_factory=list)
    tools: list[NavItem] = field(default_factory=list)
    alarms: list = field(default_factory=list)
    theme: str = "auto"
    density: str = "comfortable"
    themes: dict = field(default_factory=lambda: THEMES)
    densities: dict = field(default_factory=lambda: DENSITIES)
    environment: str = ""
    site_name: str = ""


def choice(request: HttpRequest, cookie: str, allowed: dict) -> str:
    value = request.COOKIES.get(cookie, "")
    return value if value in allowed else next(iter(allowed))


def environment() -> str:
    return settings.HUIYIN_ENVIRONMENT or (str(_("Demo bank")) if settings.HUIYIN_DEMO else "")


def build(request: HttpRequest) -> Shell:
    return Shell(
        items=[NavItem("queue", _("Queue"), "inbox", reverse("desk:home"), "q")],
        theme=choice(request, THEME_COOKIE, THEMES),
        density=choice(request, DENSITY_COOKIE, DENSITIES),
        environment=environment(),
        site_name=settings.HUIYIN_SITE_NAME,
    )


def of(request: HttpRequest) -> Shell:
    """The shell of this request, built once."""
    if not hasattr(request, "_desk_shell"):
        request._desk_shell = build(request)
    return request._desk_shell
