"""Writing down the decision before any step carries it: outcome, root cause, and the words the customer will read."""

from __future__ import annotations

from typing import Any

from ..config import spec_of
from ..models import Case
from .base import changing, demand, who
from .workflow import carry

FIELDS = ("outcome", "root_cause", "decision")


def decide(case: Case, actor: Any = None, *, revision: int | None = None, **values: str) -> Case:
    """Set any of outcome, root cause and decision without moving the case; emits `case.fields_changed`.

    Raises CaseError for an outcome or cause that is not on the type's list, NotAllowed, Stale.
    """
    by = who(actor)
    demand(by, "case.work", case)
    with changing(case, revision) as row:
        changed = {name: values[name] for name in FIELDS if name in values and values[name] != getattr(row, name)}
        carry(row, spec_of(row.version), by, changed)
    return case
