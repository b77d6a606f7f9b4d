"""The frame around every hub page: navigation with counts, open alarms, how this person likes the screen."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from console.cases import queries
from console.cases.models import Task
from console.channels.models import Delivery, Envelope
from console.events import open_alarms
from console.events.models import Alarm
from console.staff.access import can

from . import helping, keys
from .counting import capped_counts, shown

THEMES = {"auto": _("Like the device"), "light": _("Light"), "dark": _("Dark")}
DENSITIES = {"comfortable": _("Comfortable"), "compact": _("Compact")}
THEME_COOKIE = "huiyin_theme"
DENSITY_COOKIE = "huiyin_density"
COUNT_SECONDS = 10
ALARM_SECONDS = 5
ALARMS_KEY = "desk.alarms"
MOST_ALARMS = 3


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
    keys: str = "{}"


def choice(request: HttpRequest, cookie: str, allowed: dict) -> str:
    value = request.COOKIES.get(cookie, "")
    return value if value in allowed else next(iter(allowed))


def environment() -> str:
    return settings.HUIYIN_ENVIRONMENT or (str(_("Demo bank")) if settings.HUIYIN_DEMO else "")


def admin_url(model: str, query: str = "") -> str:
    """The admin list of a model, narrowed; "" while nobody registered it."""
    try:
        url = reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return ""
    return f"{url}?{query}" if query else url


def places(user: Any) -> list[NavItem]:
    """The rail: where this person's work is, with what waits there."""
    counts = counts_of(user)
    found = [NavItem("queue", _("Queue"), "inbox", reverse("desk:home"), "q")]
    if can(user, "case.task"):
        found.append(NavItem("tasks", _("Tasks"), "list-checks", reverse("desk:tasks"), "t", counts["tasks"]))
    if can(user, "case.approve") or can(user, "case.extend"):
        found.append(NavItem("approvals", _("Approvals"), "stamp", reverse("desk:approvals"), "a", counts["approvals"]))
    return found


def tools(user: Any) -> list[NavItem]:
    """Below the places: what went wrong on the channels, knowledge, settings."""
    counts = counts_of(user)
    found = []
    if can(user, "channel.view"):
        url = admin_url("channels_envelope", "status__exact=quarantined")
        found.append(NavItem("quarantine", _("Quarantine"), "mail-question-mark", url, "u", counts["quarantine"], True))
    if can(user, "message.decide_unknown"):
        url = admin_url("channels_delivery", "status__exact=unknown")
        found.append(NavItem("unknown", _("Undecided"), "mail-warning", url, "d", counts["unknown"], True))
    found = [item for item in found if item.url and item.count]
    if can(user, "knowledge.edit"):
        found.append(NavItem("knowledge", _("Knowledge"), "book-open", reverse("wagtailadmin_home"), "k"))
    for page in helping.pages(user):
        found.append(NavItem(page.slug, page.label, "puzzle", reverse("desk:plugin-page", args=[page.slug])))
    if user.is_staff:
        found.append(NavItem("hub", _("Settings"), "settings", f"{reverse('admin:index')}?hub=1", "h"))
    return found


def counts_of(user: Any) -> dict[str, str]:
    """What waits for this person, in one query at most every few seconds."""
    key = f"desk.shell:{user.pk}:{user.access_version}"
    counts = cache.get(key)
    if counts is None:
        rows = waiting(user)
        numbers = capped_counts(list(rows.values()))
        counts = {name: shown(number) if number else "" for name, number in zip(rows, numbers, strict=True)}
        cache.set(key, counts, COUNT_SECONDS)
    return counts


def waiting(user: Any) -> dict[str, QuerySet]:
    from .views.tasks import open_tasks

    quarantined = Envelope.objects.filter(status="quarantined")
    unknown = Delivery.objects.filter(status="unknown")
    return {
        "tasks": open_tasks(user) if can(user, "case.task") else Task.objects.none(),
        "approvals": queries.approvals_for(user) if can(user, "case.approve") else Task.objects.none(),
        "quarantine": quarantined.visible_to(user) if can(user, "channel.view") else quarantined.none(),
        "unknown": unknown.visible_to(user) if can(user, "message.decide_unknown") else unknown.none(),
    }


def alarms_of(user: Any) -> list[Alarm]:
    """Open alarms this person has to do with, the worst first; asked again every few seconds."""
    if not can(user, "alarm.view"):
        return []
    found = cache.get(ALARMS_KEY)
    if found is None:
        found = list(open_alarms()[:MOST_ALARMS])
        for alarm in found:
            _ = alarm.about  # asked of the database once, and kept with the rest
        cache.set(ALARMS_KEY, found, ALARM_SECONDS)
    return found


def build(request: HttpRequest) -> Shell:
    user = request.user
    known = user.is_authenticated
    return Shell(
        items=places(user) if known else [],
        tools=tools(user) if known else [],
        alarms=alarms_of(user) if known else [],
        theme=choice(request, THEME_COOKIE, THEMES),
        density=choice(request, DENSITY_COOKIE, DENSITIES),
        environment=environment(),
        site_name=settings.HUIYIN_SITE_NAME,
        keys=keys.table(user),
    )


def of(request: HttpRequest) -> Shell:
    """The shell of this request, built once."""
    if not hasattr(request, "_desk_shell"):
        request._desk_shell = build(request)
    return request._desk_shell
