"""Every address of the product, by everybody: who comes in, whose rows they see there, and what they can change.

`doors.txt` is the table; a new address without a line in it fails. When a line is wrong the failure shows the line
as it was found: read it, and paste it only if that is what ought to be.
"""

import pytest
from django.contrib.admin.sites import site
from django.views.generic import RedirectView

from console.foundation.admin import ScopedModelAdmin
from console.foundation.admin.base import ScopedInlineMixin

from .table import NEVER, PARAMETER, Door, doors, patterns, route_of
from .walking import walk

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DOORS = doors()
SECTIONS = sorted({door.section for door in DOORS if door.method != NEVER})


def test_every_address_has_a_line():
    known = {door.route for door in DOORS}
    missing = {route for route, pattern in patterns().items() if route not in known and not only_points_on(pattern)}
    assert missing == set()
    hidden = [door for door in DOORS if door.method == NEVER and reaches(door)]
    assert hidden == []


def reaches(door: Door) -> bool:
    """Whether the address of a NEVER line is answered by the pattern it names after all."""
    return route_of(PARAMETER.sub("1", door.address)) == door.route


def only_points_on(pattern) -> bool:
    """The admin's old addresses of a row, which lead to its change page."""
    return getattr(pattern.callback, "view_class", None) is RedirectView


def test_every_method_of_the_api_has_a_line():
    known = {(door.method, door.route) for door in DOORS if door.address.startswith("/api/v1/")}
    there = {
        (method.upper(), route)
        for route, pattern in patterns().items()
        for method in getattr(pattern.callback, "actions", {})
        # The framework adds it beside GET with the first request.
        if route.startswith("api/v1/") and method != "head"
    }
    assert there == known


def test_lines_stand_once():
    lines = [(door.method, door.address) for door in DOORS]
    assert len(lines) == len(set(lines))


def test_what_is_public_says_why():
    assert [str(door) for door in DOORS if door.public and not door.remark] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_doors(visitor, section):
    wrong, faults = [], []
    for door in [door for door in DOORS if door.section == section and door.method != NEVER]:
        found = walk(visitor, door)
        faults += found.faults
        expected = (door.opens, door.near if door.near is not None else found.near, door.far)
        if (found.opens, found.near, found.far) != expected:
            wrong.append(found.line)
    assert not wrong + faults, "\n" + "\n".join(["found:", *wrong, *faults])


def test_every_registered_admin_stands_on_the_scoped_base():
    loose = [model for model, page in site._registry.items() if not isinstance(page, ScopedModelAdmin)]
    inlines = [
        inline
        for page in site._registry.values()
        for inline in page.inlines
        if not issubclass(inline, ScopedInlineMixin)
    ]
    assert (loose, inlines) == ([], [])
