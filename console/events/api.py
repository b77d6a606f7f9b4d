"""The log over the API: read only. The api room mounts this under /api/v1/events/."""

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from console.foundation.api import ScopedReadOnlyViewSet

from . import queries
from .models import Event


class ActorSerializer(serializers.Serializer):
    kind = serializers.CharField()
    id = serializers.CharField()
    label = serializers.CharField()


class EventSerializer(serializers.ModelSerializer):
    """One event. `data` holds ids and codes."""

    actor = ActorSerializer(read_only=True)
    data = serializers.DictField(read_only=True)

    class Meta:
        model = Event
        fields = ["id", "created_at", "stream", "seq", "type", "actor", "correlation_id", "data", "prev_hash", "hash"]
        read_only_fields = fields


class EventViewSet(ScopedReadOnlyViewSet):
    """Events, newest first. Filters: stream, type (both may end with *), actor, correlation_id, since, until."""

    serializer_class = EventSerializer
    queryset = Event.objects.all()
    permission = "event.view"
    scope = "events"
    page_ordering = "-id"

    def get_queryset(self):
        ask = self.request.query_params if self.request else {}
        times = {name: self._moment(name, ask.get(name, "")) for name in ("since", "until")}
        texts = {name: ask.get(name, "") for name in ("stream", "type", "actor", "correlation_id")}
        return queries.browse(rows=super().get_queryset(), **texts, **times)

    def _moment(self, name: str, text: str):
        found = queries.moment(text)
        if text and found is None:
            raise ValidationError({name: [_("Write a date and time like 2026-11-22T14:05:00+08:00.")]})
        return found


ROUTES = [("events", EventViewSet)]
