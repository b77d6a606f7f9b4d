from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.staff.scopes import ScopedQuerySet, ScopeFields


class ConversationStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("conversation", "Open")
    CLOSED = "closed", pgettext_lazy("conversation", "Closed")


class Conversation(models.Model):
    """A thread of messages with one customer. It may move over channels; a case is a different thing."""

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="conversations",
        verbose_name=_("customer"),
    )
    identity = models.ForeignKey("customers.Identity", models.PROTECT, null=True, blank=True, related_name="+")
    account = models.ForeignKey(
        "channels.ChannelAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("channel account"),
    )
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=ConversationStatus, default=ConversationStatus.OPEN)
    flag = models.CharField(_("flag"), max_length=40, blank=True)
    site = models.ForeignKey(
        "staff.Site", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    team = models.ForeignKey(
        "staff.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    last_message_at = models.DateTimeField(_("last message"), null=True, blank=True)
    last_inbound_at = models.DateTimeField(_("last inbound"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("conversation", "closed"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(owners=("assignee",))
    scope_permission = "conversation.view"

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-last_message_at", "-id"]
        indexes = [
            models.Index(
                fields=["identity", "-last_message_at"],
                condition=models.Q(status="open"),
                name="conversation_open",
            ),
            models.Index(fields=["customer", "-last_message_at"], name="conversation_customer"),
            models.Index(fields=["assignee", "status"], name="conversation_assignee"),
            models.Index(fields=["team", "status", "-last_message_at"], name="conversation_team"),
        ]

    def __str__(self) -> str:
        return self.subject or f"#{self.pk}"

    @property
    def thread_ref(self) -> str:
        """How threads name this conversation in tokens and subject tags."""
        return f"t{self.pk}"
