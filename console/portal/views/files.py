"""Files piece by piece: announce one, send pieces, ask how far it came, take it away. Answers are JSON for our script.

The token of the opened form is the only key; it travels in a header, so no other page can send it.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from .. import limits, tokens
from ..models import PortalPolicy, Upload
from ..services import submitting, uploads
from ..signed_in import session_key

PIECES_A_MINUTE = 600  # 150 MB


@csrf_exempt
@require_http_methods(["POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """{"name", "type", "size"} → {"id", "at", "piece"}; 413 when the form takes no such file."""
    form = _form(request)
    if form is None:
        return JsonResponse({"error": "form"}, status=403)
    if limits.over("files", limits.network_of(request), PIECES_A_MINUTE, 60):
        return JsonResponse({"error": "busy"}, status=429)
    try:
        said = json.loads(request.body[:4096])
        size = int(said["size"])
        account = submitting.account_for()
        sizes = submitting.limits_of(account)
        name, kind = str(said.get("name", "")), str(said.get("type", ""))
        row = uploads.begin(form, name, kind, size, most=PortalPolicy.current().max_files, **sizes)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return JsonResponse({"error": "too_much"}, status=413 if isinstance(error, uploads.TooMuch) else 400)
    except submitting.Closed:
        return JsonResponse({"error": "closed"}, status=404)
    except uploads.Full:
        return JsonResponse({"error": "full"}, status=507)
    return JsonResponse(_state(row), status=201)


@csrf_exempt
@require_http_methods(["GET", "PATCH", "DELETE"])
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET how far it came; PATCH with X-At and the next piece; DELETE."""
    form = _form(request)
    row = uploads.find(form, uid) if form is not None else None
    if row is None:
        return JsonResponse({"error": "gone"}, status=404)
    if request.method == "DELETE":
        uploads.forget(row)
        return HttpResponse(status=204)
    return _piece(request, row) if request.method == "PATCH" else JsonResponse(_state(row))


def _piece(request: HttpRequest, row: Upload) -> HttpResponse:
    if limits.over("files", limits.network_of(request), PIECES_A_MINUTE, 60):
        return JsonResponse({"error": "busy"}, status=429)
    try:
        piece = request.read(uploads.PIECE + 1)
        uploads.append(row, int(request.headers.get("X-At", "")), piece)
    except uploads.OutOfStep:
        return JsonResponse(_state(row), status=409)
    except uploads.TooMuch:
        return JsonResponse({"error": "too_much"}, status=413)
    except (ValueError, UnreadablePostError):
        return JsonResponse({"error": "cut"}, status=400)
    return JsonResponse(_state(row))


def _form(request: HttpRequest) -> str | None:
    try:
        return tokens.read_form(request.headers.get("X-Form", ""), session_key(request)).name
    except tokens.BadToken:
        try:
            return tokens.read_form(request.headers.get("X-Form", "")).name
        except tokens.BadToken:
            return None


def _state(row: Upload) -> dict[str, Any]:
    return {"id": str(row.uid), "at": row.received, "piece": uploads.PIECE}
