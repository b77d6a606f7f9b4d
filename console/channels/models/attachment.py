from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedTextField
from console.foundation.work import WorkRow
from console.staff.scopes import ScopedQuerySet, ScopeFields

from .account import ChannelAccount
from .message import Message


class ScanState(models.TextChoices):
    """What the malware scan said, or why the file is not offered."""

    FETCHING = "fetching", _("Being fetched")
    GONE = "gone", _("Gone")

    PENDING = "pending", _("Waiting for the scan")
    CLEAN = "clean", _("Clean")
    INFECTED = "infected", _("Infected")
    UNSCANNED = "unscanned", _("Not scanned")
    BLOCKED = "blocked", _("Not allowed")


class Attachment(models.Model):
    """A file that came or goes with a message; its bytes lie encrypted in the vault, outside the web root."""

    message = models.ForeignKey(
        Message, models.CASCADE, null=True, blank=True, related_name="attachments", db_constraint=False
    )
    name = models.CharField(_("name"), max_length=255)
    declared_type = models.CharField(_("declared type"), max_length=120, blank=True)
    content_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=120, blank=True)
    content_id = models.CharField(max_length=255, blank=True)
    inline = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=10, choices=ScanState, default=ScanState.PENDING)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    uploaded_by = models.CharField(_("uploaded by"), max_length=160, blank=True)
    scan_after = models.DateTimeField(default=timezone.now)
    scan_attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="message__account__site", team="message__account__team")
    scope_permission = "message.view"

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["scan_after"], condition=models.Q(state="pending"), name="attachment_scan"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def offered(self) -> bool:
        """Whether staff may download it."""
        return bool(self.stored_as) and self.state in (ScanState.CLEAN, ScanState.UNSCANNED)


class MediaFetch(WorkRow):
    """A file the provider still keeps: work that ends with its bytes in the vault, or with the word that it is gone."""

    attachment = models.OneToOneField(Attachment, models.CASCADE, related_name="fetch")
    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="+")
    ref = EncryptedTextField()
    good_until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(WorkRow.Meta):
        verbose_name = _("file to be fetched")
        verbose_name_plural = _("files to be fetched")

    def __str__(self) -> str:
        return f"{self.attachment_id} {self.status}"
