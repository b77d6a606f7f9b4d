"""Cases and case types over the API. The api room mounts these under /api/v1/."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from console.customers.models import Customer
from console.foundation.api import ScopedReadOnlyViewSet, register_problem
from console.lowcode import conditions
from console.staff.models import Team, User

from . import queries, services
from .api_belonging import BelongingActions
from .api_complaint import ComplaintActions
from .api_complaint import asked as _asked
from .api_shapes import (
    AssignIn,
    CaseIn,
    CaseOut,
    CaseTypeOut,
    CategoryIn,
    DetailOut,
    ExtendIn,
    ExtensionOut,
    GradeIn,
    MovedOut,
    MoveIn,
    NoteIn,
    OfferOut,
    ReasonIn,
    RepeatIn,
    ReplyIn,
    ReplyOut,
    TaskIn,
    TaskOut,
    ValuesIn,
    WithdrawIn,
)
from .models import Case, CaseType

PLAIN_FILTERS = {
    "type": "type__code",
    "state": "state",
    "state_class": "state_class",
    "owner": "owner_id",
    "team": "team__code",
    "site": "site__code",
    "customer": "customer_id",
    "grade": "grade",
    "outcome": "outcome",
    "repeat_reason": "repeat_reason",
    "number": "number",
}
YES_NO = {"open": "is_open", "breached": "breached"}
FILTERS = [OpenApiParameter(name, str) for name in (*PLAIN_FILTERS, *YES_NO, "where", "order")]


class CaseViewSet(BelongingActions, ComplaintActions, ScopedReadOnlyViewSet):
    """Cases within your scope, found by number. Every change goes through the same services as the hub.

    Filters: type, state, state_class, open, breached, owner, team, site, customer, grade, outcome,
    repeat_reason, number, and
    `where`, a condition tree as JSON. `order=due` sorts by what breaches first. Send `revision` with a change to be
    refused when somebody else changed the case meanwhile.
    """

    queryset = Case.objects.all()
    serializer_class = CaseOut
    lookup_field = "number"
    lookup_value_regex = r"[A-Za-z0-9-]+"
    scope = "cases"
    permission = "case.view"
    permissions = {
        "create": "case.open",
        "transition": "case.view",
        "assign": "case.view",
        "note": "conversation.note",
        "reply": "case.work",
        "repeat": "case.work",
        **dict.fromkeys(("split", "merge", "unmerge", "link"), "case.merge"),
    }

    @property
    def page_ordering(self) -> tuple[str, ...]:
        return ("due_key", "pk") if self.request.query_params.get("order") == "due" else ("-pk",)

    def get_queryset(self) -> QuerySet[Case]:
        rows = super().get_queryset().select_related("type", "owner", "team", "site", "account", "version__type")
        if self.detail or getattr(self, "swagger_fake_view", False):
            return rows
        return _filtered(rows, self.request)

    @extend_schema(parameters=FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=DetailOut)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(DetailOut(self.get_object(), context=self.get_serializer_context()).data)

    @extend_schema(request=CaseIn, responses={201: DetailOut})
    def create(self, request: Request) -> Response:
        """Open a case."""
        asked = _asked(CaseIn, request)
        customer = _visible(Customer, request, asked.pop("customer", None), "customer")
        team = _by_code(Team, request, asked.pop("team", ""))
        code = asked.pop("type")
        get_object_or_404(CaseType, code=code, is_active=True)
        case = services.open_case(code, customer, actor=request.user, team=team, **asked)
        return self._answer(case, 201)

    @extend_schema(responses=OfferOut(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def transitions(self, request: Request, number: str) -> Response:
        """The moves you could make now, with reasons against those you cannot."""
        offers = services.available_transitions(self.get_object(), request.user)
        return Response(OfferOut(offers, many=True).data)

    @extend_schema(request=MoveIn, responses=MovedOut)
    @action(detail=True, methods=["post"])
    def transition(self, request: Request, number: str) -> Response:
        """Make a move; one that needs a second person answers with its approval."""
        asked = _asked(MoveIn, request)
        moved = services.transition(
            self.get_object(), asked["transition"], request.user, asked["data"], asked["reason"],
            revision=asked["revision"],
        )  # fmt: skip
        body = {"case": self._shown(moved.case), "approval": moved.approval.pk if moved.approval else None}
        return Response(body, status=202 if moved.waiting else 200)

    @extend_schema(request=AssignIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, number: str) -> Response:
        """Give the case to a person or a team; null takes the owner away."""
        asked = _asked(AssignIn, request)
        who: dict[str, Any] = {}
        if "owner" in asked:
            who["owner"] = get_object_or_404(User, pk=asked["owner"]) if asked["owner"] else None
        if "team" in asked:
            who["team"] = _by_code(Team, request, asked["team"] or "")
        case = services.assign(
            self.get_object(), request.user, **who, reason=asked["reason"], revision=asked["revision"]
        )
        return self._answer(case)

    @extend_schema(request=ValuesIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def fields(self, request: Request, number: str) -> Response:
        """Set custom fields; null empties one."""
        asked = _asked(ValuesIn, request)
        case = services.set_fields(self.get_object(), asked["data"], request.user, revision=asked["revision"])
        return self._answer(case)

    @extend_schema(request=CategoryIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def classify(self, request: Request, number: str) -> Response:
        """Put the case into a category of one dimension."""
        asked = _asked(CategoryIn, request)
        case = services.set_category(
            self.get_object(), asked["dimension"], asked["code"], request.user, revision=asked["revision"]
        )
        return self._answer(case)

    @extend_schema(request=GradeIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def grade(self, request: Request, number: str) -> Response:
        """Set the severity; deadlines are computed anew."""
        asked = _asked(GradeIn, request)
        case = services.set_grade(
            self.get_object(), asked["grade"], request.user, asked["reason"], revision=asked["revision"]
        )
        return self._answer(case)

    @extend_schema(request=RepeatIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def repeat(self, request: Request, number: str) -> Response:
        """Say why the customer came again after an earlier case of theirs."""
        case, asked = self.get_object(), _asked(RepeatIn, request)
        earlier = self._other(request, asked["earlier"], "earlier")
        services.say_repeat(case, earlier, asked["reason"], request.user, revision=asked["revision"])
        return self._answer(case)

    @extend_schema(request=NoteIn, responses={201: DetailOut})
    @action(detail=True, methods=["post"])
    def note(self, request: Request, number: str) -> Response:
        """Write an internal note."""
        case = self.get_object()
        services.add_note(case, _asked(NoteIn, request)["text"], request.user)
        return self._answer(case, 201)

    @extend_schema(request=ReplyIn, responses={201: ReplyOut})
    @action(detail=True, methods=["post"])
    def reply(self, request: Request, number: str) -> Response:
        """Answer the customer and, with `then`, move the case: wait, resolve, close or a transition's code."""
        asked = _asked(ReplyIn, request)
        case = self.get_object()
        delivery, moved = services.reply(
            case, asked["text"], request.user, then=asked["then"], data=asked["data"], revision=asked["revision"],
            confirmed=asked["confirmed"],
        )  # fmt: skip
        approval = moved.approval.pk if moved and moved.approval else None
        return Response({"delivery": delivery.pk, "case": self._shown(case), "approval": approval}, status=201)

    @extend_schema(request=ExtendIn, responses={201: ExtensionOut})
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, number: str) -> Response:
        """Ask for a longer period by one of the type's extension rules."""
        asked = _asked(ExtendIn, request)
        made = services.request_extension(self.get_object(), asked["rule"], asked["reason"], request.user)
        return Response(ExtensionOut(made).data, status=201)

    @extend_schema(request=WithdrawIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, number: str) -> Response:
        """The customer withdrew, or a party within their authority: handling ends today."""
        asked = _asked(WithdrawIn, request)
        case = services.withdraw(
            self.get_object(), request.user, asked["reason"], party=asked["party"], revision=asked["revision"]
        )
        return self._answer(case)

    @extend_schema(request=ReasonIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, number: str) -> Response:
        """Take a resolved or closed case up again."""
        asked = _asked(ReasonIn, request)
        case = services.reopen(self.get_object(), request.user, asked["reason"], revision=asked["revision"])
        return self._answer(case)

    @extend_schema(request=TaskIn, responses={201: TaskOut})
    @action(detail=True, methods=["post"])
    def tasks(self, request: Request, number: str) -> Response:
        """Give somebody a task of this case."""
        asked = _asked(TaskIn, request)
        assignee = get_object_or_404(User, pk=asked["assignee"], is_active=True) if asked["assignee"] else None
        team = _by_code(Team, request, asked["team"])
        made = services.add_task(
            self.get_object(), asked["title"], request.user, detail=asked["detail"], assignee=assignee, team=team,
            due_at=asked["due_at"],
        )  # fmt: skip
        return Response(TaskOut(made).data, status=201)

    def _shown(self, case: Case) -> dict[str, Any]:
        return DetailOut(case, context=self.get_serializer_context()).data

    def _answer(self, case: Case, status: int = 200) -> Response:
        return Response(self._shown(case), status=status)


