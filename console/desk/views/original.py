"""A message as it came, walled off: a sandboxed frame without scripts, forms or anything from outside."""

import base64
import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from console.cases.models import Case
from console.channels import vault
from console.channels.models import Message

from ..access import desk_page
from ..present.clocks import moment

CID = re.compile(r'src="cid:([^"]+)"', re.IGNORECASE)
MOST_PICTURE = 2 * 1024 * 1024
FRAME_POLICY = {
    "default-src": ["'none'"],
    "img-src": ["data:"],
    "style-src": ["'unsafe-inline'"],
    "script-src": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [""],
}


def message_or_404(user: Any, pk: int) -> Message:
    """A message of a case this person may see."""
    rows = Message.objects.filter(pk=pk, entry__conversation__case_links__case__in=Case.objects.visible_to(user))
    message = (
        rows.not_hidden_from(user).select_related("account").prefetch_related("participants", "attachments").first()
    )
    if message is None:
        raise Http404
    return message


@desk_page("message.view")
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog: who wrote to whom and when, then the message itself."""
    message = message_or_404(request.user, pk)
    context = {
        "facts": list(facts(message)),
        "has_html": bool(message.html),
        "text": "\n\n".join(filter(None, [message.text, message.quoted_text])),
        "frame_url": reverse("desk:original-frame", args=[pk]),
    }
    return render(request, "desk/dialogs/original.html", context)


def facts(message: Message) -> Any:
    yield _("Written"), moment(message.occurred_at)
    yield _("Reached the bank"), moment(message.reached_at)
    for row in message.participants.all():
        yield row.get_role_display(), row.label or _("(hidden)")
    yield _("Subject"), message.subject or "–"
    yield _("Came by"), message.account.name
    if message.masked:
        yield _("Numbers"), _("Card, identity and phone numbers are masked.")


@xframe_options_sameorigin
@desk_page("message.view")
def frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML itself, cleaned when it was stored, with its own pictures put in."""
    message = message_or_404(request.user, pk)
    pictures = {item.content_id.strip("<>"): item for item in message.attachments.all() if item.content_id}
    body = CID.sub(lambda match: f'src="{picture(pictures.get(match.group(1)))}"', message.html)
    response = HttpResponse(render_to_string("desk/frame.html", {"body": body}))
    response._csp_replace = FRAME_POLICY
    return response


def picture(item: Any) -> str:
    """An inline picture as data, so that the walled-off frame asks for nothing; "" for anything else."""
    if item is None or not item.offered or item.size > MOST_PICTURE or not item.content_type.startswith("image/"):
        return ""
    if item.content_type == "image/svg+xml":
        return ""
    return f"data:{item.content_type};base64,{base64.b64encode(vault.read_all(item.stored_as)).decode()}"
