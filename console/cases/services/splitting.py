"""Two matters in one case: the second becomes a case of its own, in one act."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ..models import Case, CaseLink
from .base import CaseError, Who, changing, demand, record, who
from .joining import link
from .notes import ensure_conversation, note_on
from .opening import open_case


def split(case: Case, subject: str, actor: Any, *, type: str = "", entry: Any = None) -> Case:
    """Open a case of the same customer for what does not belong here; emits `case.split`. Merging takes it back.

    `entry` is the message that speaks of the other matter and moves with it; without one, a note says where the
    matter came from. Clocks count from when the words reached the bank. Raises NotAllowed and CaseError.
    """
    by = who(actor)
    demand(by, "case.merge", case)
    if not subject.strip():
        raise CaseError("subject_needed", _("Say what the other matter is."), field="subject")
    if entry is not None and entry.message_id == case.origin_id:
        raise CaseError(
            "origin", _("This message opened the case and stays with it."), allowed=_("Split without moving a message.")
        )
    with transaction.atomic(), changing(case) as row:
        said = entry.message if entry is not None else row.origin
        fresh = open_case(
            type or row.type.code,
            row.customer,
            _moved(entry, by),
            said if entry is not None else None,
            actor=actor,
            subject=subject.strip(),
            team=row.team,
            site=row.site,
            owner=row.owner,
            account=row.account,
            language=row.language,
            reached_at=said.reached_at if said is not None else row.reached_at,
            grown=True,
        )
        if entry is None:
            ensure_conversation(fresh)
            note_on(fresh, by, _("Split from %(number)s: %(subject)s") % {"number": row.number, "subject": row.subject})
        link(fresh, row, CaseLink.Kind.SPLIT, actor)
        record(row, "case.split", by, other_id=fresh.pk, message_id=entry.message_id if entry is not None else None)
    return fresh


def _moved(entry: Any, by: Who) -> Any:
    """The conversation the message stands in from now on; None when none moves."""
    from console.conversations import services as conversations

    return conversations.move_message(entry, None, by.actor).target if entry is not None else None
