"""Conversations over the API. Mounted by the api room."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from console.channels.api import AttachmentSerializer, DeliverySerializer, ParticipantSerializer
from console.channels.services import as_dicts, check_send
from console.foundation.api import ScopedReadOnlyViewSet
from console.staff.models import Team, User

from . import queries, services
from .models import Conversation, Entry
from .services.answering import REPLY, REPLY_ALL, compose


class ConversationSerializer(serializers.ModelSerializer):
    unread = serializers.BooleanField(read_only=True)

    class Meta:
        model = Conversation
        fields = (
            "id", "customer", "account", "subject", "status", "flag", "site", "team", "assignee", "unread",
            "last_message_at", "last_inbound_at", "waiting_since", "created_at",
        )  # fmt: skip


class LineMessageSerializer(serializers.Serializer):
    """A message inside a timeline."""

    id = serializers.IntegerField()
    direction = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()
    quoted_text = serializers.CharField()
    automatic = serializers.CharField()
    masked = serializers.BooleanField()


class LineSerializer(serializers.Serializer):
    """One entry of the timeline."""

    id = serializers.IntegerField(source="entry.pk")
    conversation = serializers.IntegerField(source="entry.conversation_id")
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    author = serializers.CharField()
    unread = serializers.BooleanField()
    code = serializers.CharField(source="entry.code")
    data = serializers.DictField()
    note = serializers.SerializerMethodField()
    message = LineMessageSerializer(allow_null=True)
    delivery = DeliverySerializer(allow_null=True)
    participants = ParticipantSerializer(many=True)
    attachments = AttachmentSerializer(many=True)

    def get_note(self, line: queries.Line) -> str | None:
        return line.entry.note.text if line.entry.note else None


class ReplySerializer(serializers.Serializer):
    """An answer; `confirmed` holds codes of refusals the author has read."""

    text = serializers.CharField(max_length=200_000)
    html = serializers.CharField(required=False, default="", allow_blank=True)
    subject = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    mode = serializers.ChoiceField(choices=(REPLY, REPLY_ALL), default=REPLY)
    confirmed = serializers.ListField(child=serializers.CharField(max_length=40), default=list)
    undo_seconds = serializers.FloatField(min_value=0, max_value=300, required=False)


class NoteSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=20_000)


class DraftSerializer(serializers.Serializer):
    body = serializers.CharField(allow_blank=True, max_length=200_000)
    kind = serializers.ChoiceField(choices=("reply", "note"), default="reply")
    meta = serializers.DictField(required=False, default=dict)
    revision = serializers.IntegerField(required=False)


class AssignSerializer(serializers.Serializer):
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), allow_null=True)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False)


class MoveSerializer(serializers.Serializer):
    entry = serializers.IntegerField()
    target = serializers.IntegerField(allow_null=True, default=None, help_text="null: a conversation of its own")
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class RefusalSerializer(serializers.Serializer):
    code = serializers.CharField()
    text = serializers.CharField()
    allowed = serializers.CharField()
    confirmable = serializers.BooleanField()
    data = serializers.DictField()


class ConversationFilter(filters.FilterSet):
    waiting = filters.BooleanFilter(field_name="waiting_since", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Conversation
        fields = ("customer", "account", "status", "team", "site", "assignee")


def _valid(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class ConversationViewSet(ScopedReadOnlyViewSet):
    """Threads within the caller's scope, their timeline, and what one does in them."""

    queryset = Conversation.objects.order_by("pk")
    serializer_class = ConversationSerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = ConversationFilter
    scope = "conversations"
    permission = "conversation.view"
    permissions = {
        "reply": "conversation.work",
        "check": "conversation.work",
        "draft": "conversation.work",
        "notes": "conversation.note",
        "assign": "conversation.assign",
        "move": "conversation.move",
    }

    def get_queryset(self) -> Any:
        return queries.with_unread(super().get_queryset(), self.request.user)

    def handle_exception(self, exc: Exception) -> Response:
        return super().handle_exception(_as_problem(exc))

    @extend_schema(responses=LineSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def timeline(self, request: Request, pk: str | None = None) -> Response:
        """Newest first; `?before=<entry id>` for the next page."""
        conversation = self.get_object()
        before = None
        if asked := request.query_params.get("before"):
            before = get_object_or_404(Entry, pk=asked if asked.isdecimal() else 0, conversation=conversation)
        lines = queries.timeline_of([conversation.pk], request.user, before)
        return Response(LineSerializer(lines, many=True).data)

    @extend_schema(request=ReplySerializer, responses={201: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def reply(self, request: Request, pk: str | None = None) -> Response:
        """Answer the customer; refused with every reason when policy says no."""
        delivery = services.reply(self.get_object(), request.user, **_valid(ReplySerializer, request))
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReplySerializer, responses=RefusalSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def check(self, request: Request, pk: str | None = None) -> Response:
        """What would stand in the way of this answer; nothing is sent."""
        asked = _valid(ReplySerializer, request)
        asked["confirmed"] = frozenset(asked["confirmed"])
        refusals = check_send(compose(self.get_object(), asked.pop("text"), **asked))
        return Response(as_dicts(refusals))

    @extend_schema(request=NoteSerializer, responses={201: LineSerializer})
    @action(detail=True, methods=["post"])
    def notes(self, request: Request, pk: str | None = None) -> Response:
        """Write an internal remark."""
        entry = services.add_note(self.get_object(), request.user, _valid(NoteSerializer, request)["text"])
        line = queries.timeline_of([entry.conversation_id], request.user, limit=1)[0]
        return Response(LineSerializer(line).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DraftSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def draft(self, request: Request, pk: str | None = None) -> Response:
        """Keep what was typed so far."""
        kept = services.save_draft(self.get_object(), request.user, **_valid(DraftSerializer, request))
        return Response(DraftSerializer(kept).data)

    @extend_schema(request=AssignSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str | None = None) -> Response:
        """Give the conversation to somebody or to a team."""
        asked = _valid(AssignSerializer, request)
        row = services.assign(self.get_object(), asked["user"], request.user, team=asked.get("team"))
        return Response(ConversationSerializer(row).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str | None = None) -> Response:
        """The caller has read it up to now."""
        services.mark_read(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """End it; the next message of the customer opens it again."""
        row = self.get_object()
        services.close(row, request.user)
        return Response(ConversationSerializer(row).data)

    @extend_schema(request=MoveSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        """Put one message into another conversation, or into one of its own."""
        asked = _valid(MoveSerializer, request)
        entry = get_object_or_404(Entry, pk=asked["entry"], conversation=self.get_object())
        target = None
        if asked["target"] is not None:
            target = get_object_or_404(self.get_queryset(), pk=asked["target"])
        move = services.move_message(entry, target, request.user, asked["reason"])
        shown = queries.with_unread(Conversation.objects.all(), request.user).get(pk=move.target_id)
        return Response(ConversationSerializer(shown).data)


def _as_problem(error: Exception) -> Exception:
    """Our refusals as DRF knows them."""
    if isinstance(error, services.NotAllowed):
        return exceptions.PermissionDenied()
    if isinstance(error, services.Conflict):
        return exceptions.ValidationError({"revision": [str(error.current.revision)]})
    if isinstance(error, services.CannotMove):
        return exceptions.ValidationError({"entry": [str(error)]})
    return error


ROUTES = [("conversations", ConversationViewSet)]
