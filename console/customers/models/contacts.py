from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.foundation.fields import EncryptedTextField, KeyedHashField
from console.staff.scopes import ScopedQuerySet, ScopeFields

from ..normal import name_hash

OF_CUSTOMER = ScopeFields(site="customer__site", team="customer__team", owners=("customer__manager",))


class Contact(models.Model):
    """Somebody who speaks for a firm, or whom a person named (family, lawyer). May be a customer too."""

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="contacts"
    )
    person = models.ForeignKey(
        "customers.Customer",
        models.SET_NULL,
        verbose_name=_("is the customer"),
        related_name="contact_of",
        null=True,
        blank=True,
    )
    name = EncryptedTextField(pgettext_lazy("person", "name"))
    name_hash = KeyedHashField(blank=True, default="")
    position = models.CharField(_("position"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    scope_fields = OF_CUSTOMER
    scope_permission = "customer.view"

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["id"]

    def __str__(self) -> str:
        from ..masks import mask_person

        return mask_person(self.name)

    def save(self, *args, **kwargs) -> None:
        self.name_hash = name_hash(self.name) if self.name else ""
        super().save(*args, **kwargs)


class AuthorisationQuerySet(ScopedQuerySet):
    def in_force(self, at=None) -> "AuthorisationQuerySet":
        """Authorisations that hold at a moment (now)."""
        at = at or timezone.now()
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), valid_from__lte=at, revoked_at__isnull=True
        )


class Authorisation(models.Model):
    """A contact may act for the customer: in which matters, since when, until when, on what evidence."""

    class Matter(models.TextChoices):
        ENQUIRE = "enquire", _("ask about accounts")
        COMPLAIN = "complain", _("complain and receive answers")
        RECEIVE = "receive", _("receive documents")
        TRANSACT = "transact", _("give orders")
        EVERYTHING = "everything", _("everything")

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="authorisations"
    )
    contact = models.ForeignKey(Contact, models.CASCADE, verbose_name=_("contact"), related_name="authorisations")
    matters = models.JSONField(_("matters"), default=list)
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    evidence = EncryptedTextField(_("evidence"), blank=True, default="")
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = AuthorisationQuerySet.as_manager()

    scope_fields = OF_CUSTOMER
    scope_permission = "customer.view"

    class Meta:
        verbose_name = _("authorisation")
        verbose_name_plural = _("authorisations")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.contact_id}: {', '.join(self.matters)}"

    def covers(self, matter: str, at=None) -> bool:
        """Whether this authorisation holds for a matter at a moment (now)."""
        at = at or timezone.now()
        if self.revoked_at or self.valid_from > at or (self.expires_at and self.expires_at <= at):
            return False
        return matter in self.matters or self.Matter.EVERYTHING in self.matters
