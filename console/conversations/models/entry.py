from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.staff.scopes import ScopedQuerySet, ScopeFields

from .conversation import Conversation


class EntryKind(models.TextChoices):
    MESSAGE = "message", _("Message")
    NOTE = "note", _("Note")
    SYSTEM = "system", _("System")


class Note(models.Model):
    """An internal remark; customers never see it."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.text[:60]


class Entry(models.Model):
    """One row of the timeline: a message, a note, or a line about what happened."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="entries", db_index=False)
    at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=8, choices=EntryKind)
    message = models.OneToOneField(
        "channels.Message", models.CASCADE, null=True, blank=True, related_name="entry", db_constraint=False
    )
    note = models.OneToOneField(Note, models.CASCADE, null=True, blank=True, related_name="entry")
    inbound = models.BooleanField(default=False)
    code = models.CharField(_("what happened"), max_length=60, blank=True)
    data = models.JSONField(default=dict, blank=True)
    indexed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="conversation__site", team="conversation__team", owners=("conversation__assignee",))
    scope_permission = "conversation.view"

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["conversation", "-at", "-id"], name="entry_timeline"),
            models.Index(fields=["id"], condition=models.Q(indexed=False), name="entry_to_index"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Draft(models.Model):
    """What somebody has typed and not yet sent; one for each author and conversation."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, default="reply")
    body = models.TextField(_("text"), blank=True)
    meta = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [models.UniqueConstraint(fields=["conversation", "author", "kind"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.author_id}"


class ReadMark(models.Model):
    """Up to when somebody has read a conversation."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_until = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("read mark")
        verbose_name_plural = _("read marks")
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.conversation_id}"


class MovedMessage(models.Model):
    """A message was moved to another conversation; kept so that the move can be taken back."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="moves")
    source = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    target = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    moved_by = models.CharField(max_length=160, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="target__site", team="target__team", owners=("target__assignee",))
    scope_permission = "conversation.view"

    class Meta:
        verbose_name = _("moved message")
        verbose_name_plural = _("moved messages")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.source_id} → {self.target_id}"
