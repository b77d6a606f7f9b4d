"""Every change of state of this room. Each checks, acts and leaves an event."""

from ..access import as_actor
from .leaving import hand_over, preview_hand_over, register_open_work
from .memberships import assign, set_memberships, unassign
from .people import create_user, set_preferences, suspend, unlock, unsuspend, update_user
from .places import save_place
from .roles import create_role, set_permissions, update_role
from .sessions import end_other_sessions, end_session, end_sessions, sessions_of

__all__ = [
    "as_actor",
    "assign",
    "create_role",
    "create_user",
    "end_other_sessions",
    "end_session",
    "end_sessions",
    "hand_over",
    "preview_hand_over",
    "register_open_work",
    "save_place",
    "sessions_of",
    "set_memberships",
    "set_permissions",
    "set_preferences",
    "suspend",
    "unassign",
    "unlock",
    "unsuspend",
    "update_role",
    "update_user",
]
