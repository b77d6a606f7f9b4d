import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..scopes import ScopedQuerySet, ScopeFields


def new_stamp() -> int:
    return secrets.randbits(62)


class StaffUserManager(UserManager.from_queryset(ScopedQuerySet)):
    pass


class User(AbstractUser):
    """A member of staff. Customers are never auth users.

    `is_staff`, `groups` and `access_version` are derived from memberships by services.sync; nobody edits them by
    hand. The stamp travels with the row every request loads anyway, so a new one makes cached permissions stale
    in every process without another query. It is random, not counted: a rolled-back change must not leave a
    cache entry that the next change would meet.
    """

    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.TIME_ZONE)
    site = models.ForeignKey(
        "staff.Site",
        models.PROTECT,
        verbose_name=_("site"),
        related_name="people",
        null=True,
        blank=True,
    )
    staff_number = models.CharField(_("staff number"), max_length=32, blank=True)
    job_title = models.CharField(_("job title"), max_length=80, blank=True)
    is_demo = models.BooleanField(
        _("demo sign-in"), default=False, editable=False, help_text=_("Refused outside the demo.")
    )
    extension = models.JSONField(_("extension data"), default=dict, blank=True)
    key_bindings = models.JSONField(_("key bindings"), default=dict, blank=True)
    view_order = models.JSONField(_("order of saved views"), default=list, db_default=[], blank=True, editable=False)
    second_factor = models.BooleanField(_("second factor set up"), default=False, editable=False)
    access_version = models.PositiveBigIntegerField(default=new_stamp, editable=False)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True, editable=False)

    objects = StaffUserManager()

    scope_fields = ScopeFields(site="site", team="memberships__team", owners=("self",))
    scope_permission = "staff.view"

    class Meta(AbstractUser.Meta):
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.label

    def get_full_name(self) -> str:
        """Name as colleagues read it: Chinese order without a space, Western order with one."""
        if any("一" <= letter <= "鿿" for letter in self.last_name + self.first_name):
            return f"{self.last_name}{self.first_name}"
        return super().get_full_name()

    @property
    def label(self) -> str:
        return self.get_full_name() or self.username