def _visible(model: Any, request: Request, pk: Any, field: str) -> Any:
    if pk is None:
        return None
    row = model.objects.visible_to(request.user).filter(pk=pk).first()
    if row is None:
        raise ValidationError({field: [_("There is none, or you may not see it.")]})
    return row


def _by_code(model: Any, request: Request, code: str) -> Any:
    if not code:
        return None
    row = model.objects.filter(code=code, is_active=True).first()
    if row is None:
        raise ValidationError({"team": [_("There is none, or you may not see it.")]})
    return row


def _filtered(rows: QuerySet[Case], request: Request) -> QuerySet[Case]:
    ask = request.query_params
    for name, column in PLAIN_FILTERS.items():
        if value := ask.get(name, ""):
            if column.endswith("_id") or column == "grade":
                value = _number(name, value, request)
            rows = rows.filter(**{column: value})
    for name, column in YES_NO.items():
        if name in ask:
            rows = rows.filter(**{column: ask[name].lower() in ("1", "true", "yes")})
    return rows.filter(_where(ask["where"], request)) if ask.get("where") else rows


def _number(name: str, value: str, request: Request) -> int:
    if value == "me" and name == "owner":
        return request.user.pk
    if not value.isdigit() or len(value) > 18:
        raise ValidationError({name: [_("Write a number here.")]})
    return int(value)


