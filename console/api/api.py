"""Webhooks over the API: made, changed, paused, tried; their log; deliveries sent again."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiWebhook, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from console.events.api import EventSerializer
from console.foundation.api import ScopedReadOnlyViewSet, ScopedViewSet
from console.foundation.http.addresses import check_web_address

from .models import Webhook, WebhookDelivery
from .outgoing import services
from .outgoing.forms import checked_types
from .outgoing.switching import pause, resume, switch_off


def _said(check: Any, value: str) -> Any:
    try:
        return check(value)
    except Invalid as error:
        raise serializers.ValidationError(error.messages) from error


class WebhookSerializer(serializers.ModelSerializer):
    """A webhook. `types` are globs like "case.*"; `secret` is in the answer to making one, and never again."""

    url = serializers.CharField(max_length=1000, write_only=True)
    types = serializers.ListField(child=serializers.CharField(max_length=80), source="patterns", allow_empty=False)
    host = serializers.CharField(read_only=True)

    class Meta:
        model = Webhook
        fields = ["id", "name", "url", "host", "types", "state", "state_reason", "state_since", "failures", "retry_at"]
        read_only_fields = ["state", "state_reason", "state_since", "failures", "retry_at"]

    def validate_url(self, value: str) -> str:
        _said(check_web_address, value)
        return value.strip()

    def validate_types(self, value: list[str]) -> str:
        return _said(checked_types, " ".join(value))


class WebhookMadeSerializer(WebhookSerializer):
    """A webhook just made, with its secret."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookSecretSerializer(serializers.Serializer):
    secret = serializers.CharField()


class PauseSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class WebhookAnswerSerializer(serializers.Serializer):
    """What the receiver said to the test; `status` is null when nobody answered."""

    ok = serializers.BooleanField()
    status = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()
    milliseconds = serializers.IntegerField()


class WebhookDeliverySerializer(serializers.ModelSerializer):
    """One event for one webhook. `status`: pending, delivered, dead (given up) or dropped."""

    class Meta:
        model = WebhookDelivery
        fields = [
            *("id", "webhook", "event_id", "event_type", "status", "attempts", "created_at", "next_attempt_at"),
            *("delivered_at", "response_status", "response_excerpt", "milliseconds", "last_error"),
        ]
        read_only_fields = fields


class WebhookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Who outside is told what happens here. Calls are signed as the Standard Webhooks specification says."""

    queryset = Webhook.objects.all()
    serializer_class = WebhookSerializer
    permission = services.PERMISSION
    scope = "webhooks"

    @extend_schema(responses={201: WebhookMadeSerializer})
    def create(self, request: Request) -> Response:
        """Make one; its secret is in the answer, this once."""
        webhook, secret = services.create(self._values(request), request.user)
        webhook.secret = secret
        return Response(WebhookMadeSerializer(webhook).data, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Another name, address or wish."""
        webhook = self.get_object()
        services.change(webhook, self._values(request, webhook), request.user)
        return Response(WebhookSerializer(webhook).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Gone, with its log."""
        services.delete(self.get_object(), request.user)
        return Response(status=204)

    @extend_schema(request=PauseSerializer, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Send nothing; keep what happens."""
        asked = PauseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        webhook = self.get_object()
        pause(webhook, asked.validated_data["reason"], request.user)
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on, with what waited first."""
        webhook = self.get_object()
        resume(webhook, request.user)
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def off(self, request: Request, pk: str) -> Response:
        """Send nothing, keep nothing, drop what waits."""
        webhook = self.get_object()
        switch_off(webhook, "", request.user)
        return Response(WebhookSerializer(webhook).data)

    @extend_schema(request=None, responses=WebhookSecretSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: str) -> Response:
        """A new secret; the old one goes on signing beside it for a day."""
        return Response({"secret": services.replace_secret(self.get_object(), request.user)})

    @extend_schema(request=None, responses=WebhookAnswerSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a made-up event now and wait for the answer."""
        return Response(WebhookAnswerSerializer(services.test(self.get_object(), request.user)).data)

    def _values(self, request: Request, webhook: Webhook | None = None) -> dict[str, Any]:
        asked = self.get_serializer(webhook, data=request.data, partial=webhook is not None)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        if "patterns" in values:
            values["types"] = values.pop("patterns")
        return values


class WebhookDeliveryViewSet(ScopedReadOnlyViewSet):
    """What was sent where. Filters: webhook, status, event."""

    queryset = WebhookDelivery.objects.all()
    serializer_class = WebhookDeliverySerializer
    permission = services.PERMISSION
    scope = "webhooks"

    def get_queryset(self):
        ask = self.request.query_params if self.request else {}
        rows = super().get_queryset()
        for name, field in (("webhook", "webhook_id"), ("status", "status"), ("event", "event_id")):
            if ask.get(name):
                rows = _filtered(rows, field, ask[name])
        return rows

    @extend_schema(request=None, responses=WebhookDeliverySerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str) -> Response:
        """Send it again: what was delivered, dropped or given up."""
        row = self.get_object()
        if not services.send_again([row], request.user):
            raise serializers.ValidationError({"status": [_("It is on its way.")]})
        return Response(WebhookDeliverySerializer(self.get_object()).data)


def _filtered(rows: Any, field: str, text: str) -> Any:
    try:
        return rows.filter(**{field: text})
    except (ValueError, Invalid) as error:
        raise serializers.ValidationError({field: [_("This cannot be looked for.")]}) from error


event_webhook = OpenApiWebhook(
    name="event",
    decorator=extend_schema(
        summary="Something happened",
        description=(
            "Posted to every webhook whose `types` match `type`: the same object as `/api/v1/events/{id}/`, with ids "
            "and codes only. Headers `webhook-id`, `webhook-timestamp` and `webhook-signature` follow the Standard "
            "Webhooks specification; `webhook-id` is the event's id and the same at every attempt. Any 2xx answer "
            "takes it; 4xx is tried again and given up after eight attempts; everything else waits until the receiver "
            "is back; 410 three times in a row pauses the webhook. Types and their data: docs/reference/events.md."
        ),
        request=EventSerializer,
        responses={200: None},
    ),
)

ROUTES = [("webhooks", WebhookViewSet), ("webhook-deliveries", WebhookDeliveryViewSet)]
