"""Accounts, envelopes, messages and deliveries over the API. Mounted by the api room."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from console.foundation.api import MomentFilter, ScopedReadOnlyViewSet, register_problem
from console.staff.access import as_actor

from . import services
from .downloads import stream
from .models import (
    Attachment,
    ChannelAccount,
    Delivery,
    Envelope,
    Message,
    MessageParticipant,
)
from .services.originals import view_original
from .services.quarantine import ASIDE
from .services.unknown import VERDICTS

MOST = 500


class AccountSerializer(serializers.ModelSerializer):
    """A channel account. Configuration and credentials are never shown here."""

    class Meta:
        model = ChannelAccount
        fields = (
            "id", "uid", "connector", "channel_kind", "name", "address", "state", "state_reason", "state_since",
            "site", "team", "touchpoint", "language", "time_zone", "poll_seconds", "last_polled_at",
            "last_inbound_at", "health", "health_detail", "health_at",
        )  # fmt: skip


class EnvelopeSerializer(serializers.ModelSerializer):
    """An envelope without its bytes."""

    class Meta:
        model = Envelope
        fields = (
            "id", "public_ref", "account", "status", "outcome", "reason", "origin", "size", "sha256", "items",
            "received_at", "reached_at", "parsed_at", "correlation_id",
        )  # fmt: skip


class ParticipantSerializer(serializers.ModelSerializer):
    """Who takes part; addresses masked."""

    class Meta:
        model = MessageParticipant
        fields = ("role", "identity", "own", "label")


class AttachmentSerializer(serializers.ModelSerializer):
    offered = serializers.BooleanField(read_only=True)

    class Meta:
        model = Attachment
        fields = ("id", "name", "content_type", "size", "sha256", "inline", "state", "detail", "offered")


class MessageSerializer(serializers.ModelSerializer):
    """A message as it is stored: numbers masked."""

    class Meta:
        model = Message
        fields = (
            "id", "account", "direction", "identity", "customer", "subject", "text", "masked", "automatic",
            "occurred_at", "reached_at", "language", "touchpoint", "correlation_id",
        )  # fmt: skip


class MessageDetailSerializer(MessageSerializer):
    """With everything that hangs on it."""

    participants = ParticipantSerializer(many=True, read_only=True)
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta(MessageSerializer.Meta):
        fields = (*MessageSerializer.Meta.fields, "html", "quoted_text", "participants", "attachments")


class DeliverySerializer(serializers.ModelSerializer):
    told = serializers.BooleanField(read_only=True)

    class Meta:
        model = Delivery
        fields = (
            "id", "message", "account", "send_class", "purpose", "automatic", "status", "status_at", "reason",
            "told", "attempts", "not_before", "next_attempt_at", "give_up_at", "sent_at", "evidence",
            "correlation_id", "created_at",
        )  # fmt: skip


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class OriginalSerializer(serializers.Serializer):
    subject = serializers.CharField()
    text = serializers.CharField()


class HealthSerializer(serializers.Serializer):
    state = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField()


class DecideSerializer(serializers.Serializer):
    """Which deliveries, what became of them, and how one knows."""

    ids = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=500)
    verdict = serializers.ChoiceField(choices=VERDICTS)
    evidence = serializers.CharField(max_length=1000)


class ReplaySerializer(serializers.Serializer):
    """Which envelopes: by id, or the oldest that wait in an account, with a status, since a moment."""

    ids = serializers.ListField(child=serializers.IntegerField(), required=False, min_length=1, max_length=MOST)
    account = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(choices=[(one.value, one.label) for one in ASIDE], required=False)
    received_since = serializers.DateTimeField(required=False)
    received_until = serializers.DateTimeField(required=False)
    limit = serializers.IntegerField(required=False, default=MOST, min_value=1, max_value=MOST)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if len(asked) < 2:
            raise serializers.ValidationError(_("Say which envelopes: ids, or at least one filter."))
        return asked


class ReplayedSerializer(serializers.Serializer):
    """What became of one envelope that was asked for."""

    id = serializers.IntegerField()
    public_ref = serializers.CharField()
    replayed = serializers.BooleanField()
    status = serializers.CharField()
    reason = serializers.CharField(help_text="Why it was left alone.")


class EnvelopeFilter(filters.FilterSet):
    received_since = MomentFilter(field_name="received_at", lookup_expr="gte")

    class Meta:
        model = Envelope
        fields = ("account", "status", "outcome", "origin", "correlation_id", "public_ref")


class MessageFilter(filters.FilterSet):
    since = MomentFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Message
        fields = ("account", "direction", "customer", "identity", "correlation_id")


class DeliveryFilter(filters.FilterSet):
    class Meta:
        model = Delivery
        fields = ("account", "status", "send_class", "message", "automatic", "correlation_id")


def _valid(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _waiting(rows: QuerySet[Envelope], asked: dict[str, Any]) -> QuerySet[Envelope]:
    """Those named by id, whatever their state; by filter only those that wait for a person."""
    columns = {"ids": "pk__in", "account": "account", "status": "status"}
    columns |= {"received_since": "received_at__gte", "received_until": "received_at__lt"}
    rows = rows.filter(**{column: asked[name] for name, column in columns.items() if name in asked})
    return (rows if "ids" in asked else rows.filter(status__in=ASIDE))[: asked["limit"]]


class AccountViewSet(ScopedReadOnlyViewSet):
    """Channel accounts: how they are, and the switches."""

    queryset = ChannelAccount.objects.order_by("pk")
    serializer_class = AccountSerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_fields = ("connector", "channel_kind", "state", "site", "team")
    scope = "channels"
    permission = "channel.view"
    permissions = dict.fromkeys(("test", "activate", "pause"), "channel.configure")

    @extend_schema(request=None, responses=HealthSerializer)
    @action(detail=True, methods=["post"], idempotent=False)
    def test(self, request: Request, pk: str | None = None) -> Response:
        """Try to sign in at the provider; touches nothing."""
        return Response(HealthSerializer(services.test_account(self.get_object())).data)

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"], idempotent=False)
    def activate(self, request: Request, pk: str | None = None) -> Response:
        """Let the account work; it is tested first."""
        try:
            account = services.activate(self.get_object(), as_actor(request.user))
        except services.NotTested as error:
            raise exceptions.ValidationError({"connection": [error.result.detail or error.result.state]}) from error
        return Response(AccountSerializer(account).data)

    @extend_schema(request=ReasonSerializer, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Stop fetching and sending."""
        account = services.pause(self.get_object(), as_actor(request.user), _valid(ReasonSerializer, request)["reason"])
        return Response(AccountSerializer(account).data)


