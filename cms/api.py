"""Published articles over the API, read only. The api room mounts this under /api/v1/articles/."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from console.foundation.api import ScopedReadOnlyViewSet

from . import search
from .models import ArticlePage

LANGUAGES = list(dict(settings.LANGUAGES))
MAX_QUERY = 200


class ArticleOut(serializers.ModelSerializer):
    """An article as lists show it; `column` is the slug of the column it stands in."""

    language = serializers.CharField(source="locale.language_code")
    column = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = ArticlePage
        fields = [
            "id",
            "title",
            "slug",
            "language",
            "column",
            "url",
            "short_answer",
            "popular",
            "first_published_at",
            "last_published_at",
        ]
        read_only_fields = fields

    def get_column(self, article: ArticlePage) -> str:
        return article.url_path.strip("/").split("/")[-2]

    def get_url(self, article: ArticlePage) -> str:
        return article.get_full_url(self.context["request"]) or ""


class ArticleDetailOut(ArticleOut):
    """With its body as plain text, and the key its translations share."""

    body = serializers.CharField(source="plain_body")
    translation_key = serializers.UUIDField()

    class Meta(ArticleOut.Meta):
        fields = [*ArticleOut.Meta.fields, "body", "translation_key"]
        read_only_fields = fields


class FoundOut(serializers.Serializer):
    """An article that answers a question, with the words that matched."""

    article = ArticleOut()
    snippet = serializers.CharField()
    score = serializers.FloatField()


class AskIn(serializers.Serializer):
    q = serializers.CharField(max_length=MAX_QUERY)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)


class LanguageIn(serializers.Serializer):
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)


class ArticleViewSet(ScopedReadOnlyViewSet):
    """What customers can read now; drafts, withdrawn and private articles are not here. Filter: language."""

    queryset = ArticlePage.objects.all()
    serializer_class = ArticleOut
    scope = "articles"
    page_ordering = "-pk"

    def get_queryset(self) -> QuerySet[ArticlePage]:
        # Asked for each request: what is private is known from rows.
        rows = super().get_queryset().live().public().select_related("locale")
        language = _asked(LanguageIn, self.request).get("language") if self.request else None
        return rows.filter(locale__language_code=language) if language else rows

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return ArticleDetailOut if self.action == "retrieve" else ArticleOut

    @extend_schema(parameters=[OpenApiParameter("language", str, enum=LANGUAGES)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, required=True),
            OpenApiParameter("language", str, enum=LANGUAGES),
        ],
        responses=FoundOut(many=True),
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def search(self, request: Request) -> Response:
        """Articles that answer `q`, best first, in one language (the caller's unless `language` says another)."""
        asked = _asked(AskIn, request)
        language = asked.get("language") or get_language()
        found = search.find(asked["q"], language)
        return Response(FoundOut(found, many=True, context=self.get_serializer_context()).data)


def _asked(shape: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    asked = shape(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


ROUTES = [("articles", ArticleViewSet)]
