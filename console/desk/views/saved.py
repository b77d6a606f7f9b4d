"""Saved views at the desk: make, change, share, copy, put in order, delete with undo."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.lowcode.models import SavedView
from console.lowcode.services.views import show_view
from console.staff.access import as_actor

from .. import asking, queues, replies, viewing
from ..access import desk_page, partial, refused


def visible_or_404(request: HttpRequest, pk: int, *, active: bool = True) -> SavedView:
    view = viewing.open_to(request.user, active=active).filter(pk=pk).first()
    if view is None:
        raise Http404
    return view


def not_yours(request: HttpRequest) -> HttpResponse:
    return refused(request, _("This view is not yours to change."), _("Copy it; the copy is yours."))


@desk_page("case.view")
def index(request: HttpRequest) -> HttpResponse:
    """Every view this person has: which stand as tabs, who sees them, what they ask."""
    rows = viewing.mine(request.user)
    catalogue = asking.Catalogue(request.user)
    lines = [
        {
            "view": row,
            "code": queues.code_of(row),
            "words": asking.in_words(row.tree, catalogue.subject),
            "order": viewing.ORDERS.get(row.sort[0] if row.sort else "", viewing.ORDERS["next_due_at"]),
            "mine": row.owner_id == request.user.pk,
            "may_edit": viewing.may_edit(request.user, row),
            "tab": place < queues.MOST_VIEWS,
        }
        for place, row in enumerate(rows)
    ]
    context = {"section": "queue", "lines": lines, "most": queues.MOST_VIEWS, "gone": gone_of(request)}
    return render(request, "desk/views/index.html", context)


def gone_of(request: HttpRequest) -> SavedView | None:
    """The view deleted a moment ago, to be brought back by one press."""
    pk = request.GET.get("gone", "")
    view = viewing.open_to(request.user, active=False).filter(pk=pk).first() if pk.isdigit() else None
    return view if view is not None and viewing.may_edit(request.user, view) else None


def fresh(request: HttpRequest) -> SavedView:
    return SavedView(subject=queues.CASE, owner=request.user, tree={"all": [queues.OPEN]}, sort=["next_due_at"])


@desk_page("case.view")
def new(request: HttpRequest) -> HttpResponse:
    return edit_page(request, fresh(request))


@desk_page("case.view")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    view = visible_or_404(request, pk)
    return edit_page(request, view) if viewing.may_edit(request.user, view) else not_yours(request)


def edit_page(request: HttpRequest, view: SavedView) -> HttpResponse:
    """The form; with scripts its condition redraws itself in place, without them by its buttons."""
    catalogue = asking.Catalogue(request.user)
    if request.method != "POST":
        return form_page(request, view, viewing.ViewForm(request.user, view), view.tree, catalogue)
    tree = asking.read(request.POST, catalogue)
    if partial(request) and request.htmx.target == "condition":
        return render(request, "desk/views/condition.html", condition(tree, catalogue, request.POST))
    form = viewing.ViewForm(request.user, view, request.POST)
    if request.POST.get("do", "save") == "save" and form.is_valid():
        try:
            saved = form.save(tree)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
        else:
            queues.forget_counts(request.user)
            return replies.back_to(request, f"{reverse('desk:home')}?view={queues.code_of(saved)}", _("View saved."))
    return form_page(request, view, form, tree, catalogue, status=422 if form.errors else 200)


def condition(tree: dict, catalogue: asking.Catalogue, data: QueryDict | None = None) -> dict[str, Any]:
    asked = asking.as_rows(tree, catalogue)
    added = data is not None and data.get("do") == "add"
    return {"asked": asked, "fields": catalogue.fields, "added": added, **catalogue.spoken(tree)}


def form_page(
    request: HttpRequest, view: SavedView, form: Any, tree: dict, catalogue: asking.Catalogue, status: int = 200
) -> HttpResponse:
    context = {"section": "queue", "form": form, "saved": view, **condition(tree, catalogue)}
    return render(request, "desk/views/edit.html", context, status=status)


@require_POST
@desk_page("case.view")
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy of one's own, opened to be changed."""
    made = viewing.copied(request.user, visible_or_404(request, pk))
    queues.forget_counts(request.user)
    return replies.back_to(request, reverse("desk:view", args=[made.pk]), _("This copy is yours."))


@require_POST
@desk_page("case.view")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    viewing.move(request.user, visible_or_404(request, pk).pk, 1 if request.POST.get("way") == "down" else -1)
    queues.forget_counts(request.user)
    return replies.back_to(request, f"{reverse('desk:views')}#view-{pk}")


@require_POST
@desk_page("case.view")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Off everybody's lists; one press brings it back."""
    return shown(request, visible_or_404(request, pk), active=False)


@require_POST
@desk_page("case.view")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, visible_or_404(request, pk, active=False), active=True)


def shown(request: HttpRequest, view: SavedView, *, active: bool) -> HttpResponse:
    if not viewing.may_edit(request.user, view):
        return not_yours(request)
    show_view(view, as_actor(request.user), active=active)
    queues.forget_counts(request.user)
    gone = "" if active else f"?gone={view.pk}"
    words = _("“%(name)s” is back.") if active else ""
    return replies.back_to(request, reverse("desk:views") + gone, words % {"name": view.name} if words else "")
