"""Every change of a case: check, execute, emit. Views, admin, API, rules and jobs all come in here."""

from ..config import NoActiveVersion
from .approvals import cancel_approval, decide_approval, may_decide
from .base import CaseError, Incomplete, Missing, NotAllowed, Stale, who
from .closing import missing_for_closing
from .deadlines import recompute_clocks
from .deciding import decide
from .extensions import available_extensions, request_extension
from .intake import Joined, current_case, may_reopen, message_added, messages_added, take_in
from .joining import link, merge, unlink, unmerge
from .marking import Marked, mark_message, mark_messages, unmark_message, unmark_messages
from .notes import add_note
from .notices import (
    Settled,
    acknowledged,
    answered,
    ask_for_call,
    not_told,
    record_notice,
    record_notices,
    settle_deliveries,
    settle_delivery,
    told_in_person,
)
from .opening import Opening, open_case, open_cases
from .ownership import KEEP, assign, hand_over
from .redress import add_redress
from .replying import reply
from .splitting import split
from .todo import add_participant, add_task, finish_task, remove_participant
from .values import retitle, set_category, set_fields, set_grade, suggest_grade
from .workflow import Moved, Offer, available_transitions, reopen, transition, withdraw

__all__ = [
    "KEEP",
    "CaseError",
    "Incomplete",
    "Joined",
    "Marked",
    "Missing",
    "Moved",
    "NoActiveVersion",
    "NotAllowed",
    "Offer",
    "Opening",
    "Settled",
    "Stale",
    "acknowledged",
    "add_note",
    "add_participant",
    "add_redress",
    "add_task",
    "answered",
    "ask_for_call",
    "assign",
    "available_extensions",
    "available_transitions",
    "cancel_approval",
    "current_case",
    "decide",
    "decide_approval",
    "finish_task",
    "hand_over",
    "link",
    "mark_message",
    "mark_messages",
    "may_decide",
    "may_reopen",
    "merge",
    "message_added",
    "messages_added",
    "missing_for_closing",
    "not_told",
    "open_case",
    "open_cases",
    "recompute_clocks",
    "record_notice",
    "record_notices",
    "remove_participant",
    "reopen",
    "reply",
    "request_extension",
    "retitle",
    "set_category",
    "set_fields",
    "set_grade",
    "settle_deliveries",
    "settle_delivery",
    "split",
    "suggest_grade",
    "take_in",
    "told_in_person",
    "transition",
    "unlink",
    "unmark_message",
    "unmark_messages",
    "unmerge",
    "who",
    "withdraw",
]
