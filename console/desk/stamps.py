"""Version stamps: a short text that changes when what it stands for has changed. Cheap to compute and compare."""

import hashlib
from collections.abc import Iterable
from typing import Any

from console.cases.models import Case


def digest(parts: Iterable[Any]) -> str:
    return hashlib.blake2b("|".join(str(part) for part in parts).encode(), digest_size=8).hexdigest()


def queue(cases: list[Case]) -> str:
    """Of a list as shown: which cases, in which order, at which revision, due when."""
    return digest(f"{case.pk}:{case.revision}:{case.last_message_at}:{case.next_due_at}" for case in cases)


def case(case: Case, last_entry: int) -> str:
    """Of one case page."""
    return digest([case.revision, case.last_message_at, case.next_due_at, case.told, last_entry])
