"""The regulated complaint over the API: what stands beside a case, and the acts on it.

Accepting or not, asking for material, mediation and lawsuits are transitions of the type: `transitions` offers them
and `transition` takes what they bring (`grounds`, `words`, `materials`, `body` …) in `data`.
"""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from console.channels.models import Attachment
from console.staff.models import User

from . import services
from .api_shapes import (
    AnsweredIn,
    ComplaintOut,
    ForwardingIn,
    ForwardingOut,
    InterestIn,
    InterestOut,
    MaterialIn,
    MaterialOut,
    PaidIn,
    PartyIn,
    PartyOut,
    RecheckIn,
    RedressIn,
    RedressOut,
)


def asked(shape: type, request: Request) -> dict[str, Any]:
    """The request's body in this shape; raises ValidationError."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class ComplaintActions:
    """Part of the case viewset."""

    @extend_schema(responses=ComplaintOut)
    @action(detail=True, methods=["get"])
    def complaint(self, request: Request, number: str) -> Response:
        """Acceptance, material, parties, interests, redress, forwarded items, proceedings and re-checks."""
        return Response(ComplaintOut(self.get_object()).data)

    @extend_schema(request=MaterialIn, responses={201: MaterialOut})
    @action(detail=True, methods=["post"])
    def material(self, request: Request, number: str) -> Response:
        """Put a document on file."""
        body, case = asked(MaterialIn, request), self.get_object()
        file, party = body.pop("attachment"), body.pop("party")
        made = services.record_material(
            case, body.pop("kind"), request.user,
            attachment=get_object_or_404(Attachment, pk=file) if file else None,
            party=get_object_or_404(case.parties, pk=party) if party else None,
            **body,
        )  # fmt: skip
        return Response(MaterialOut(made).data, status=201)

    @extend_schema(request=PartyIn, responses={201: PartyOut})
    @action(detail=True, methods=["post"])
    def party(self, request: Request, number: str) -> Response:
        """Record a representative, an agent, an heir or a joint complainant."""
        body = asked(PartyIn, request)
        made = services.add_party(self.get_object(), body.pop("role"), body.pop("name"), request.user, **body)
        return Response(PartyOut(made).data, status=201)

    @extend_schema(request=InterestIn, responses={201: InterestOut})
    @action(detail=True, methods=["post"])
    def interest(self, request: Request, number: str) -> Response:
        """Declare an interest, yours or a colleague's: they keep out of the matter."""
        body = asked(InterestIn, request)
        user = get_object_or_404(User, pk=body["user"], is_active=True) if body["user"] else request.user
        made = services.declare_interest(
            self.get_object(), user, body["reason"], request.user, revision=body["revision"]
        )
        return Response(InterestOut(made).data, status=201)

    @extend_schema(request=RedressIn, responses={201: RedressOut})
    @action(detail=True, methods=["post"])
    def redress(self, request: Request, number: str) -> Response:
        """Propose redress; above a limit it waits for approval."""
        body = asked(RedressIn, request)
        made = services.add_redress(self.get_object(), body.pop("kind"), request.user, **body)
        return Response(RedressOut(made).data, status=201)

    @extend_schema(request=PaidIn, responses=RedressOut)
    @action(detail=True, methods=["post"])
    def paid(self, request: Request, number: str) -> Response:
        """Put on record that approved redress was paid."""
        body = asked(PaidIn, request)
        row = get_object_or_404(self.get_object().redress, pk=body.pop("redress"))
        return Response(RedressOut(services.pay_redress(row, request.user, **body)).data)

    @extend_schema(request=ForwardingIn, responses={201: ForwardingOut})
    @action(detail=True, methods=["post"])
    def forwarding(self, request: Request, number: str) -> Response:
        """A regulator forwarded this matter under its own number."""
        body = asked(ForwardingIn, request)
        made = services.record_forwarding(
            self.get_object(), body.pop("authority"), body.pop("number"), request.user, **body
        )
        return Response(ForwardingOut(made).data, status=201)

    @extend_schema(request=AnsweredIn, responses=ForwardingOut)
    @action(detail=True, methods=["post"], url_path="regulator-answered")
    def regulator_answered(self, request: Request, number: str) -> Response:
        """The regulator has its answer."""
        body = asked(AnsweredIn, request)
        row = get_object_or_404(self.get_object().forwardings, pk=body.pop("forwarding"))
        return Response(ForwardingOut(services.answer_regulator(row, request.user, **body)).data)

    @extend_schema(request=RecheckIn, responses={201: ComplaintOut})
    @action(detail=True, methods=["post"])
    def recheck(self, request: Request, number: str) -> Response:
        """The customer asks for a re-check: a case of its own opens with the superior team."""
        case = self.get_object()
        services.ask_for_recheck(case, asked(RecheckIn, request)["reason"], request.user)
        return Response(ComplaintOut(case).data, status=201)
