from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..scopes import ScopedQuerySet, ScopeFields


class Bilingual(models.Model):
    """A name people gave in the console, and its English form for colleagues who read English."""

    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return (self.name_en or self.name) if (get_language() or "").startswith("en") else self.name


class Site(Bilingual):
    """One place the contact centre works from. Exactly one is the head site; the others are centres."""

    class Kind(models.TextChoices):
        HEAD = "head", _("head office")
        CENTRE = "centre", _("centre")

    code = models.SlugField(_("code"), max_length=32, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.CENTRE)
    city = models.CharField(_("city"), max_length=80, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.TIME_ZONE)
    calendar_code = models.CharField(
        _("business calendar"),
        max_length=64,
        blank=True,
        help_text=_("Code of the calendar that counts this site's working time. Empty: the default one."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    scope_fields = ScopeFields(site="self", team="teams", owners=())

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(kind="head"),
                name="staff_one_head_site",
                violation_error_message=_("There is a head office already."),
            )
        ]


class Team(Bilingual):
    """People of one site who share a queue."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"), related_name="teams")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    scope_fields = ScopeFields(site="site", team="self", owners=())

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["code"]
