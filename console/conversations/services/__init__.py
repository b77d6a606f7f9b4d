"""Every change of state in this room. Other rooms import from here."""

from .answering import Conflict, NotAllowed, discard_draft, recipients_for, reply, save_draft
from .attaching import adopt, attach
from .handling import add_note, assign, close, mark_read, mark_unread, reopen
from .moving import CannotMove, move_message, undo_move

__all__ = [
    "CannotMove",
    "Conflict",
    "NotAllowed",
    "add_note",
    "adopt",
    "assign",
    "attach",
    "close",
    "discard_draft",
    "mark_read",
    "mark_unread",
    "move_message",
    "recipients_for",
    "reopen",
    "reply",
    "save_draft",
    "undo_move",
]
