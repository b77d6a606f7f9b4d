"""The door of the hub: working roles land at the desk, editors in the editor, others on the admin's first page."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from console.staff.access import can, roles_of

from ..access import desk_page

WORKING = {"agent", "supervisor", "complaint_officer"}


def index(request: HttpRequest) -> HttpResponse:
    """`/console/`. The admin's own first page stays one click away (`?hub=1`)."""
    user = request.user
    if user.is_authenticated and "hub" not in request.GET and not user.is_superuser:
        if roles_of(user) & WORKING:
            return redirect("desk:home")
        if can(user, "case.task") and not can(user, "case.configure"):
            return redirect("desk:tasks")
        if can(user, "knowledge.edit") and not can(user, "case.view"):
            return redirect("wagtailadmin_home")
    return admin.site.admin_view(admin.site.index)(request)


@desk_page()
def alarms(request: HttpRequest) -> HttpResponse:
    """The banner as it is now."""
    return render(request, "desk/shell/alarms_part.html")
