"""What every service here stands on: who acts, refusals with a sentence, and changing one case safely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.events import Actor, NewEvent, current_correlation, emit_many
from console.foundation.rows import write_many
from console.staff.access import can
from console.staff.services import as_actor

from ..models import Case

if TYPE_CHECKING:
    from console.events.models import Event

Text = str | Promise


class CaseError(Exception):
    """An act on a case was refused. `code` is for programs, `text` for the person; `allowed` says what works."""

    def __init__(self, code: str, text: Text, *, allowed: Text = "", field: str = "") -> None:
        super().__init__(code)
        self.code, self.text, self.allowed, self.field = code, text, allowed, field

    def __str__(self) -> str:
        return str(self.text)


class NotAllowed(CaseError):
    """This person may not do it."""


class Stale(CaseError):
    """Somebody else changed the case since it was read."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is not there yet, in words, with the place in the page where it is filled in."""

    code: str
    text: Text
    anchor: str


class Incomplete(CaseError):
    """Things are missing; each is named."""

    def __init__(self, missing: list[Missing]) -> None:
        super().__init__("incomplete", _("Some things are still missing."))
        self.missing = missing

    def __str__(self) -> str:
        return f"{self.text} {'; '.join(str(item.text) for item in self.missing)}"


@dataclass(frozen=True, slots=True)
class Who:
    """The person (if it is one) and the actor written into the record."""

    actor: Actor
    user: Any = None

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user is not None else None


SYSTEM = Actor("system", "cases", "cases")
VERSION = "version__type"


def who(actor: Any) -> Who:
    """A staff user, an Actor, or None for the system itself."""
    if actor is None:
        return Who(SYSTEM)
    if isinstance(actor, Who):
        return actor
    if isinstance(actor, Actor):
        return Who(actor)
    return Who(as_actor(actor), actor)


def demand(by: Who, permission: str, case: Case | None = None) -> None:
    """Raise NotAllowed unless the person holds the permission for this case. System acts are not asked."""
    if permission != "case.view":
        refuse_interest(by, case)
    if by.user is not None and not can(by.user, permission, case):
        raise NotAllowed(
            "not_allowed", _("You may not do this with this case."), allowed=_("Ask a supervisor of its team.")
        )


def refuse_interest(by: Who, case: Case | None) -> None:
    """Raise NotAllowed when the person has an interest in the matter, whatever else they may do."""
    if case is not None and by.user is not None and by.user.pk in (case.recused or []):
        raise NotAllowed(
            "interest",
            _("You have an interest in this matter and keep out of it."),
            allowed=_("A colleague without an interest does it."),
        )


@contextmanager
def changing(case: Case, revision: int | None = None, *, news: bool = False) -> Iterator[Case]:
    """The case locked and fresh, inside a transaction; saved with the next revision at the end.

    `revision` is the one the caller saw: when it is not the current one, Stale is raised and nothing happens.
    `news` as in `changing_many`.
    The object passed in shows the new state afterwards. Inside a change of the same object it joins that change.
    """
    if case.__dict__.get("_changing"):
        yield case
        return
    with changing_many([case.pk], news=news) as rows:
        row = rows[case.pk]
        if revision is not None and revision != row.revision:
            raise Stale(
                "stale",
                _("Somebody changed this case while you had it open."),
                allowed=_("Look at the change, then do it again."),
            )
        yield row
    case.__dict__.update({key: value for key, value in row.__dict__.items() if key != "_prefetched_objects_cache"})


@contextmanager
def changing_many(pks: Iterable[int], *, news: bool = False) -> Iterator[dict[int, Case]]:
    """`changing` for many cases by their ids, locked in one order for everybody. Raises Case.DoesNotExist.

    `news`: a notice is on its way or has arrived. Nobody has overtaken whoever has the case open, so the revision stays
    unless the case moves.
    """
    wanted = sorted(set(pks))
    with transaction.atomic():
        rows = Case.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
        # One row joins its version; many share a few.
        rows = rows.prefetch_related(VERSION) if len(wanted) > 1 else rows.select_related(VERSION)
        found = {row.pk: row for row in rows.defer("version__body")}
        if len(found) < len(wanted):
            raise Case.DoesNotExist
        before = {pk: _columns(row) for pk, row in found.items()}
        for row in found.values():
            row.__dict__["_changing"] = True
        yield found
        changed = {"revision"}
        for pk, row in found.items():
            row.__dict__["_changing"] = False
            row.revision += not news or row.state != before[pk]["state"]
            changed |= {name for name, value in before[pk].items() if getattr(row, name) != value}
        write_many(list(found.values()), sorted(changed))


def _columns(row: Case) -> dict[str, Any]:
    """The stored values by column, with copies of those that can be changed in place."""
    return {
        field.attname: deepcopy(value) if isinstance(value := getattr(row, field.attname), dict | list) else value
        for field in row._meta.concrete_fields
    }


def record(case: Case, type_: str, by: Who, /, **data: Any) -> Event:
    """Write what happened into the case's stream. Ids and codes only."""
    return emit_many([recorded(case, type_, by, **data)])[0]


def recorded(case: Case, type_: str, by: Who, /, **data: Any) -> NewEvent:
    """What happened, to be written with other news: in the story that is being told, else in the case's own."""
    story = current_correlation() or case.correlation_id
    return NewEvent(case.stream, type_, {"case_id": case.pk, **data}, by.actor, story)
