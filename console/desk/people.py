"""Names the reader may see: customers masked or clear by permission, colleagues one may hand work to."""

from typing import Any

from console.cases.models import Case
from console.customers.queries import know_grants, masked
from console.staff.models import User

MOST_COLLEAGUES = 200


def names_of(user: Any, cases: list[Case]) -> dict[int, str]:
    """Customers of these cases by id, as this reader may see them. The cases come with `customer` joined."""
    customers = {case.customer_id: case.customer for case in cases if case.customer_id}
    know_grants(user, customers.values())
    return {key: masked(customer, user).name.text for key, customer in customers.items()}


def colleagues(user: Any) -> list[User]:
    """People this person may give work to: those of the teams and sites they reach."""
    known = User.objects.visible_to(user, "case.assign").filter(is_active=True, left_at__isnull=True)
    return list(known.exclude(pk=user.pk).order_by("last_name", "first_name", "username")[:MOST_COLLEAGUES])


def anybody(user: Any) -> list[User]:
    """Everybody who may be asked to do a task, in any department."""
    known = User.objects.filter(is_active=True, left_at__isnull=True)
    return list(known.order_by("last_name", "first_name", "username")[:MOST_COLLEAGUES])
