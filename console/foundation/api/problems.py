"""Errors of the API as RFC 9457 problem documents: a stable code for programs, a sentence for people."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.signals import got_request_exception
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from ..ids import public_reference

log = logging.getLogger(__name__)

Describe = Callable[[Exception], dict[str, Any]]
_known: dict[type[Exception], tuple[int, str, Describe]] = {}


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"


def register_problem(
    error: type[Exception], status: int, code: str, describe: Describe = lambda error: {"detail": str(error)}
) -> None:
    """Called from AppConfig.ready(): how a room's own exception is told over the API.

    `describe(error)` returns further members, at least `detail`; it must hold no personal data.
    """
    _known[error] = (status, code, describe)


def problem_handler(error: Exception, context: dict) -> Response:
    """REST_FRAMEWORK["EXCEPTION_HANDLER"]: never lets an exception's text out that was not meant for the caller."""
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(_django_errors(error))
    response = exception_handler(error, context)
    if response is not None:
        return _problem(context, response.status_code, *_told(error, response), headers=dict(response.headers))
    for known in type(error).__mro__:
        if known in _known:
            set_rollback()
            status, code, describe = _known[known]
            members = describe(error)
            return _problem(context, status, code, members.pop("detail", ""), members)
    return _fault(error, context)


def _told(error: Exception, response: Response) -> tuple[str, str, dict]:
    if isinstance(error, exceptions.ValidationError):
        return "invalid", str(exceptions.ValidationError.default_detail), {"errors": response.data}
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    return getattr(detail, "code", "error"), str(detail), {}


def _fault(error: Exception, context: dict) -> Response:
    """Our own fault: the caller gets a reference, the log gets the cause, and both can be put together."""
    set_rollback()
    reference = public_reference("ERR")
    log.error("api_fault", exc_info=error, extra={"reference": reference})
    request = context.get("request")
    got_request_exception.send(sender=type(context.get("view")), request=getattr(request, "_request", request))
    detail = str(exceptions.APIException.default_detail)
    return _problem(context, 500, "fault", detail, {"reference": reference})


def _problem(
    context: dict, status: int, code: str, detail: str, members: dict, headers: dict | None = None
) -> Response:
    body = {"type": f"urn:huiyin:problem:{code}", "title": code, "status": status, "detail": detail, **members}
    keep = {name: value for name, value in (headers or {}).items() if name in ("WWW-Authenticate", "Retry-After")}
    response = Response(body, status=status, headers=keep, content_type=ProblemRenderer.media_type)
    return response


def _django_errors(error: ValidationError) -> Any:
    if not hasattr(error, "error_dict"):
        return {"non_field_errors": error.messages}
    errors = dict(error.message_dict)
    if NON_FIELD_ERRORS in errors:
        errors["non_field_errors"] = errors.pop(NON_FIELD_ERRORS)
    return errors
