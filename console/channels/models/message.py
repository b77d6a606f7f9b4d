from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.foundation.fields import EncryptedTextField
from console.staff.scopes import ScopedQuerySet, ScopeFields

from .account import ChannelAccount
from .envelope import Envelope


class Direction(models.TextChoices):
    INBOUND = "in", _("Inbound")
    OUTBOUND = "out", _("Outbound")


class Role(models.TextChoices):
    """The part an identity plays in a message."""

    FROM = "from", _("From")
    TO = "to", _("To")
    CC = "cc", _("Cc")
    BCC = "bcc", _("Bcc")
    REPLY_TO = "reply_to", _("Reply to")


class Message(models.Model):
    """One utterance in or out. Numbers of cards, identities and phones in the text are masked tokens.

    Ready to be partitioned by `created_at`: uniqueness of inbound messages lives in `Arrival`, and nothing points
    here with a database constraint.
    """

    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="messages", db_index=False)
    envelope = models.ForeignKey(
        Envelope, models.SET_NULL, null=True, blank=True, related_name="messages", db_constraint=False
    )
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    provider_message_id = models.CharField(max_length=255, blank=True)
    wire_id = models.CharField(
        max_length=255, blank=True, help_text=_("The id other messages refer to, e.g. the Message-ID.")
    )
    identity = models.ForeignKey("customers.Identity", models.PROTECT, null=True, blank=True, related_name="+")
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    touchpoint = models.ForeignKey(
        "channels.Touchpoint", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    quoted_text = models.TextField(_("quotation"), blank=True)
    masked = models.BooleanField(_("numbers masked"), default=False)
    occurred_at = models.DateTimeField(_("written"), default=timezone.now)
    reached_at = models.DateTimeField(_("reached the bank"), default=timezone.now)
    in_reply_to = models.CharField(max_length=255, blank=True)
    references = models.JSONField(default=list, blank=True)
    tokens = models.JSONField(default=list, blank=True)
    thread = models.CharField(max_length=60, blank=True, help_text=_("What the token sent with it stands for."))
    automatic = models.CharField(_("automatic"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    meta = models.JSONField(default=dict, blank=True)
    correlation_id = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="account__site", team="account__team")
    scope_permission = "message.view"

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["wire_id"], condition=~models.Q(wire_id=""), name="message_wire"),
            models.Index(fields=["customer", "occurred_at"], name="message_customer"),
            models.Index(fields=["correlation_id"], name="message_correlation"),
            models.Index(fields=["created_at"], name="message_created"),
        ]

    def __str__(self) -> str:
        return self.subject or f"#{self.pk}"

    @property
    def inbound(self) -> bool:
        return self.direction == Direction.INBOUND


class Arrival(models.Model):
    """An inbound message came in over an account: the unique key (account, provider message id) is held here.

    One mail over two of our mailboxes is one message with two arrivals. `scope` says how far the id is unique: over
    all accounts of a connector, or on one account only; the first arrival in a scope owns the message.
    """

    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="arrivals", db_index=False)
    scope = models.CharField(max_length=60)
    provider_message_id = models.CharField(max_length=255)
    first = models.BooleanField(default=True)
    message = models.ForeignKey(Message, models.CASCADE, related_name="arrivals", db_constraint=False)
    envelope = models.ForeignKey(Envelope, models.SET_NULL, null=True, related_name="arrivals", db_constraint=False)
    reached_at = models.DateTimeField(_("reached the bank"), default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        constraints = [
            models.UniqueConstraint(fields=["account", "provider_message_id"], name="arrival_once_per_account"),
            models.UniqueConstraint(
                fields=["scope", "provider_message_id"],
                condition=models.Q(first=True),
                name="arrival_first_in_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} @ {self.account_id}"


class MessageParticipant(models.Model):
    """An identity that takes part in a message, with its role."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="participants", db_constraint=False)
    role = models.CharField(_("role"), max_length=8, choices=Role)
    identity = models.ForeignKey("customers.Identity", models.PROTECT, null=True, blank=True, related_name="+")
    own = models.BooleanField(_("one of our addresses"), default=False)
    label = models.CharField(_("shown as"), max_length=160, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = pgettext_lazy("message", "participant")
        verbose_name_plural = pgettext_lazy("message", "participants")

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.label}"


class OriginalLook(models.Model):
    """Somebody read a message without its masks. The reason stays here; the event holds only this row's id."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("staff member"), related_name="+")
    message = models.ForeignKey(
        Message, models.CASCADE, verbose_name=_("message"), related_name="looks", db_constraint=False
    )
    reason = EncryptedTextField(_("reason"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="message__account__site", team="message__account__team")
    scope_permission = "channel.view"

    class Meta:
        verbose_name = _("look at an original message")
        verbose_name_plural = _("looks at original messages")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.message_id}"
