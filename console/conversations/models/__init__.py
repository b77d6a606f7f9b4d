"""Tables of the room: threads with a customer over every channel."""

from .conversation import Conversation, ConversationStatus
from .entry import Draft, Entry, EntryKind, MovedMessage, Note, ReadMark

__all__ = [
    "Conversation",
    "ConversationStatus",
    "Draft",
    "Entry",
    "EntryKind",
    "MovedMessage",
    "Note",
    "ReadMark",
]
