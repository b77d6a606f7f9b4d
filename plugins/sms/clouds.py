"""What the clouds share: answers that may be anything, sends and tests judged by the code in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from console.plugin_api.channels import HealthResult, HealthState, SendResult
from console.plugin_api.context import HttpResponse
from console.plugin_api.errors import AuthenticationFailed

from .approved import Approved
from .codes import class_of, result_for
from .inbound import word


def object_in(response: HttpResponse) -> Mapping[str, Any]:
    """The JSON object in an answer; an empty one when there is none."""
    try:
        value = response.json()
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def refused_send(provider: str, response: HttpResponse, code: str, detail: str) -> SendResult:
    """What a send means that was not accepted. Raises AuthenticationFailed, ConfigurationError."""
    if not code and response.status_code == 429:
        return SendResult.retry_later(60, code="429")
    if not code:
        return SendResult.unknown(code=f"http_{response.status_code}", detail="The answer was not understood.")
    return result_for(provider, code, detail, "templates")


def refused_test(provider: str, code: str, detail: str, field: str) -> HealthResult:
    """What a refused question means for the field it is about. Raises AuthenticationFailed."""
    if class_of(provider, code) == "auth":
        raise AuthenticationFailed(f"{code}: {detail}")
    text = f"{code}: {detail}" if code else _("The answer was not understood.")
    return HealthResult(state=HealthState.DOWN, detail=text, field=field if code else "endpoint")


def not_approved(what: str, field: str) -> HealthResult:
    text = _("Not approved by the provider yet: %(what)s") % {"what": what}
    return HealthResult(state=HealthState.DOWN, detail=text, field=field)


def differs(template: Approved, approved: Any) -> HealthResult | None:
    """What we write down as approved must be what was approved, spaces aside."""
    if "".join(word(approved, 2000).split()) == "".join(template.pattern.split()):
        return None
    text = _("The provider approved another text for %(code)s.") % {"code": template.code}
    return HealthResult(state=HealthState.DOWN, detail=text, field="templates")
