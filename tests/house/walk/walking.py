"""Going through one door as everybody, and saying what was found as a line of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

from .bodies import body_of
from .table import EVERYBODY, LETTERS, Door, drawn
from .visiting import FAR, NEAR, Values, Visit, Visitor
from .world import PHONE, SECRET

SAFE = ("GET", "HEAD", "OPTIONS")
# Officer, auditor and administrator reach everything, so whose rows they see says nothing; for them a page is decided
# on and not drawn. A list is drawn for the administrator all the same, to know that there is something to hide, and
# so is a page that nobody else opens.
EVERYWHERE = frozenset("oum")
# Looks that are put on record, and counters: what a mere reading may write, by address.
LOOKS = {
    "/accounts/sessions/": {"usersessions_usersession"},
    "/api/v1/customers/{customer}/": {"events_event"},
    "/api/v1/messages/{message}/attachments/{attachment}/": {"events_event"},
    "/console/attachments/{attachment}/": {"events_event"},
    "/console/channels/channelaccount/add/email_wire/": {"plugin_host_pluginhour"},
    "/console/channels/channelaccount/{channelaccount}/change/": {"plugin_host_pluginhour"},
    "/console/channels/envelope/{envelope}/raw/": {"events_event"},
    "/console/customers/customer/{customer}/change/": {"events_event"},
    "/console/desk/attachments/{attachment}/": {"events_event"},
    "/console/desk/cases/{number}/side/": {"conversations_readmark", "customers_accessgrant", "events_event"},
    "/console/desk/customers/{customer}/": {"events_event"},
    "/console/desk/letters/{letter}/": {"events_event"},
    "/console/plugin_host/pluginstate/": {"plugin_host_pluginhour"},
    "/hooks/{uid}/": {"plugin_host_pluginhour"},
}


# Where somebody of another site may be asked or handed a case: teams and colleagues are no secret inside the bank.
DIRECTORY = {"/console/desk/cases/{number}/do/assign/", "/console/desk/cases/{number}/do/task/"}


@dataclass
class Found:
    """What was seen behind one door."""

    door: Door
    opens: set[str] = field(default_factory=set)
    near: set[str] = field(default_factory=set)
    far: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        door = self.door
        opens = "public  " if door.public and self.opens == EVERYBODY else drawn(frozenset(self.opens))
        near = "-       " if door.near is None else drawn(frozenset(self.near))
        remark = f" # {door.remark}" if door.remark else ""
        return f"{door.method:7} {opens}  {near}  {drawn(frozenset(self.far))}  {door.address}{remark}"

    def blame(self, who: str, why: str) -> None:
        self.faults.append(f"{self.door} as {who or 'nobody'}: {why}")


def walk(visitor: Visitor, door: Door) -> Found:
    """Knock as each of the eight and as nobody, at the near side's row and at the far side's."""
    found = Found(door)
    here = Values(visitor.world, visitor.world.near)
    address, body = door.address.format_map(here), body_of(door.address, here)
    for who in LETTERS:
        visit = visitor.visit(who, door.method, address, body, drawn=_drawn(found, who))
        _inspect(found, who, visit)
        # Somebody signed in who comes to the sign-in page is led to the hub.
        if not visit.refused or (door.public and visit.status == 302):
            found.opens.add(who)
            _look(found, who, visit)
    _far(visitor, found, address)
    _anonymous(visitor, found, address, body)
    return found


def _drawn(found: Found, who: str) -> bool:
    if found.door.method != "GET":
        return False
    return who not in EVERYWHERE or (who == "m" and (not found.door.has_object or found.opens <= EVERYWHERE))


def _look(found: Found, who: str, visit: Visit) -> None:
    if visit.shows(NEAR):
        found.near.add(who)
    if visit.shows(FAR):
        found.far.add(who)


def _far(visitor: Visitor, found: Found, near_address: str) -> None:
    """The far side's row: opened by those who reach it, and as closed as a row that is not there to the others."""
    door, there = found.door, Values(visitor.world, visitor.world.far)
    address, body = door.address.format_map(there), body_of(door.address, there)
    elsewhere = address != near_address
    if not elsewhere and body == body_of(door.address, Values(visitor.world, visitor.world.near)):
        return
    shown = frozenset(found.far)
    found.far.clear()
    for who in sorted(found.opens):
        visit = visitor.visit(who, door.method, address, body, drawn=False)
        _inspect(found, who, visit)
        # A list of ids may be answered without a word about those that are not the caller's; then nothing is written.
        if not visit.refused and (elsewhere or visit.writes):
            found.far.add(who)
    for who in shown - found.far if door.address not in DIRECTORY else ():
        found.blame(who, "the near side's page shows rows of the far side")


def _anonymous(visitor: Visitor, found: Found, address: str, body: object) -> None:
    visit = visitor.visit("", found.door.method, address, body)
    if visit.broken or (visit.writes and not (found.door.public and found.door.method not in SAFE)):
        found.blame("", f"{visit}, wrote {sorted(set(visit.writes))}")
    if found.door.public == visit.refused:
        found.blame("", f"{visit} at a door that is {'public' if found.door.public else 'not public'}")


def _inspect(found: Found, who: str, visit: Visit) -> None:
    """What must hold at every door, whoever knocks."""
    door = found.door
    if visit.broken:
        found.blame(who, str(visit))
    if SECRET in visit.text or (who != "o" and PHONE in visit.text):
        found.blame(who, "shows a secret, or a number that ought to be masked")
    if visit.writes and (visit.refused or door.method in SAFE):
        looks = set() if visit.refused else LOOKS.get(door.address, set())
        odd = set(visit.writes) - looks
        if door.section == "cms":  # Wagtail keeps renditions, editing sessions and its index as pages are looked at.
            odd = {table for table in odd if not table.startswith("wagtail")}
        if odd:
            found.blame(who, f"{visit} wrote {sorted(odd)}")
    if door.address.startswith("/api/v1/") and visit.status >= 400 and visit.content_type != "application/problem+json":
        found.blame(who, f"{visit} is {visit.content_type}, no problem document")
    if door.method not in SAFE and visit.status == 400:
        found.blame(who, f"{visit}: the body in bodies.py does not fit: {visit.text[:200]}")
