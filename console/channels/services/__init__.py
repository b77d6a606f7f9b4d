"""Every change of state in this room. Other rooms import from here."""

from ..drafts import Draft, Recipient, Refusal, Refused, Upload
from .accounts import NotTested, activate, configure, pause, resume, set_state, test_account
from .fetching import fetch_again, fetch_pending
from .intake import accept, accept_batch
from .parsing import parse_pending
from .pump import send_pending
from .quarantine import NotReplayable, quarantine, replay, replay_each, replay_many, set_aside, set_aside_many
from .receipts import apply_receipt
from .sending import TooLate, as_dicts, cancel, check_send, release, resend, send, send_many, told
from .unknown import decide_unknown

__all__ = [
    "Draft",
    "NotReplayable",
    "NotTested",
    "Recipient",
    "Refusal",
    "Refused",
    "TooLate",
    "Upload",
    "accept",
    "accept_batch",
    "activate",
    "apply_receipt",
    "as_dicts",
    "cancel",
    "check_send",
    "configure",
    "decide_unknown",
    "fetch_again",
    "fetch_pending",
    "parse_pending",
    "pause",
    "quarantine",
    "release",
    "replay",
    "replay_each",
    "replay_many",
    "resend",
    "resume",
    "send",
    "send_many",
    "send_pending",
    "set_aside",
    "set_aside_many",
    "set_state",
    "test_account",
    "told",
]
