import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedTextField, KeyedHashField
from console.foundation.work import WorkRow


class Purpose(models.TextChoices):
    """What a code opens."""

    SIGN_IN = "sign_in", _("Sign in")
    FOLLOW = "follow", _("Follow one case")
    CHANGE = "change", _("Prove a new address")


class Challenge(WorkRow):
    """Somebody asked for a code. The page only writes this row, the same for every address; a worker finds out
    whether there is anybody to send it to, so neither words nor time tell."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose)
    kind = models.CharField(_("kind of address"), max_length=16)
    address = EncryptedTextField(_("address"))
    address_hash = KeyedHashField(db_index=False)
    case_ref = models.CharField(_("number as typed"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    code_hash = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    identity = models.ForeignKey("customers.Identity", models.CASCADE, null=True, blank=True, related_name="+")
    case = models.ForeignKey("cases.Case", models.CASCADE, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta(WorkRow.Meta):
        ordering = ["-id"]
        default_permissions = ()
        verbose_name = _("asked-for code")
        verbose_name_plural = _("asked-for codes")

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class CustomerSession(models.Model):
    """A customer who has proven an address. Not a member of staff, not a Django session: a token of its own."""

    token_hash = KeyedHashField(unique=True)
    identity = models.ForeignKey("customers.Identity", models.CASCADE, related_name="portal_sessions")
    case = models.ForeignKey(
        "cases.Case", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("only this case")
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"), db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        verbose_name = _("customer's session")
        verbose_name_plural = _("customers' sessions")

    def __str__(self) -> str:
        return f"#{self.pk}"
