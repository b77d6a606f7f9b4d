"""Who answers for which product, and so sees its cases."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from console.events import emit
from console.staff.access import can

from .. import config
from ..models import ProductOwner
from .base import CaseError, NotAllowed, Who, who


def give_product(user: Any, code: str, actor: Any = None) -> ProductOwner:
    """Open the cases of a product (and of what lies under it) to somebody; emits `staff.product_given`.

    Asks `staff.manage` of that colleague. Raises NotAllowed, or CaseError when there is no such product.
    """
    by = who(actor)
    _demand(by, user)
    if not user.is_active:
        raise NotAllowed("inactive", _("This colleague has left."))
    if code not in config.tree(ProductOwner.DIMENSION):
        raise CaseError("unknown_category", _("There is no such category."), field="code")
    with transaction.atomic():
        row, fresh = ProductOwner.objects.get_or_create(user=user, code=code)
        if fresh:
            _tell(row, by, "staff.product_given")
    return row


def take_product(row: ProductOwner, actor: Any = None) -> None:
    """Somebody answers for this product no longer; emits `staff.product_taken`. Raises NotAllowed."""
    by = who(actor)
    _demand(by, row.user)
    with transaction.atomic():
        gone, _rows = ProductOwner.objects.filter(pk=row.pk).delete()
        if gone:
            _tell(row, by, "staff.product_taken")


def end_products(user_id: int) -> None:
    """Somebody left: whoever follows them is named anew, since it opens customers' matters."""
    for row in ProductOwner.objects.filter(user_id=user_id).select_related("user"):
        take_product(row)


def _demand(by: Who, user: Any) -> None:
    if by.user is not None and not can(by.user, "staff.manage", user):
        raise NotAllowed("not_allowed", _("You may not say what this colleague sees."))


def _tell(row: ProductOwner, by: Who, name: str) -> None:
    emit(f"staff:{row.user_id}", name, {"user_id": row.user_id, "code": row.code}, actor=by.actor)
