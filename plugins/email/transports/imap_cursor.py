"""How far a mailbox was read: UIDVALIDITY and the last UID, and what a rescan may go back to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date

MOST_SKIPPED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Kept as text by the core, in the same transaction as the mails it speaks of.

    UIDs up to `last` were handed over, except the `skipped` ones, which could not be read. Mails at or below
    `floor` were there before us and stay untouched; when a new UIDVALIDITY makes that number worthless, mails up to
    `rescan` are only taken if they came after `since`.
    """

    validity: int = 0
    last: int = 0
    floor: int = 0
    since: str = ""
    rescan: int = 0
    skipped: tuple[int, ...] = ()

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Read a stored cursor; one that makes no sense counts as none, and the core drops what comes twice."""
        try:
            values = json.loads(text or "{}")
            return cls(
                validity=int(values.get("validity", 0)),
                last=int(values.get("last", 0)),
                floor=int(values.get("floor", 0)),
                since=str(values.get("since", "")),
                rescan=int(values.get("rescan", 0)),
                skipped=tuple(int(uid) for uid in values.get("skipped", ()))[:MOST_SKIPPED],
            )
        except (ValueError, TypeError, AttributeError):
            return cls()

    def dump(self) -> str:
        """The text to be stored."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    def on(self, validity: int, uidnext: int, *, only_new: bool, today: date) -> Cursor:
        """This cursor against the mailbox as it is now: begun at first sight, begun again when UIDs were reset."""
        if self.validity == validity:
            return self
        if self.validity:
            return Cursor(validity=validity, since=self.since, rescan=max(0, uidnext - 1) if self.since else 0)
        border = max(0, uidnext - 1) if only_new else 0
        return Cursor(validity=validity, last=border, floor=border, since=today.isoformat() if only_new else "")

    def past(self, uid: int) -> Cursor:
        """The cursor after everything up to `uid`."""
        return replace(self, last=max(self.last, uid))

    def skipping(self, uids: list[int]) -> Cursor:
        """The cursor with exactly these mails left behind."""
        return replace(self, skipped=tuple(sorted(set(uids)))[:MOST_SKIPPED])
