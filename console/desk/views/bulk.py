"""Many cases at once: set aside, give away; one undo for all of it."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from console.cases import queries, services
from console.cases.models import Case, MessageMark
from console.cases.services.base import CaseError
from console.staff.access import can
from console.staff.models import User

from .. import queues, replies
from ..access import desk_page, partial
from .queue import MOST_ROWS, listed, views_of

MOST = 100
SALT = "desk.bulk"
UNDO_SECONDS = 600


def chosen(request: HttpRequest) -> list[Case]:
    """The marked rows; or the whole view, as many as one press takes, the first in its order."""
    if request.POST.get("whole") and can(request.user, "case.bulk"):
        view = queues.view_of(views_of(request), request.POST.get("view", ""))
        return queries.page(view.rows(request.user), view.sort, limit=MOST_ROWS).rows
    ids = [int(value) for value in request.POST.getlist("case") if value.isdigit()][:MOST]
    return list(Case.objects.visible_to(request.user).filter(pk__in=ids).select_related("owner", "team"))


@require_POST
@desk_page("case.mark", "case.assign")
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on every chosen case; those refused are counted and stay as they were."""
    cases, act = chosen(request), request.POST.get("act", "")
    if act in MessageMark.Kind.values:
        done, undo = set_aside(request.user, cases, act)
        words = ngettext("%(n)d case set aside", "%(n)d cases set aside", len(done)) % {"n": len(done)}
    else:
        done, undo = give(request.user, cases, request.POST.get("owner", ""))
        words = ngettext("%(n)d case assigned", "%(n)d cases assigned", len(done)) % {"n": len(done)}
    if left := len(cases) - len(done):
        words += " · " + ngettext("%(n)d left as it was", "%(n)d left as they were", left) % {"n": left}
    return list_again(request, words, undo if done else None)


def set_aside(user: Any, cases: list[Case], kind: str) -> tuple[list[int], dict]:
    """Mark the message each case began with."""
    done = []
    for case in cases:
        if case.origin_id is None:
            continue
        try:
            services.mark_message(case.origin, kind, user)
        except CaseError:
            continue
        done.append(case.origin_id)
    return done, {"unmark": done}


def give(user: Any, cases: list[Case], owner: str) -> tuple[list[int], dict]:
    """Assign; what undoing needs is who had each case before."""
    person = User.objects.filter(pk=owner).first() if owner.isdigit() else None
    done, before = [], []
    if person is None:
        return done, {}
    for case in cases:
        had = [case.pk, case.owner_id, case.team_id]
        try:
            services.assign(case, user, owner=person)
        except CaseError:
            continue
        done.append(case.pk)
        before.append(had)
    return done, {"owners": before}


@require_POST
@desk_page("case.mark", "case.assign")
def undo(request: HttpRequest) -> HttpResponse:
    """Take a bulk act back, within ten minutes and by the person who did it."""
    try:
        what = signing.loads(request.GET.get("what", ""), salt=f"{SALT}.{request.user.pk}", max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return replies.with_events(
            HttpResponse(status=204), toast=replies.toast(_("It is too late to undo this."), level="red")
        )
    services.unmark_messages(what.get("unmark", []), request.user)
    for pk, owner, _team in what.get("owners", []):
        case = Case.objects.visible_to(request.user).filter(pk=pk).first()
        if case is not None:
            services.assign(case, request.user, owner=User.objects.filter(pk=owner).first() if owner else None)
    queues.forget_counts(request.user)
    return replies.with_events(HttpResponse(status=204), toast=replies.toast(_("Undone.")), look={})


def list_again(request: HttpRequest, words: str, undo: dict | None) -> HttpResponse:
    queues.forget_counts(request.user)
    view = queues.view_of(views_of(request), request.POST.get("view", ""))
    url = ""
    if undo:
        token = signing.dumps(undo, salt=f"{SALT}.{request.user.pk}", compress=True)
        url = f"{reverse('desk:undo')}?what={token}"
    if not partial(request):
        return replies.back_to(request, f"{reverse('desk:home')}?view={view.code}", words)
    return replies.done(request, render(request, "desk/queue/list.html", listed(request, view)), words, url)
