"""Tables of the room: where voices come in, what arrived, what was said, what was sent."""

from .account import AccountState, ChannelAccount, IntakeDay, Touchpoint
from .attachment import Attachment, MediaFetch, ScanState
from .delivery import Delivery, DeliveryState, Receipt, Suppression
from .envelope import Envelope, EnvelopeOutcome, EnvelopeStatus, Origin
from .message import Arrival, Direction, Message, MessageParticipant, OriginalLook, Role
from .policy import AttachmentRule, BankDomain, BannedWord, PolicyRule, WordAction
from .window import AnswerSlot, AnswerWindow

__all__ = [
    "AccountState",
    "AnswerSlot",
    "AnswerWindow",
    "Arrival",
    "Attachment",
    "AttachmentRule",
    "BankDomain",
    "BannedWord",
    "ChannelAccount",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Envelope",
    "EnvelopeOutcome",
    "EnvelopeStatus",
    "IntakeDay",
    "MediaFetch",
    "Message",
    "MessageParticipant",
    "Origin",
    "OriginalLook",
    "PolicyRule",
    "Receipt",
    "Role",
    "ScanState",
    "Suppression",
    "Touchpoint",
    "WordAction",
]
