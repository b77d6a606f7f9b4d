"""How many queries every page and every API list and row may ask: the same with few rows and with many.

`queries.txt` is the table. More queries than it says fail; so do clearly fewer, for then the table should be pulled
tight. `python -m pytest tests/house/walk/test_query_pins.py` shows the lines as they are now.
"""

import pytest
from django.contrib.admin.sites import site
from django.core.cache import caches

from .growing import grow
from .table import HERE, NEVER, doors, lines_of
from .visiting import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.once]
FEW, MANY, SLACK = 3, 30, 2
# Wagtail's own pages, and allauth's.
THEIRS = ("/cms/", "/accounts/")
# Lists of what exists once, or is made by the machine outside of the world.
SHORT = {"channels.IntakeDay", "plugin_host.PluginState"}
# The whole configuration in one file: a question for each type.
GROWS = {"/api/v1/blueprints/export/", "/console/lowcode/blueprintrelease/export/"}
CASE_PAGE = "/console/desk/cases/{number}/"


def pages():
    return [
        door
        for door in doors()
        if door.method == "GET" and door.opens and not door.address.startswith(THEIRS) and door.method != NEVER
    ]


def counted(visitor: Visitor) -> dict[str, int]:
    """Queries of each page, for an agent where one comes in, else for the administrator or whoever does."""
    found = {}
    for door in pages():
        for name in caches:
            caches[name].clear()
        who = next(letter for letter in "am" + "".join(sorted(door.opens)) if letter in door.opens)
        visit = visitor.visit(who, "GET", visitor.address(door.address, visitor.world.near))
        found[door.address] = visit.queries
    return found


@pytest.fixture(scope="module")
def counts(world_of_module, django_db_blocker):
    visitor = Visitor(world_of_module)
    with django_db_blocker.unblock():
        counted(visitor)  # what is asked once in the life of a process
        grow(world_of_module, FEW, "a")
        few = counted(visitor)
        rows = grow(world_of_module, MANY - FEW, "b")
        many = counted(visitor)
    return few, many, rows


def test_nothing_grows_with_the_rows(counts):
    few, many, _rows = counts
    more = [address for address in few if many[address] > few[address] and address not in GROWS]
    grown = [f"{few[address]:4} → {many[address]:4}  {address}" for address in more]
    assert not grown, "\n" + "\n".join(grown)


def test_there_are_many_rows_of_everything_that_is_listed(counts):
    _few, _many, rows = counts
    listed = {model._meta.label for model in site._registry} - SHORT
    assert {label: rows.get(label, 0) for label in listed if rows.get(label, 0) < MANY} == {}


def test_pages_ask_what_the_table_says(counts):
    _few, many, _rows = counts
    pins = dict(pin for text, _remark in lines_of("queries.txt") for pin in [_pin(text)])
    now = [f"{many[address]:4}  {address}" for address in many if not _fits(many[address], pins.get(address))]
    gone = sorted(pins.keys() - many.keys())
    assert not now + gone, f"\nas they are now, for {HERE.name}/queries.txt:\n" + "\n".join([*now, *gone])


def _pin(text: str) -> tuple[str, int]:
    number, address = text.split(maxsplit=1)
    return address.strip(), int(number)


def _fits(count: int, pin: int | None) -> bool:
    return pin is not None and pin - SLACK <= count <= pin


def test_the_case_page_stays_within_its_goal(counts):
    _few, many, _rows = counts
    assert many[CASE_PAGE] <= 15
