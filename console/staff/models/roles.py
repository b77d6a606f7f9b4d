from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..scopes import Reach, ScopedQuerySet, ScopeFields
from .org import Bilingual


class Role(Bilingual):
    """A set of permissions and how far they reach. Shipped roles can be tuned, not deleted."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    reach = models.CharField(
        _("data scope"),
        max_length=12,
        choices=Reach.choices,
        default=Reach.OWN,
        help_text=_("Whose records the permissions of this role reach."),
    )
    idle_minutes = models.PositiveSmallIntegerField(
        _("idle time-out in minutes"),
        null=True,
        blank=True,
        help_text=_("Empty: the setting of the installation. With several roles the shortest counts."),
    )
    is_shipped = models.BooleanField(_("shipped"), default=False, editable=False)
    # The editor (Wagtail) grants page rights to groups; each role has one, kept in step with memberships.
    group = models.OneToOneField(
        "auth.Group", models.PROTECT, related_name="staff_role", null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["id"]


class RolePermission(models.Model):
    """One cell of the permission table. A row exists for every role and every known permission."""

    role = models.ForeignKey(Role, models.CASCADE, verbose_name=_("role"), related_name="permissions")
    permission = models.CharField(_("permission"), max_length=64)
    allowed = models.BooleanField(_("allowed"), default=False)

    class Meta:
        verbose_name = _("role permission")
        verbose_name_plural = _("role permissions")
        ordering = ["role", "permission"]
        constraints = [models.UniqueConstraint(fields=["role", "permission"], name="staff_role_permission_once")]

    def __str__(self) -> str:
        return f"{self.role_id}:{self.permission}"


class Membership(models.Model):
    """Somebody holds a role, in a team or (without one) at the site they belong to."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("staff member"), related_name="memberships"
    )
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("role"), related_name="memberships")
    team = models.ForeignKey(
        "staff.Team",
        models.PROTECT,
        verbose_name=_("team"),
        related_name="memberships",
        null=True,
        blank=True,
    )
    since = models.DateTimeField(_("since"), auto_now_add=True)
    until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("Last day of a temporary role. Empty: no end.")
    )

    objects = ScopedQuerySet.as_manager()

    scope_fields = ScopeFields(site="user__site", team="team", owners=("user",))
    scope_permission = "staff.view"

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "team"], name="staff_membership_once"),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=models.Q(team__isnull=True),
                name="staff_membership_once_without_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.role_id}:{self.team_id or '-'}"
