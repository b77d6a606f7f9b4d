"""What belongs together, over the API: splitting a matter off, merging a duplicate, and taking that back.

A message moves to another conversation at `conversations/{id}/move/`; the case goes on with what stays.
"""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from console.conversations.models import Entry

from . import queries, services
from .api_complaint import asked
from .api_shapes import DetailOut, LinkIn, LinkOut, MergeIn, SplitIn
from .models import Case, CaseType


class BelongingActions:
    """Part of the case viewset."""

    @extend_schema(request=SplitIn, responses={201: DetailOut})
    @action(detail=True, methods=["post"])
    def split(self, request: Request, number: str) -> Response:
        """Open a case of its own for the other matter in this one; the answer is the new case."""
        body = asked(SplitIn, request)
        case = self.get_object()
        if body["type"]:
            get_object_or_404(CaseType, code=body["type"], is_active=True)
        fresh = services.split(
            case, body["subject"], request.user, type=body["type"], entry=_entry(case, body["message"])
        )
        return Response(self._shown(fresh), status=201)

    @extend_schema(request=MergeIn, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, number: str) -> Response:
        """This case is a duplicate and ends; its conversations continue in `into`, which is the answer."""
        case, other = self.get_object(), self._other(request, asked(MergeIn, request)["into"], "into")
        return Response(self._shown(services.merge(case, other, request.user)))

    @extend_schema(request=None, responses=DetailOut)
    @action(detail=True, methods=["post"])
    def unmerge(self, request: Request, number: str) -> Response:
        """Take a merge back: this case continues where it stood."""
        return Response(self._shown(services.unmerge(self.get_object(), request.user)))

    @extend_schema(request=LinkIn, responses={201: LinkOut})
    @action(detail=True, methods=["post"])
    def link(self, request: Request, number: str) -> Response:
        """Say that another case belongs to this one; both go on."""
        body = asked(LinkIn, request)
        case, other = self.get_object(), self._other(request, body["other"], "other")
        return Response(LinkOut(services.link(case, other, body["kind"], request.user)).data, status=201)

    def _other(self, request: Request, number: str, field: str) -> Case:
        row = queries.numbered(request.user, number)
        if row is None:
            raise ValidationError({field: [_("There is none, or you may not see it.")]})
        return row


def _entry(case: Case, message: int | None) -> Any:
    """The place of a message of this case's customer; ValidationError when it stands in another case."""
    if message is None:
        return None
    rows = Entry.objects.filter(conversation__case_links__case=case, kind="message", inbound=True)
    row = rows.select_related("message").filter(message_id=message).first()
    if row is None:
        raise ValidationError({"message": [_("This message does not stand in this case.")]})
    return row
