"""One box finds anything: a case by its number, a customer by an exact identifier, cases by the words in them."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from console.cases.models import Case
from console.cases.queries import listed, named
from console.cases.scoping import asked_to, of_products
from console.customers.errors import Refusal
from console.customers.services.finding import Found as FoundCustomer
from console.customers.services.finding import find as find_customers
from console.foundation.search import engine
from console.staff.access import can, scope_of
from console.staff.scopes import ScopeFields, scope_q

MOST = 50
NUMBER = re.compile(r"[A-Z]{1,8}-\d{4}-\d+", re.IGNORECASE)
# What a customer reads from a receipt: the reference of their form, or of the case.
REFERENCE = re.compile(r"(?:EN|C)-?[0-9A-Z]{5}-?[0-9A-Z]{5}-?[0-9A-Z]", re.IGNORECASE)


@dataclass(frozen=True)
class Person:
    """A customer found, masked."""

    name: str
    facts: str
    url: str
    open: bool


@dataclass
class Found:
    """What the box found."""

    exact: Case | None = None
    cases: list[Case] = field(default_factory=list)
    snippets: dict[int, SafeString] = field(default_factory=dict)
    customers: list[Person] = field(default_factory=list)


def find(user: Any, text: str) -> Found:
    """Everything that matches, as far as this person may see it."""
    if NUMBER.fullmatch(text) and (exact := listed(user).filter(number=text.upper()).first()):
        return Found(exact=exact)
    if REFERENCE.fullmatch(text) and (known := named(text)) and (exact := listed(user).filter(pk=known.pk).first()):
        return Found(exact=exact)
    found = Found(customers=people(user, text))
    hits = engine.search("case", text, case_scope(user), limit=MOST)
    known = listed(user).in_bulk([hit.object_id for hit in hits])
    for hit in hits:
        if case := known.get(hit.object_id):
            found.cases.append(case)
            found.snippets[case.pk] = mark_safe(hit.snippet)  # noqa: S308 - the engine escapes and marks
    if not found.cases and found.customers:
        ids = [int(person.url.rstrip("/").rpartition("/")[2]) for person in found.customers if person.open]
        found.cases = list(listed(user).filter(customer_id__in=ids).order_by("-opened_at")[:MOST])
    return found


def case_scope(user: Any) -> Q:
    """The reader's scope, pushed down into the search, with what a task or a product of theirs opens besides."""
    scope = scope_of(user, "case.view")
    if scope.everything:
        return Q()
    more = engine.among("case", asked_to(user), "case_id") | engine.among("case", of_products(user), "case_id")
    return scope_q(ScopeFields(owners=("owner",)), scope) | more


def people(user: Any, text: str) -> list[Person]:
    if not can(user, "customer.find") or len(text) > 80:
        return []
    try:
        rows = find_customers(user, text)
    except Refusal:
        return []
    return [person(row) for row in rows]


def person(row: FoundCustomer) -> Person:
    return Person(row.name, row.site, reverse("desk:customer", args=[row.customer_id]), row.in_scope)
