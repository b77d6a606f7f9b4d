from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedJSONField, EncryptedTextField, KeyedHashField
from console.plugin_api.channels import IdentityLevel
from console.staff.scopes import ScopedQuerySet, ScopeFields

LEVELS = [
    (int(IdentityLevel.L0), _("L0 none")),
    (int(IdentityLevel.L1), _("L1 stable pseudonym")),
    (int(IdentityLevel.L2), _("L2 bound to the customer")),
    (int(IdentityLevel.L3), _("L3 bound and freshly verified")),
]


class Identity(models.Model):
    """One address on one channel: a mailbox, a telephone number, a WeChat open id at one of our accounts.

    `account_key` is empty where the world shares one address space (mail, telephone); elsewhere it is the uid
    of the channel account, because the same person has another open id at each account.
    """

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="identities"
    )
    contact = models.ForeignKey(
        "customers.Contact",
        models.SET_NULL,
        verbose_name=_("contact"),
        related_name="identities",
        null=True,
        blank=True,
    )
    channel_kind = models.CharField(_("channel"), max_length=32)
    account_key = models.CharField(_("channel account"), max_length=64, blank=True, default="")
    address = EncryptedTextField(_("address"))
    address_hash = KeyedHashField(db_index=False)
    name = EncryptedTextField(_("name as given"), blank=True, default="")
    level = models.PositiveSmallIntegerField(_("identity level"), choices=LEVELS, default=int(IdentityLevel.L1))
    method = models.CharField(_("method"), max_length=40, blank=True)
    evidence = EncryptedJSONField(_("evidence"), default=dict, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    scope_fields = ScopeFields(site="customer__site", team="customer__team", owners=("customer__manager",))
    scope_permission = "customer.view"

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "channel_kind", "account_key"], name="customers_identity_once"
            )
        ]

    def __str__(self) -> str:
        from ..masks import mask_address

        return mask_address(self.channel_kind, self.address)

    @property
    def current_level(self) -> IdentityLevel:
        """The level now: a fresh verification that has run out falls back to what it was bound by."""
        level = IdentityLevel(self.level)
        if level >= IdentityLevel.L3 and self.expires_at and self.expires_at <= timezone.now():
            return IdentityLevel.L2
        return level


class Identifier(models.Model):
    """A number or address that names the customer: found by its keyed hash, shown only as its mask."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("telephone")
        EMAIL = "email", _("e-mail")
        ID_CARD = "id_card", _("identity document")
        CARD = "card", _("bank card")
        CUSTOMER_NO = "customer_no", _("customer number")

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="identifiers"
    )
    contact = models.ForeignKey(
        "customers.Contact",
        models.CASCADE,
        verbose_name=_("contact"),
        related_name="identifiers",
        null=True,
        blank=True,
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    ciphertext = EncryptedTextField(_("value"))
    value_hash = KeyedHashField(db_index=False)
    mask = models.CharField(_("masked value"), max_length=120)
    label = models.CharField(_("label"), max_length=40, blank=True)
    is_primary = models.BooleanField(_("primary"), default=False)
    source = models.CharField(_("source"), max_length=32, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    scope_fields = ScopeFields(site="customer__site", team="customer__team", owners=("customer__manager",))
    scope_permission = "customer.view"

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ["kind", "-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(fields=["value_hash", "kind", "customer"], name="customers_identifier_once"),
            # A family shares a telephone; a customer number or an identity document belongs to one customer.
            models.UniqueConstraint(
                fields=["value_hash", "kind"],
                condition=models.Q(kind__in=["customer_no", "id_card", "card"], contact__isnull=True),
                name="customers_identifier_of_one",
            ),
        ]

    def __str__(self) -> str:
        return self.mask
