from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.foundation.fields import EncryptedTextField, KeyedHashField
from console.foundation.ids import uuid7
from console.staff.scopes import Scope, ScopedQuerySet, ScopeFields

from ..normal import name_hash


class CustomerQuerySet(ScopedQuerySet):
    def also_visible(self, user, scope: Scope) -> Q:
        """Customers somebody opened with a reason, until that runs out."""
        from .access import AccessGrant

        if scope.nothing:
            return Q(pk__in=[])
        return Q(pk__in=AccessGrant.objects.running(user).values("customer_id"))

    def named(self, name: str) -> "CustomerQuerySet":
        """Customers of exactly this name, however it was spaced or cased."""
        return self.filter(name_hash=name_hash(name))


class Customer(models.Model):
    """A person or a firm the bank serves, or an unknown sender waiting to be recognised (`is_provisional`)."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        FIRM = "firm", _("firm")

    class Tier(models.TextChoices):
        STANDARD = "standard", _("standard")
        GOLD = "gold", _("gold")
        PLATINUM = "platinum", _("platinum")
        DIAMOND = "diamond", _("diamond")

    class Lifecycle(models.TextChoices):
        UNKNOWN = "unknown", pgettext_lazy("life cycle", "unknown")
        PROSPECT = "prospect", pgettext_lazy("life cycle", "prospect")
        NEW = "new", pgettext_lazy("life cycle", "new")
        ACTIVE = "active", pgettext_lazy("life cycle", "active")
        DORMANT = "dormant", pgettext_lazy("life cycle", "dormant")
        LEFT = "left", pgettext_lazy("life cycle", "left")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PERSON)
    display_name = EncryptedTextField(pgettext_lazy("person", "name"), blank=True, default="")
    name_hash = KeyedHashField(blank=True, default="")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True)
    preferred_channel = models.CharField(_("preferred channel"), max_length=32, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=settings.TIME_ZONE)
    tier = models.CharField(_("tier"), max_length=16, choices=Tier.choices, default=Tier.STANDARD)
    lifecycle = models.CharField(_("life cycle"), max_length=16, choices=Lifecycle.choices, default=Lifecycle.UNKNOWN)
    is_sensitive = models.BooleanField(_("sensitive"), default=False)
    do_not_market = models.BooleanField(_("do not market"), default=False)
    is_provisional = models.BooleanField(_("not recognised yet"), default=False)
    site = models.ForeignKey(
        "staff.Site",
        models.PROTECT,
        verbose_name=_("site"),
        related_name="customers",
        null=True,
        blank=True,
    )
    team = models.ForeignKey(
        "staff.Team",
        models.SET_NULL,
        verbose_name=_("team"),
        related_name="customers",
        null=True,
        blank=True,
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("relationship manager"),
        related_name="managed_customers",
        null=True,
        blank=True,
    )
    source = models.CharField(_("source"), max_length=32, blank=True)
    data = models.JSONField(_("more fields"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    scope_fields = ScopeFields(site="site", team="team", owners=("manager",))
    scope_permission = "customer.view"

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["site", "-id"], name="customers_by_site"),
            models.Index(fields=["team", "-id"], name="customers_by_team"),
        ]

    def __str__(self) -> str:
        from ..masks import short_name

        return short_name(self)

    def save(self, *args, **kwargs) -> None:
        """Keep the hash in step with the name, also in partial saves."""
        fields = kwargs.get("update_fields")
        if fields is None or "display_name" in fields:
            self.name_hash = name_hash(self.display_name) if self.display_name else ""
            if fields is not None:
                kwargs["update_fields"] = {*fields, "name_hash"}
        super().save(*args, **kwargs)

    def is_open_to(self, user) -> bool:
        """Whether a running grant opens this customer to somebody outside its scope."""
        from .access import AccessGrant

        known = self.__dict__.get("_open_to", {}).get(user.pk)
        return AccessGrant.objects.running(user).filter(customer_id=self.pk).exists() if known is None else known
