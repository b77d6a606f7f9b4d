import json
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from console.foundation.ids import uuid7

from ..canonical import chain_hash, event_text
from ..context import Actor


class AppendOnly(RuntimeError):
    """Somebody tried to change or remove what happened. The database refuses it too (events/guard.py)."""


class EventQuerySet(models.QuerySet):
    """Reads only: rows come in through `events.emit` and never change."""

    def _refuse(self, *args, **kwargs):
        raise AppendOnly("Events are never changed or removed. Emit another event that corrects this one.")

    update = delete = bulk_update = bulk_create = update_or_create = get_or_create = create = _refuse


class Event(models.Model):
    """One thing that happened.

    The key is a time-ordered UUID, so a range of keys is a range of time: the table can be split by month without a
    rewrite, because nothing holds a foreign key to it. `seq` and the hashes are set once, when the transaction that
    emitted the event commits.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("at"))
    stream = models.CharField(_("stream"), max_length=80)
    seq = models.BigIntegerField(_("number in stream"), null=True)
    type = models.CharField(_("type"), max_length=80)
    actor_kind = models.CharField(_("actor kind"), max_length=10)
    actor_id = models.CharField(_("actor id"), max_length=64, blank=True)
    actor_label = models.CharField(_("actor"), max_length=150, blank=True)
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)
    body = models.TextField(_("data"))
    prev_hash = models.CharField(_("previous hash"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="event_stream_seq")]
        indexes = [
            models.Index(fields=["type", "id"], name="event_type_id"),
            models.Index(fields=["actor_kind", "actor_id", "id"], name="event_actor_id"),
            models.Index(fields=["correlation_id", "id"], name="event_correlation_id"),
            models.Index(fields=["id"], name="event_unchained", condition=models.Q(seq__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.stream}"

    def save(self, *args, **kwargs):
        raise AppendOnly("Events are written by events.emit only.")

    def delete(self, *args, **kwargs):
        raise AppendOnly("Events are never removed.")

    @cached_property
    def data(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id, self.actor_label)

    @property
    def text(self) -> str:
        """What is hashed."""
        return event_text(
            id=self.id,
            stream=self.stream,
            type=self.type,
            created_at=self.created_at,
            actor=(self.actor_kind, self.actor_id, self.actor_label),
            correlation_id=self.correlation_id,
            body=self.body,
        )

    def expected_hash(self) -> str:
        """The hash this row must have after the previous hash it names."""
        return chain_hash(self.prev_hash, self.text)