class EnvelopeViewSet(ScopedReadOnlyViewSet):
    """Raw envelopes and what became of them."""

    queryset = Envelope.objects.defer("raw", "headers", "traceback").order_by("pk")
    serializer_class = EnvelopeSerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = EnvelopeFilter
    scope = "envelopes"
    permission = "channel.view"
    permissions = dict.fromkeys(("replay", "replay_many", "set_aside"), "envelope.replay")

    @extend_schema(request=None, responses=EnvelopeSerializer)
    @action(detail=True, methods=["post"], idempotent=False)
    def replay(self, request: Request, pk: str | None = None) -> Response:
        """Parse a quarantined envelope again."""
        return self._do(lambda row: services.replay(row, as_actor(request.user)))

    @extend_schema(request=ReplaySerializer, responses=ReplayedSerializer(many=True))
    @action(
        detail=False, methods=["post"], url_path="replay", pagination_class=None, filterset_class=None, idempotent=False
    )
    def replay_many(self, request: Request) -> Response:
        """Parse many again, oldest first; one row for each. Asking twice does nothing twice."""
        rows = _waiting(self.get_queryset(), _valid(ReplaySerializer, request))
        results = services.replay_each(rows, as_actor(request.user))
        return Response(ReplayedSerializer(results, many=True).data)

    @extend_schema(request=ReasonSerializer, responses=EnvelopeSerializer)
    @action(detail=True, methods=["post"])
    def set_aside(self, request: Request, pk: str | None = None) -> Response:
        """Nothing will come of this one; say why."""
        reason = _valid(ReasonSerializer, request)["reason"]
        return self._do(lambda row: services.set_aside(row, as_actor(request.user), reason))

    def _do(self, act: Any) -> Response:
        row = self.get_object()
        try:
            act(row)
        except services.NotReplayable as error:
            raise exceptions.ValidationError({"status": [str(error)]}) from error
        row.refresh_from_db(fields=["status", "outcome", "reason"])
        return Response(EnvelopeSerializer(row).data)