def _where(text: str, request: Request) -> Any:
    try:
        return queries.condition(json.loads(text), request.user)
    except ValueError as error:
        raise ValidationError({"where": [_("This is not JSON.")]}) from error
    except conditions.ConditionRefused as refused:
        raise ValidationError({"where": refused.messages}) from refused


class CaseTypeViewSet(ScopedReadOnlyViewSet):
    """Case types with the content of their active version: fields, states, transitions, clocks."""

    queryset = CaseType.objects.filter(is_active=True)
    serializer_class = CaseTypeOut
    lookup_field = "code"
    scope = "case-types"
    permission = "case.view"

    def check_object_permissions(self, request: Request, obj: CaseType) -> None:
        """Configuration belongs to no site: who may see cases may see what kinds there are."""


def _problem(error: services.CaseError) -> dict[str, Any]:
    more = {"reason": error.code}
    if error.allowed:
        more["allowed"] = str(error.allowed)
    if error.field:
        more["field"] = error.field
    return {"detail": str(error.text), **more}


def _missing(error: services.Incomplete) -> dict[str, Any]:
    rows = [{"code": item.code, "text": str(item.text), "anchor": item.anchor} for item in error.missing]
    return {"detail": str(error), "missing": rows}


def register() -> None:
    """Called from AppConfig.ready(): how refusals are told over the API."""
    register_problem(services.CaseError, 422, "case_refused", _problem)
    register_problem(services.Incomplete, 422, "case_incomplete", _missing)
    register_problem(services.NotAllowed, 403, "not_allowed", _problem)
    register_problem(services.Stale, 409, "stale", _problem)


ROUTES = [("cases", CaseViewSet), ("case-types", CaseTypeViewSet)]
