"""The channel-connector contract. Every method says when it is called, what to return, what a raise means.

Common to all: the host calls a connector outside any transaction, with a time budget, one object per call
or batch; an `errors.PluginError` is understood as its class says; any other exception, a wrong return type
or an overrun budget is a bug, is recorded, and five of them in ten minutes open the circuit of that method
on that account: mail then waits in the outbox and in the envelopes, nothing is lost. `SystemExit` and
`KeyboardInterrupt` are treated as bugs too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.forms import Form

from .capabilities import (
    Capabilities,
    ChannelClass,
    DeliveryStatus,
    IdentityLevel,
    LinkRule,
    MediaKind,
    ReceiptSource,
    ReplyWindow,
    SendClass,
)
from .context import AccountView, PluginContext, Secrets
from .messages import (
    Address,
    ChannelNotice,
    DeliveryReceipt,
    EnvelopeView,
    HealthResult,
    HealthState,
    HookRequest,
    IdentityEvidence,
    InboundAttachment,
    InboundMedia,
    InboundMessage,
    OutboundAttachment,
    OutboundMessage,
    Parsed,
    Participant,
    ParticipantRole,
    PlainResponse,
    PollBatch,
    RecipientResult,
    Rejected,
    SendOutcome,
    SendResult,
    ThreadHints,
    Turn,
    Verified,
)

__all__ = [
    "AccountView",
    "Address",
    "Capabilities",
    "ChannelClass",
    "ChannelConnector",
    "ChannelNotice",
    "DeliveryReceipt",
    "DeliveryStatus",
    "EnvelopeView",
    "HealthResult",
    "HealthState",
    "HookRequest",
    "IdentityEvidence",
    "IdentityLevel",
    "InboundAttachment",
    "InboundMedia",
    "InboundMessage",
    "LinkRule",
    "MediaKind",
    "OutboundAttachment",
    "OutboundMessage",
    "Parsed",
    "Participant",
    "ParticipantRole",
    "PlainResponse",
    "PluginContext",
    "PollBatch",
    "ReceiptSource",
    "RecipientResult",
    "Rejected",
    "ReplyWindow",
    "Secrets",
    "SendClass",
    "SendOutcome",
    "SendResult",
    "ThreadHints",
    "Turn",
    "Verified",
]


class ChannelConnector:
    """Translates between one provider and the core. Policy, de-duplication, retry and audit are not its
    business.

    Class attributes are read once when the plugin is admitted. Methods a channel does not need stay as they
    are: the host asks `capabilities` first.
    """

    slug: ClassVar[str]
    """Kind of channel, unique over all plugins: lower-case letters, digits, underscores ("email",
    "sms_http").
    """

    label: ClassVar[Any]
    """Name for people, a lazy translation."""

    capabilities: ClassVar[Capabilities]
    """What the channel can do at most."""

    config_form: ClassVar[type[Form]]
    """A `forms.ConfigForm`: asked when an account is made; secrets are `forms.SecretField`s."""

    schema_version: ClassVar[int] = 1
    """Version of what `config_form` stores; raise it and write `migrate_config` when stored keys change
    meaning.
    """

    def __init__(self, account: AccountView, ctx: PluginContext) -> None:
        """Called before each call or batch of calls. Cheap: no I/O, no database, no network."""
        self.account = account
        self.ctx = ctx

    # configuration

    @classmethod
    def migrate_config(cls, config: Mapping[str, Any], version: int) -> dict[str, Any]:
        """Called when an account was stored under an older `schema_version`. Return the config in today's
        shape.

        Pure. If it raises, the account goes to `error` and keeps its old configuration.
        """
        return dict(config)

    def capabilities_for_account(self) -> Capabilities:
        """Called before sends and by the composer. Return `capabilities`, narrowed by this account's
        configuration.

        Pure. If it raises, or grants more than the class attribute, the account can send nothing.
        """
        return self.capabilities

    def test_connection(self) -> HealthResult:
        """Called before a configuration becomes active, in a web request (10 s). Sign in, touch nothing,
        say how it went.

        `OK` lets the account become active; anything else is shown beside `HealthResult.field`.
        `AuthenticationFailed` and `ConfigurationError` are understood as such.
        """
        raise NotImplementedError

    def health_check(self) -> HealthResult:
        """Called every few minutes and when a circuit is open; a good answer closes the circuit. Raising
        means `DOWN`.
        """
        return self.test_connection()

    def diagnostics(self) -> dict[str, Any]:
        """Called when an operator asks for a support file. Return JSON-able facts; the host removes secrets
        again.

        If it raises, the file says so.
        """
        return {}

    # in

    def handshake(self, request: HookRequest) -> PlainResponse | None:
        """Called first for each webhook call (2 s). Answer the provider's URL check, or return None for
        "not one".

        If it raises, the call goes on as an ordinary delivery.
        """
        return None

    def verify(self, envelope: EnvelopeView) -> Verified | Rejected:
        """Called for each webhook call (2 s), over the raw bytes: signature, age, replay. Pure but for
        `ctx.store`.

        `Rejected` answers 401 and stores a capped sample. If it raises, the envelope is kept as
        `unverified`, is not processed, raises an alarm and can be replayed.
        """
        return Rejected(reason="not_supported")

    def reply(self, envelope: EnvelopeView, turn: Turn) -> PlainResponse | None:
        """Called after the envelope was committed, only with `synchronous_reply` (2 s). The answer in the
        same request.

        None or raising means the provider gets a plain 200.
        """
        return None

    def poll(self, cursor: str) -> PollBatch:
        """Called by the poller (60 s) with the cursor last stored, "" at first. Fetch without marking
        anything as read.

        Return a bounded batch (at most 200 envelopes). One unreadable item must not stop the others: skip
        it with a `ChannelNotice`. Raising leaves the cursor where it was.
        """
        raise NotImplementedError

    def acknowledge(self, refs: Sequence[str]) -> None:
        """Called after the envelopes of these `PollBatch.acknowledge` references were committed (60 s).
        Mark or move.

        May be called twice or for something already gone; that is not an error. Raising means it is called
        again with a later batch; the core drops what comes twice.
        """

    def listen(self, ring: Callable[[], None]) -> None:
        """Called in the listener process, only with `inbound_listen`: hold a long connection, call `ring()`
        on news.

        Never fetch here; ringing polls. Return when the connection ends; the host calls again with back-off.
        """

    def parse(self, envelope: EnvelopeView) -> Iterable[Parsed]:
        """Called by a worker for each stored envelope (30 s). Return all messages, receipts and notices in
        it.

        Pure: no network, no database, no `ctx.store`, the same answer for the same bytes, so replay is
        safe. At most 500 items. If it raises, the envelope is quarantined with the reason and can be
        replayed.
        """
        raise NotImplementedError

    def assess_identity(self, inbound: InboundMessage) -> IdentityEvidence:
        """Called after `parse` for each message without `evidence`. Return what the channel proves. Raising
        means L0.
        """
        return IdentityEvidence()

    def fetch_media(self, ref: str) -> Iterable[bytes]:
        """Called by a worker (120 s) for each `InboundMedia` of a stored message, again after a failure. Yield
        chunks; the host stops after 100 MB and keeps what the rules for files allow.

        `PermanentFailure` records that the file is gone. `RetryLater` waits until the provider forgets it; anything
        else is tried seven times, then the file counts as lost and a person is told.
        """
        raise NotImplementedError

    # out

    def send(self, message: OutboundMessage, key: str) -> SendResult:
        """Called by a worker (30 s) for a claimed delivery; `key` equals `message.key` and is stable over
        attempts.

        Return accepted, rejected, retry_later or unknown. Raising `RetryLater` says "certainly not taken";
        any other exception, or the budget overrun, counts as *unknown* unless the connection was never
        made.
        """
        raise NotImplementedError

    def lookup(self, key: str) -> SendResult:
        """Called for a delivery that stands as unknown, only with `receipt_source=LOOKUP` (30 s). Ask the
        provider.

        `unknown` again if the provider cannot tell.
        """
        return SendResult.unknown(code="lookup_not_supported")