class MessageViewSet(ScopedReadOnlyViewSet):
    """Messages of every channel, in and out."""

    queryset = Message.objects.order_by("pk")
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = MessageFilter
    scope = "messages"
    permission = "message.view"
    permissions = {"original": "message.view_original"}

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return MessageDetailSerializer if self.action == "retrieve" else MessageSerializer

    @extend_schema(request=ReasonSerializer, responses=OriginalSerializer)
    @action(detail=True, methods=["post"], idempotent=False)
    def original(self, request: Request, pk: str | None = None) -> Response:
        """The unmasked words, with a reason; each look is an event."""
        reason = _valid(ReasonSerializer, request)["reason"]
        try:
            found = view_original(self.get_object(), request.user, reason)
        except PermissionError as error:
            raise exceptions.PermissionDenied from error
        except LookupError as error:
            raise exceptions.NotFound from error
        return Response(OriginalSerializer(found).data, headers={"Cache-Control": "no-store"})

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path=r"attachments/(?P<number>[0-9]{1,18})")
    def attachment(self, request: Request, pk: str | None = None, number: str = "") -> StreamingHttpResponse:
        """The bytes of one attachment; each look is an event."""
        row = Attachment.objects.filter(message=self.get_object(), pk=int(number)).first()
        response = stream(row, request.user) if row is not None else None
        if response is None:
            raise exceptions.NotFound
        return response


class DeliveryViewSet(ScopedReadOnlyViewSet):
    """What was sent, how it stands, and what to do about it."""

    queryset = Delivery.objects.defer("payload").order_by("pk")
    serializer_class = DeliverySerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = DeliveryFilter
    scope = "deliveries"
    permission = "message.view"
    permissions = {
        "cancel": "message.send",
        "release": "message.decide_unknown",
        "resend": "message.send",
        "decide": "message.decide_unknown",
    }

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Take a message back that has not begun to go out."""
        return self._do(services.cancel)

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        """Let a held message go."""
        return self._do(services.release)

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: str | None = None) -> Response:
        """Try a failed message again."""
        return self._do(services.resend)

    @extend_schema(request=DecideSerializer, responses=DeliverySerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def decide(self, request: Request) -> Response:
        """Say what became of deliveries nobody knows the fate of."""
        asked = _valid(DecideSerializer, request)
        mine = self.get_queryset().filter(pk__in=asked["ids"]).values_list("pk", flat=True)
        rows = services.decide_unknown(list(mine), asked["verdict"], asked["evidence"], as_actor(request.user))
        return Response(DeliverySerializer(rows, many=True).data)

    def _do(self, act: Any) -> Response:
        row = self.get_object()
        try:
            act(row, as_actor(self.request.user))
        except services.TooLate as error:
            raise exceptions.ValidationError({"status": [row.status]}) from error
        except services.Refused as error:
            raise exceptions.ValidationError({"refusals": services.as_dicts(error.refusals)}) from error
        return Response(DeliverySerializer(row).data)


def _refused(error: services.Refused) -> dict[str, Any]:
    return {"detail": " ".join(str(one.text) for one in error.refusals), "refusals": services.as_dicts(error.refusals)}


def register() -> None:
    """Called from AppConfig.ready(): a message that policy refuses is told with every reason, by every door."""
    register_problem(services.Refused, 422, "sending_refused", _refused)


ROUTES = [
    ("channels/accounts", AccountViewSet),
    ("envelopes", EnvelopeViewSet),
    ("messages", MessageViewSet),
    ("deliveries", DeliveryViewSet),
]
