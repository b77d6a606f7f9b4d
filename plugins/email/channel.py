"""The e-mail connector: hands each call to the module that knows, and translates nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from console.plugin_api.channels import (
    Capabilities,
    ChannelClass,
    ChannelConnector,
    ChannelNotice,
    EnvelopeView,
    HealthResult,
    IdentityEvidence,
    IdentityLevel,
    InboundMessage,
    LinkRule,
    MediaKind,
    OutboundMessage,
    Parsed,
    PollBatch,
    ReceiptSource,
    SendResult,
)
from console.plugin_api.errors import AuthenticationFailed, PermanentFailure

from .diagnostics import report
from .forms import EmailConfigForm
from .health import check_maildirs, check_servers
from .inbound.read import OVERSIZE, read_mail
from .inbound.times import reached_at
from .oauth import TokenSource
from .outbound.compose import Composed, compose
from .settings import MEGABYTE, Settings
from .transports import imap_in, maildir_in, maildir_out, smtp_out
from .transports.fetched import Fetched, Haul
from .transports.listening import listen_imap, listen_maildir

DEFAULT_TIMEOUT = 20.0
T = TypeVar("T")


class EmailConnector(ChannelConnector):
    """One mailbox."""

    slug = "email"
    label = _("E-mail")
    config_form = EmailConfigForm
    capabilities = Capabilities(
        inbound_poll=True,
        inbound_listen=True,
        shared_message_ids=True,
        outbound_text=True,
        outbound_html=True,
        subject=True,
        several_recipients=True,
        proactive=True,
        max_length=200_000,
        links=LinkRule.BANK_ONLY,
        media=frozenset({MediaKind.IMAGE, MediaKind.AUDIO, MediaKind.VIDEO, MediaKind.DOCUMENT, MediaKind.CARD}),
        max_media_bytes=20 * MEGABYTE,
        max_total_bytes=20 * MEGABYTE,
        max_inbound_bytes=100 * MEGABYTE,
        delivery_receipts=True,
        receipt_source=ReceiptSource.INBOUND,
        idempotent_send=True,
        channel_class=ChannelClass.PRIVATE,
        identity_max=IdentityLevel.L1,
    )

    @property
    def settings(self) -> Settings:
        """The account's configuration."""
        return Settings(self.account)

    def capabilities_for_account(self) -> Capabilities:
        """An SMTP server does not recognise a second attempt; a Maildir does."""
        room = min(self.settings.max_send_bytes * 7 // 10, self.capabilities.max_total_bytes)
        narrowed = replace(self.capabilities, max_media_bytes=room, max_total_bytes=room)
        if self.settings.is_maildir:
            return narrowed
        return replace(narrowed, idempotent_send=False)

    # configuration

    def test_connection(self) -> HealthResult:
        """Sign in on both sides, or make sure of both folders."""
        with translation.override(self.account.language):
            if self.settings.is_maildir:
                return check_maildirs(self.settings.folder("maildir_in"), self.settings.folder("maildir_out"))
            return check_servers(self._mailbox(5.0), self._smtp(4.0))

    def diagnostics(self) -> dict[str, Any]:
        """Facts for a support file, no secrets, no addresses."""
        return report(self.settings)

    # in

    def poll(self, cursor: str) -> PollBatch:
        """The next mails; nothing is moved or marked that is not stored."""
        settings = self.settings
        if settings.is_maildir:
            haul = maildir_in.look(settings.folder("maildir_in"), settings.bounds)
        else:
            today = self.ctx.clock.now().date()
            haul = self._with_token(lambda: imap_in.look(self._mailbox(), cursor, settings.bounds, today))
        return self._batch(haul)

    def _batch(self, haul: Haul) -> PollBatch:
        return PollBatch(
            envelopes=tuple(self._envelope(mail) for mail in haul.mails),
            next_cursor=haul.cursor,
            acknowledge=tuple(mail.acknowledge for mail in haul.mails),
            more=haul.more,
            notices=tuple(ChannelNotice(kind="unreadable", meta={"provider_ref": ref}) for ref in haul.unreadable),
        )

    def _envelope(self, mail: Fetched) -> EnvelopeView:
        return EnvelopeView(
            raw=mail.raw,
            headers={OVERSIZE: str(mail.oversize)} if mail.oversize else {},
            reached_at=reached_at(mail.raw, mail.stored_at, hops=self.settings.trusted_hops),
            provider_ref=mail.ref,
        )

    def acknowledge(self, refs: Sequence[str]) -> None:
        """Move stored mails away."""
        if self.settings.is_maildir:
            maildir_in.put_away(self.settings.folder("maildir_in"), refs)
        elif refs:
            self._with_token(lambda: imap_in.put_away(self._mailbox(), refs))

    def listen(self, ring: Callable[[], None]) -> None:
        """IDLE, or watch the folder."""
        if self.settings.is_maildir:
            listen_maildir(self.settings.folder("maildir_in"), ring)
        else:
            self._with_token(lambda: listen_imap(self._mailbox(), ring))

    def parse(self, envelope: EnvelopeView) -> list[Parsed]:
        """Messages, receipts and notices in a raw mail."""
        with translation.override(self.account.language):
            return read_mail(envelope, self.settings.room)

    def assess_identity(self, inbound: InboundMessage) -> IdentityEvidence:
        """What parsing found; a mail proves nothing more."""
        return inbound.evidence or IdentityEvidence()

    # out

    def send(self, message: OutboundMessage, key: str) -> SendResult:
        """Hand over a mail; the same key makes the same mail."""
        try:
            composed = compose(message, self.settings.desk, self.ctx.clock.now())
        except PermanentFailure as error:
            return SendResult.rejected(error.code, error.detail)
        if len(composed.data) > self.settings.max_send_bytes:
            return SendResult.rejected("too_large", f"The mail has {len(composed.data)} bytes.")
        return self._hand_over(composed, key)

    def _hand_over(self, composed: Composed, key: str) -> SendResult:
        if self.settings.is_maildir:
            first = maildir_out.deliver(self.settings.folder("maildir_out"), key, composed.data)
            return SendResult.accepted(composed.message_id, code="" if first else "sent_before")
        result = self._with_token(
            lambda: smtp_out.hand_over(
                self._smtp(), composed.envelope_from, composed.recipients, composed.data, utf8=composed.needs_utf8
            )
        )
        return replace(result, provider_message_id=composed.message_id)

    def lookup(self, key: str) -> SendResult:
        """A Maildir knows what was written; an SMTP server cannot be asked."""
        if not self.settings.is_maildir:
            return SendResult.unknown(code="lookup_not_supported")
        if maildir_out.was_delivered(self.settings.folder("maildir_out"), key):
            return SendResult.accepted(code="found")
        return SendResult.retry_later(1, code="not_found")

    # shared

    def _timeout(self) -> float:
        return max(3.0, min(DEFAULT_TIMEOUT, self.ctx.remaining() - 2.0))

    def _source(self) -> TokenSource | None:
        return TokenSource(self.account, self.ctx) if self.settings.get("auth") == "oauth2" else None

    def _mailbox(self, timeout: float = 0.0) -> imap_in.Mailbox:
        guard = partial(self.ctx.lock, "move", seconds=60, wait=20)
        return self.settings.mailbox(self._source(), timeout or self._timeout(), guard)

    def _smtp(self, timeout: float = 0.0) -> smtp_out.SmtpServer:
        return self.settings.smtp(self._source(), timeout or self._timeout())

    def _with_token(self, task: Callable[[], T]) -> T:
        """Run `task`; when a bearer token was refused, once more with a fresh one."""
        source = self._source()
        try:
            return task()
        except AuthenticationFailed:
            if source is None:
                raise
            source.forget()
            return task()
