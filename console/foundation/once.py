"""An act of a form that may be sent twice (a second tap, a retry after a lost answer) happens once."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from .api.idempotency import KEEP
from .crypto import keyed_hash
from .models import IdempotencyKey


def once(owner: Any, key: str, content: Iterable[Any], act: Callable[[], str]) -> str:
    """What `act` returned when these words came under this key for the first time; it runs only then.

    The key is made with the form; the same key with other words is another act. The key's row commits with the act
    or not at all, and a second sender waits for the first. Without a key the act simply runs.
    """
    if not key:
        return act()
    wanted = hashlib.sha256("\x1f".join(map(str, content)).encode()).hexdigest()
    with transaction.atomic():
        row, new = IdempotencyKey.objects.get_or_create(
            key_hash=keyed_hash(f"{owner}|{key}|{wanted}", "once"),
            defaults={"request_hash": wanted, "expires_at": timezone.now() + KEEP},
        )
        if new:
            row.body = act()
            row.save(update_fields=["body"])
    return row.body
