"""Reads more than one caller needs: lists by keyset, one case page, what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from console.channels.models import Envelope, Message
from console.foundation.ids import parse_reference
from console.lowcode import conditions
from console.lowcode.conditions import Field

from .models import Approval, Case, CaseConversation, Task
from .subjects import CASE

CAP = 999
SORTS = {"due": ("due_key", False), "-opened": ("opened_at", True), "-resolved": ("resolved_at", True)}


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list; `next` asks for the one after it, empty at the end."""

    rows: list[Case]
    next: str = ""


def listed(user: Any, tree: dict[str, Any] | None = None) -> QuerySet[Case]:
    """The cases this person may see that fulfil a condition, with what a list row shows."""
    rows = Case.objects.visible_to(user).filter(merged_into=None)
    if tree:
        rows = rows.filter(condition(tree, user))
    return rows.select_related("type", "customer", "owner", "team", "account")


# Asked of a deadline that must be there, these mean the same of `due_key`, which the lists are ordered by; and the
# planner knows that one's spread among open cases.
BOUNDED = ("lt", "lte", "between", "within_next", "within_last")


def condition(tree: dict[str, Any], user: Any) -> Q:
    """A condition over cases as a filter for this person. Raises ConditionRefused."""
    conditions.parse(tree, CASE, for_query=True)
    ordered = CASE.extended([Field("due_key", "datetime", _("Next deadline"), column="due_key")])
    return conditions.to_q(_by_order(tree), ordered, conditions.context_for(user))


def _by_order(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_by_order(part) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("field") == "next_due_at" and tree.get("op") in BOUNDED:
        return {**tree, "field": "due_key"}
    return {key: _by_order(part) if key in ("all", "any", "not") else part for key, part in tree.items()}


def page(rows: QuerySet[Case], sort: str = "due", after: str = "", limit: int = 50) -> Page:
    """One page by keyset: the same cost wherever it lies. An edited cursor gives the first page."""
    column, descending = SORTS[sort]
    sign = "-" if descending else ""
    rows = rows.order_by(f"{sign}{column}", f"{sign}id")
    if column != "due_key":
        rows = rows.filter(**{f"{column}__isnull": False})
    cursor = _read(after)
    if cursor is not None:
        rows = rows.filter(_beyond(column, descending, *cursor))
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], signing.dumps([getattr(last, column).isoformat(), last.pk], compress=True))


def _read(after: str) -> tuple[str, int] | None:
    try:
        at, pk = signing.loads(after) if after else (None, None)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (at, pk) if at else None


def _beyond(column: str, descending: bool, at: str, pk: int) -> Q:
    # The first test alone lets the index begin where the page before ended.
    way = "lt" if descending else "gt"
    return Q(**{f"{column}__{way}e": at}) & (Q(**{f"{column}__{way}": at}) | Q(**{column: at, f"id__{way}": pk}))


def counted(rows: QuerySet[Case], cap: int = CAP) -> int:
    """How many there are, never looking at more than `cap + 1`."""
    return conditions.capped_count(rows, cap)


def case_for_page(user: Any, **look_up: Any) -> Case:
    """One case with everything its page shows, in a number of queries that does not grow. Raises DoesNotExist."""
    rows = Case.objects.visible_to(user).select_related(
        "type", "version__type", "customer", "conversation", "account", "site", "team", "owner", "merged_into"
    )
    return rows.prefetch_related(
        "clocks__policy",
        "categories__category",
        "notices",
        "tasks__assignee",
        "approvals__requested_by",
        "extensions__rule",
        "links__other",
        "linked_from__case",
    ).get(**look_up)


def conversations_of(case: Case) -> list[int]:
    """Ids of every conversation the case was talked about in."""
    return list(CaseConversation.objects.filter(case=case).order_by("id").values_list("conversation_id", flat=True))


def cases_of(customer: Any, user: Any, limit: int = 20) -> list[Case]:
    """A customer's cases as far as this person may see them, newest first."""
    rows = Case.objects.visible_to(user).filter(customer=customer).select_related("type", "owner")
    return list(rows.order_by("-opened_at", "-id")[:limit])


def open_of(user: Any) -> QuerySet[Case]:
    """The open cases somebody owns."""
    return Case.objects.filter(owner=user, is_open=True)


def tasks_for(user: Any) -> QuerySet[Task]:
    """Open tasks given to this person, the most pressing first."""
    rows = Task.objects.filter(assignee=user, status=Task.Status.OPEN)
    return rows.select_related("case", "case__type").order_by("due_at", "id")


def approvals_for(user: Any) -> QuerySet[Approval]:
    """Requests this person may decide: of a role they hold, for cases they see, and not their own."""
    from console.staff.access import roles_of

    rows = Approval.objects.filter(status=Approval.Status.PENDING).exclude(requested_by=user)
    if not user.is_superuser:
        rows = rows.filter(role__in=roles_of(user), case__in=Case.objects.visible_to(user))
    return rows.select_related("case", "requested_by").order_by("requested_at")


def case_of_envelope(envelope: Envelope) -> Case | None:
    """The case an envelope became or went on with; None while nobody has read it, or when it is none."""
    from .services import current_case

    message = Message.objects.filter(envelope=envelope).select_related("entry").first()
    entry = getattr(message, "entry", None)
    return current_case(entry.conversation_id) if entry is not None else None


def numbered(user: Any, typed: str) -> Case | None:
    """The case with this number, as typed, if this person may see it."""
    return Case.objects.visible_to(user).filter(number=typed.strip().upper()).first()


def named(text: str) -> Case | None:
    """The case with this number, or whose form had this reference, as typed or read out."""
    typed = text.strip()
    reference = parse_reference(typed, "EN")
    if reference:
        envelope = Envelope.objects.filter(public_ref=reference).first()
        return case_of_envelope(envelope) if envelope else None
    rows = Case.objects.select_related("merged_into", "version__type", "conversation")
    reference = parse_reference(typed, "C")
    case = (rows.filter(public_ref=reference).first() if reference else None) or rows.filter(
        number=typed.upper()[:24]
    ).first()
    return case.merged_into if case is not None and case.merged_into_id else case
