"""How many queries every page and every API list and row may ask: the same with few rows and with many.

`queries.txt` is the table. More queries than it says fail; so do clearly fewer, for then the table should be pulled
tight. The failure shows the lines as they are now.
"""

import time
from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from console.conversations.models import Entry
from console.portal.models import CustomerSession
from console.portal.signed_in import COOKIE, token_hash

from .growing import ALONE, grow
from .table import HERE, Door, doors, lines_of
from .visiting import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.once]
FEW, MANY, LONG, SLACK = 3, 30, 50, 2
GROWS = "grows"
# Wagtail's own pages and allauth's; of the editor's, those that list what the help centre holds.
THEIRS = ("/cms/", "/accounts/")
EDITED = {"/cms/pages/{parent}/", "/cms/pages/{page}/edit/", "/cms/documents/", "/cms/redirects/"}
# Kept a row for each day and account, or for each plugin that is installed.
SHORT = {"channels.IntakeDay", "plugin_host.PluginState"} | ALONE
CASE_PAGE, CASE_GOAL = "/console/desk/cases/{number}/", 17
STAFF, CUSTOMER, NOBODY = "am", "c", ""


def pages() -> list[Door]:
    opened = [door for door in doors() if door.method == "GET" and door.opens]
    return [door for door in opened if not door.address.startswith(THEIRS) or door.address in EDITED]


def reader(door: Door) -> str:
    """Who counts: customers and strangers on their own side, an agent where one comes in, else whoever does."""
    if door.public:
        return CUSTOMER if door.address.startswith("/my/") else NOBODY
    return next(letter for letter in STAFF + "".join(sorted(door.opens)) if letter in door.opens)


class Counter(Visitor):
    """Opens each page with empty caches, as the first of many would; what a process remembers stays remembered."""

    def __init__(self, world) -> None:
        super().__init__(world)
        later = timezone.now() + timedelta(hours=8)
        CustomerSession.objects.create(
            token_hash=token_hash("walk"), identity=world.near.identity, expires_at=later, seen_at=later
        )
        self.browsers[CUSTOMER] = Client(raise_request_exception=False)
        self.browsers[CUSTOMER].cookies[COOKIE] = "walk"

    def queries(self, door: Door, *, fresh: bool = True) -> int:
        for name in caches if fresh else ():
            caches[name].clear()
        visit = self.visit(reader(door), "GET", self.address(door.address, self.world.near))
        assert not visit.refused, f"{door}: {visit}"
        return visit.queries

    def all(self) -> dict[str, int]:
        return {door.address: self.queries(door) for door in pages()}


@pytest.fixture(scope="module")
def counter(world_of_module, django_db_blocker):
    still = time.monotonic()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: still)  # nothing remembered grows old between two pages
        yield Counter(world_of_module)


@pytest.fixture(scope="module")
def counts(counter):
    grow(counter.world, FEW, "a")
    few = counter.all()
    rows = grow(counter.world, MANY - FEW, "b")
    return few, counter.all(), rows


def pins() -> dict[str, tuple[str, str]]:
    """What the table says of each address, and why."""
    lines = [(*text.split(), why) for text, why in lines_of("queries.txt")]
    return {address: (pin, why) for pin, address, why in lines}


def grown(counts) -> set[str]:
    few, many, _rows = counts
    return {address for address in few if many[address] > few[address]}


def test_nothing_grows_with_the_rows(counts):
    few, many, _rows = counts
    wrong = [address for address in sorted(grown(counts)) if pins().get(address, ("", ""))[0] != GROWS]
    assert not wrong, "\n" + "\n".join(f"{few[address]:4} → {many[address]:4}  {address}" for address in wrong)


def test_what_grows_says_why_and_does(counts):
    allowed = {address: why for address, (pin, why) in pins().items() if pin == GROWS}
    assert set(allowed) - grown(counts) == set()
    assert "" not in allowed.values()


def test_there_are_many_rows_of_everything_that_is_listed(counts):
    _few, _many, rows = counts
    listed = {model._meta.label for model in site._registry} - SHORT
    assert {label: rows.get(label, 0) for label in listed if rows.get(label, 0) < MANY} == {}


def test_pages_ask_what_the_table_says(counts):
    if connection.vendor != "postgresql":
        pytest.skip("the table is written for PostgreSQL; that nothing grows is held here too")
    _few, many, _rows = counts
    table = pins()
    wrong = [f"{many[address]:5}  {address}" for address in many if not fits(many[address], table.get(address))]
    gone = [f"gone   {address}" for address in table if address not in many]
    assert not wrong + gone, f"\nas they are now, for {HERE.name}/queries.txt:\n" + "\n".join([*wrong, *gone])


def fits(count: int, line: tuple[str, str] | None) -> bool:
    return line is not None and (line[0] == GROWS or int(line[0]) - SLACK <= count <= int(line[0]))


def test_the_case_page_stays_within_its_goal(counts, counter):
    """With a long timeline, as it is opened all day: what the caches hold is in them already."""
    grow(counter.world, LONG - MANY, "c")
    assert Entry.objects.filter(conversation=counter.world.near.conversation).count() >= LONG
    door = next(door for door in pages() if door.address == CASE_PAGE)
    counter.queries(door)
    assert counter.queries(door, fresh=False) <= CASE_GOAL
