"""Lists must be read along an index, in order, without a sort and without the whole table."""

import pytest
from django.db import connection

from console.cases import queries
from console.cases.models import Case

pytestmark = pytest.mark.django_db

OPEN = {"field": "is_open", "op": "eq", "value": True}
VIEWS = {
    "mine": {"all": [OPEN, {"field": "owner", "op": "eq", "value": "@me"}]},
    "unowned": {"all": [OPEN, {"field": "owner", "op": "empty"}]},
    "team": {"all": [OPEN, {"field": "team", "op": "eq", "value": "@my_team"}]},
    "due": {"all": [OPEN, {"field": "next_due_at", "op": "within_next", "value": "1d"}]},
    "waiting": {"all": [OPEN, {"field": "turn", "op": "eq", "value": "customer"}]},
    "open": OPEN,
}


def plan(rows):
    """The database's plan as one text; SQLite needs no data to choose it."""
    return rows.explain() if connection.vendor == "sqlite" else ""


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("role", ["officer", "agent"])
def test_open_lists_follow_a_partial_index(preset, request, view, role):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by statistics; bench/ measures it with a million rows")
    user = request.getfixturevalue(role)
    rows = queries.listed(user, VIEWS[view]).order_by("due_key", "id")[:50]
    text = plan(rows)
    scans = [line for line in text.splitlines() if line.strip().split(" ", 1)[-1].startswith("SCAN cases_case")]
    assert all("USING INDEX case_" in line for line in scans), text
    assert "cases_case" in text


@pytest.mark.parametrize("view", ["mine", "open", "due", "waiting"])
def test_nothing_is_sorted_for_those_who_see_everything(preset, officer, view):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by statistics; bench/ measures it with a million rows")
    rows = queries.listed(officer, VIEWS[view]).order_by("due_key", "id")[:50]
    assert "TEMP B-TREE" not in plan(rows), plan(rows)


def test_the_next_escalation_is_found_by_its_index(preset):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by statistics; bench/ measures it with a million rows")
    from django.utils import timezone

    rows = Case.objects.filter(next_check_at__lte=timezone.now()).order_by("next_check_at")[:100]
    assert "case_next_check" in plan(rows)
