"""What unfold asks at run time: the side bar by what this person may see, the environment label, account links."""

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from console.staff.access import can

# group → [(icon, model)]; a model that is not registered, or that this person may not view, leaves no line.
GROUPS = [
    (
        _("Work"),
        [
            ("confirmation_number", "cases.Case"),
            ("forum", "conversations.Conversation"),
            ("group", "customers.Customer"),
            ("reviews", "outreach.SurveyAnswer"),
        ],
    ),
    (
        _("Channels"),
        [
            ("hub", "channels.ChannelAccount"),
            ("inbox", "channels.Envelope"),
            ("fact_check", "channels.IntakeDay"),
            ("outgoing_mail", "channels.Delivery"),
            ("policy", "channels.PolicyRule"),
            ("block", "channels.BannedWord"),
            ("language", "channels.BankDomain"),
            ("attach_file", "channels.AttachmentRule"),
            ("do_not_disturb_on", "channels.Suppression"),
            ("pin_drop", "channels.Touchpoint"),
        ],
    ),
    (
        _("Rules of work"),
        [
            ("schema", "cases.CaseType"),
            ("history_edu", "cases.CaseTypeVersion"),
            ("category", "cases.CategoryTree"),
            ("inventory_2", "cases.ProductOwner"),
            ("stairs", "cases.GradeScale"),
            ("alt_route", "cases.IntakeRule"),
            ("calendar_month", "foundation.BusinessCalendar"),
            ("bookmarks", "lowcode.SavedView"),
            ("package_2", "lowcode.BlueprintRelease"),
            ("mail", "outreach.Template"),
            ("sentiment_satisfied", "outreach.SurveyRule"),
            ("emergency", "portal.UrgentMatter"),
            ("web", "portal.PortalPolicy"),
        ],
    ),
    (
        _("People and sites"),
        [
            ("badge", "staff.User"),
            ("admin_panel_settings", "staff.Role"),
            ("groups", "staff.Team"),
            ("apartment", "staff.Site"),
            ("key", "api.ApiToken"),
            ("webhook", "api.Webhook"),
        ],
    ),
    (
        _("Watch"),
        [
            ("notifications_active", "events.Alarm"),
            ("campaign", "events.AlarmRoute"),
            ("receipt_long", "events.Event"),
            ("verified", "events.Seal"),
            ("visibility", "customers.Unmasking"),
            ("drafts", "channels.OriginalLook"),
            ("lock_open", "customers.AccessGrant"),
            ("sync_problem", "events.EventDelivery"),
            ("extension", "plugin_host.PluginState"),
        ],
    ),
]


# title, icon, address, permissions one of which opens it.
DOORS = [
    (gettext_noop("Desk"), "support_agent", "desk:home", ("case.view", "case.task")),
    (gettext_noop("Knowledge"), "menu_book", "wagtailadmin_home", ("knowledge.edit",)),
]


def environment(request: HttpRequest) -> list | None:
    """The corner label: training, test or demo, so nobody works in the wrong house."""
    if settings.HUIYIN_ENVIRONMENT:
        return [settings.HUIYIN_ENVIRONMENT, "warning"]
    return [_("Demo bank"), "info"] if settings.HUIYIN_DEMO else None


def model_line(request: HttpRequest, icon: str, label: str) -> dict | None:
    try:
        model = apps.get_model(label)
        link = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    except (LookupError, NoReverseMatch):
        return None
    if not admin.site._registry[model].has_view_permission(request):
        return None
    return {"title": model._meta.verbose_name_plural, "icon": icon, "link": link}


def navigation(request: HttpRequest) -> list[dict]:
    """Unfold's side bar."""
    top = [
        {"title": _(title), "icon": icon, "link": reverse(name), "active": False}
        for title, icon, name, permissions in DOORS
        if any(can(request.user, code) for code in permissions)
    ]
    groups = [{"title": "", "separator": False, "items": top}]
    for title, entries in GROUPS:
        items = [line for icon, label in entries if (line := model_line(request, icon, label))]
        if items:
            groups.append({"title": title, "separator": True, "collapsible": True, "items": items})
    return groups


def account_links(request: HttpRequest) -> list[dict]:
    """Links under one's own name."""
    names = [
        (_("Sign-in security"), "mfa_index"),
        (_("Where I am signed in"), "usersessions_list"),
        (_("Help centre"), None),
    ]
    links = []
    for title, name in names:
        try:
            links.append({"title": title, "link": reverse(name) if name else "/"})
        except NoReverseMatch:
            continue
    return links
