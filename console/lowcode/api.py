"""Blueprints over the API. The api room mounts this under /api/v1/blueprints/."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from console.events import Actor
from console.foundation.api import ScopedReadOnlyViewSet

from . import blueprints
from .blueprints.bundle import Bundle, from_document
from .models import BlueprintRelease


class ReleaseSerializer(serializers.ModelSerializer):
    """One application of a blueprint."""

    class Meta:
        model = BlueprintRelease
        fields = ["id", "name", "version", "digest", "author", "reason", "applied_at", "changes"]
        read_only_fields = fields


class ApplySerializer(serializers.Serializer):
    """A bundle (as JSON) to apply or, with `dry_run`, to try."""

    bundle = serializers.DictField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    dry_run = serializers.BooleanField(default=False)


class ChangeSerializer(serializers.Serializer):
    section = serializers.CharField()
    action = serializers.CharField()
    item = serializers.CharField()
    path = serializers.CharField()
    old = serializers.JSONField()
    new = serializers.JSONField()
    text = serializers.CharField()


class AppliedSerializer(serializers.Serializer):
    """What an application did, or would do."""

    dry_run = serializers.BooleanField()
    release = serializers.IntegerField(allow_null=True)
    changes = ChangeSerializer(many=True)


class BlueprintViewSet(ScopedReadOnlyViewSet):
    """Releases applied so far; `export` gives the configuration, `diff` compares, POST applies all of it or nothing."""

    queryset = BlueprintRelease.objects.all()
    serializer_class = ReleaseSerializer
    permission = "blueprint.view"
    permissions = {"create": "blueprint.apply", "diff": "blueprint.apply"}
    scope = "blueprints"

    @extend_schema(request=ApplySerializer, responses={200: AppliedSerializer, 201: AppliedSerializer})
    def create(self, request: Request) -> Response:
        asked = self._asked(request)
        try:
            done = blueprints.apply(
                self._bundle(asked), _actor(request), reason=asked["reason"], dry_run=asked["dry_run"]
            )
        except blueprints.BundleRefused as refused:
            raise ValidationError({"bundle": refused.messages}) from refused
        release = done.release.pk if done.release else None
        body = {"dry_run": done.dry_run, "release": release, "changes": _changes(done.changes)}
        return Response(body, status=201 if release else 200)

    @extend_schema(request=ApplySerializer, responses=AppliedSerializer)
    @action(detail=False, methods=["post"])
    def diff(self, request: Request) -> Response:
        """What applying would change."""
        try:
            changes = blueprints.diff(self._bundle(self._asked(request)))
        except blueprints.BundleRefused as refused:
            raise ValidationError({"bundle": refused.messages}) from refused
        return Response({"dry_run": True, "release": None, "changes": _changes(changes)})

    @extend_schema(responses={200: dict})
    @action(detail=False, methods=["get"])
    def export(self, request: Request) -> Response:
        """The configuration now; `?sections=a,b` for a part."""
        only = [name for name in request.query_params.get("sections", "").split(",") if name]
        try:
            return Response(blueprints.export(only=only).document())
        except blueprints.BundleRefused as refused:
            raise ValidationError({"sections": refused.messages}) from refused

    def _asked(self, request: Request) -> dict:
        serializer = ApplySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _bundle(self, asked: dict) -> Bundle:
        return from_document(asked["bundle"])


def _changes(changes) -> list[dict]:
    return [change.to_json() | {"text": str(change)} for change in changes]


def _actor(request: Request) -> Actor:
    if not request.user.pk:
        raise ValidationError(_("Sign in first."))
    return Actor("api", str(request.user.pk), request.user.get_username())


ROUTES = [("blueprints", BlueprintViewSet)]
