"""What customers answered, over the API. The api room mounts this under /api/v1/survey-answers/."""

from __future__ import annotations

from django_filters import rest_framework as filters
from rest_framework import serializers

from console.foundation.api import MomentFilter, ScopedReadOnlyViewSet

from .models import SurveyAnswer


class SurveyAnswerOut(serializers.ModelSerializer):
    """One answer: score, reason, words with numbers masked, and the case a low score opened."""

    case = serializers.CharField(source="case.number", read_only=True)
    opened = serializers.CharField(source="opened.number", default=None, allow_null=True, read_only=True)

    class Meta:
        model = SurveyAnswer
        fields = ["id", "case", "round", "score", "reason", "text", "language", "answered_at", "opened"]
        read_only_fields = fields


class SurveyAnswerFilter(filters.FilterSet):
    answered_at__gte = MomentFilter(field_name="answered_at", lookup_expr="gte")
    answered_at__lt = MomentFilter(field_name="answered_at", lookup_expr="lt")

    class Meta:
        model = SurveyAnswer
        fields = {"score": ["exact", "lte", "gte"], "case__number": ["exact"]}


class SurveyAnswerViewSet(ScopedReadOnlyViewSet):
    """Answers to the survey, the latest first, as far as their cases may be seen."""

    queryset = SurveyAnswer.objects.select_related("case", "opened")
    serializer_class = SurveyAnswerOut
    permission = "case.view"
    scope = "cases"
    filterset_class = SurveyAnswerFilter


ROUTES = [("survey-answers", SurveyAnswerViewSet)]
