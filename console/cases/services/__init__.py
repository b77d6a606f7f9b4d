"""Every change of a case: check, execute, emit. Views, admin, API, rules and jobs all come in here."""

from ..config import NoActiveVersion
from .accepting import accept, not_accept
from .approvals import cancel_approval, decide_approval, may_decide
from .base import CaseError, Incomplete, Missing, NotAllowed, Stale, who
from .closing import missing_for_closing
from .deadlines import recompute_clocks
from .deciding import decide
from .extensions import available_extensions, request_extension
from .forwarding import answer_regulator, record_forwarding
from .identifying import join_customer, proven
from .intake import Joined, current_case, may_reopen, message_added, messages_added, take_in
from .joining import link, merge, unlink, unmerge
from .marking import Marked, mark_message, mark_messages, unmark_message, unmark_messages
from .materials import ask_for_material, files_of, held, record_material
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
from .parties import add_party, end_party, lacking, may_act, may_do
from .proceedings import begin_proceeding, end_proceeding
from .products import end_products, give_product, take_product
from .rechecking import against_recheck, ask_for_recheck, ask_until, superior_of
from .recusal import declare_interest, end_interest
from .redress import add_redress, cancel_redress, pay_redress
from .repeating import CAME_BEFORE, earlier_contact, say_repeat, window_of
from .replying import reply
from .splitting import split
from .todo import add_participant, add_task, finish_task, remove_participant
from .values import retitle, set_category, set_fields, set_grade, suggest_grade
from .workflow import Moved, Offer, available_transitions, reopen, transition, withdraw

__all__ = [
    "CAME_BEFORE",
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
    "accept",
    "acknowledged",
    "add_note",
    "add_participant",
    "add_party",
    "add_redress",
    "add_task",
    "against_recheck",
    "answer_regulator",
    "answered",
    "ask_for_call",
    "ask_for_material",
    "ask_for_recheck",
    "ask_until",
    "assign",
    "available_extensions",
    "available_transitions",
    "begin_proceeding",
    "cancel_approval",
    "cancel_redress",
    "current_case",
    "decide",
    "decide_approval",
    "declare_interest",
    "earlier_contact",
    "end_interest",
    "end_party",
    "end_proceeding",
    "end_products",
    "files_of",
    "finish_task",
    "give_product",
    "hand_over",
    "held",
    "join_customer",
    "lacking",
    "link",
    "mark_message",
    "mark_messages",
    "may_act",
    "may_decide",
    "may_do",
    "may_reopen",
    "merge",
    "message_added",
    "messages_added",
    "missing_for_closing",
    "not_accept",
    "not_told",
    "open_case",
    "open_cases",
    "pay_redress",
    "proven",
    "recompute_clocks",
    "record_forwarding",
    "record_material",
    "record_notice",
    "record_notices",
    "remove_participant",
    "reopen",
    "reply",
    "request_extension",
    "retitle",
    "say_repeat",
    "set_category",
    "set_fields",
    "set_grade",
    "settle_deliveries",
    "settle_delivery",
    "split",
    "suggest_grade",
    "superior_of",
    "take_in",
    "take_product",
    "told_in_person",
    "transition",
    "unlink",
    "unmark_message",
    "unmark_messages",
    "unmerge",
    "who",
    "window_of",
    "withdraw",
]
