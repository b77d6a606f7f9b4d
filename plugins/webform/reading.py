"""From a submission to a message: the words typed, then what was asked, then how to reach the customer."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from console.plugin_api.channels import (
    Address,
    EnvelopeView,
    IdentityEvidence,
    IdentityLevel,
    InboundMessage,
    ThreadHints,
)
from console.plugin_api.submissions import Submission

LANGUAGES = ("zh-hans", "en")


def read(form: Submission, envelope: EnvelopeView) -> InboundMessage:
    """The message. The same bytes give the same one; words changed after the first press are a second message of the
    same matter."""
    digest = hashlib.sha256(envelope.raw).hexdigest()
    name = form.form or digest[:32]
    return InboundMessage(
        provider_message_id=f"{name}.{digest[:24]}",
        wire_id=name,
        sender=_sender(form, name),
        subject=form.subject,
        text=_text(form),
        attachments=form.files,
        occurred_at=envelope.reached_at,
        thread=ThreadHints(in_reply_to=name, tokens=(form.thread,) if form.thread else ()),
        automatic=form.suspicion or None,
        evidence=_evidence(form),
        language=form.language,
        new_matter=not form.thread,
        case_type=form.case_type,
        fields={answer.code: answer.value for answer in form.answers if answer.value is not None},
        meta=_meta(form),
    )


def _sender(form: Submission, name: str) -> Address:
    """Where an answer goes. Somebody who left no address is a stranger of this one form."""
    if form.proven_kind == "phone" or (form.phone and not form.email):
        return Address(form.phone, form.name, "phone")
    if form.email:
        return Address(form.email, form.name, "email")
    return Address(f"form:{name}", form.name)


def _text(form: Submission) -> str:
    with translation.override(form.language if form.language in LANGUAGES else "zh-hans"):
        asked = [(answer.label, answer.shown) for answer in form.answers if answer.shown]
        if form.email and form.phone and not form.proven_kind:
            asked.append((_("Telephone"), form.phone))
        lines = [_("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in asked]
    return "\n\n".join(part for part in (form.text.strip(), "\n".join(lines)) if part)


def _evidence(form: Submission) -> IdentityEvidence:
    """A code typed a moment ago proves the address; an address merely typed is a claim."""
    if not form.proven_kind:
        return IdentityEvidence(level=IdentityLevel.L1, method="form")
    until = None
    with suppress(ValueError):
        until = datetime.fromisoformat(form.proven_until)
    if until is None or until.tzinfo is None:
        return IdentityEvidence(level=IdentityLevel.L1, method="form")
    return IdentityEvidence(level=IdentityLevel.L3, method="one_time_code", expires_at=until)


def _meta(form: Submission) -> dict[str, Any]:
    """Small facts. Words that come with a withdrawal move nothing by themselves: the act does."""
    found = {
        "purpose": form.purpose,
        "page": form.page[:300],
        "set_aside": form.purpose == "withdraw",
        "proven": _evidence(form).level == IdentityLevel.L3,
    }
    return {name: value for name, value in found.items() if value}
