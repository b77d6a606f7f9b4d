"""A channel whose other side is a list in the test's hands: `line` says what comes and how sends end."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django import forms

from console.plugin_api.channels import (
    Address,
    Capabilities,
    ChannelClass,
    ChannelConnector,
    ChannelNotice,
    DeliveryReceipt,
    DeliveryStatus,
    EnvelopeView,
    HealthResult,
    HealthState,
    IdentityLevel,
    InboundAttachment,
    InboundMedia,
    InboundMessage,
    LinkRule,
    MediaKind,
    Participant,
    ParticipantRole,
    PlainResponse,
    PollBatch,
    ReceiptSource,
    Rejected,
    ReplyWindow,
    SendResult,
    ThreadHints,
    Verified,
)
from console.plugin_api.forms import ConfigForm, SecretField
from console.plugin_api.hookspecs import hookimpl


@dataclass
class Line:
    """The provider, as a test sees and moves it."""

    waiting: list[EnvelopeView] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    sent: list = field(default_factory=list)
    on_send: Callable | None = None
    on_poll: Callable | None = None
    on_verify: Callable | None = None
    on_acknowledge: Callable | None = None
    on_fetch: Callable | None = None
    lookups: dict = field(default_factory=dict)
    health: HealthResult = field(default_factory=lambda: HealthResult(state=HealthState.OK))
    batch: int = 50

    def reset(self) -> None:
        self.__init__()

    def drop(self, ref: str, **words) -> None:
        self.waiting.append(EnvelopeView(raw=body(**words), provider_ref=ref))


line = Line()


def body(id: str, sender: str = "lin@customer.example", text: str = "你好", **more) -> bytes:
    """One message as it travels on the wire."""
    return json.dumps({"id": id, "from": sender, "text": text, **more}).encode()


class WireForm(ConfigForm):
    host = forms.CharField()
    password = SecretField(required=False)


BASE = Capabilities(
    inbound_webhook=True,
    inbound_poll=True,
    synchronous_reply=True,
    outbound_text=True,
    outbound_html=True,
    subject=True,
    several_recipients=True,
    proactive=True,
    max_length=20_000,
    links=LinkRule.BANK_ONLY,
    media=frozenset(MediaKind),
    max_media_bytes=1_000_000,
    delivery_receipts=True,
    receipt_source=ReceiptSource.LOOKUP,
    channel_class=ChannelClass.PRIVATE,
    identity_max=IdentityLevel.L2,
)


class Wire(ChannelConnector):
    """Speaks JSON; shaped like mail."""

    slug = "email_wire"
    label = "Wire"
    capabilities = replace(BASE, shared_message_ids=True)
    config_form = WireForm

    def test_connection(self):
        return line.health

    def handshake(self, request):
        return PlainResponse(body=request.query["echo"].encode()) if "echo" in request.query else None

    def verify(self, envelope):
        if line.on_verify:
            return line.on_verify(envelope)
        return Rejected(reason="bad_signature") if b"forged" in envelope.raw else Verified()

    def reply(self, envelope, turn):
        return PlainResponse(body=b"thanks") if b"reply please" in envelope.raw else None

    def poll(self, cursor):
        if line.on_poll:
            return line.on_poll(cursor)
        start = int(cursor or 0)
        found = tuple(line.waiting[start : start + line.batch])
        end = start + len(found)
        return PollBatch(
            envelopes=found,
            next_cursor=str(end),
            acknowledge=tuple(one.provider_ref for one in found),
            more=end < len(line.waiting),
        )

    def acknowledge(self, refs):
        if line.on_acknowledge:
            line.on_acknowledge(refs)
        line.acknowledged += refs

    def parse(self, envelope):
        if envelope.raw.startswith(b"poison"):
            raise ValueError("cannot read 6222021001116245702 of this")
        said = json.loads(envelope.raw)
        return [_parsed(item) for item in (said if isinstance(said, list) else [said])]

    def fetch_media(self, ref):
        return line.on_fetch(ref)

    def send(self, message, key):
        result = line.on_send(message, key) if line.on_send else SendResult.accepted(f"{key}@bank.example")
        line.sent.append(message)
        return result

    def lookup(self, key):
        return line.lookups.get(key, SendResult.unknown())


class Sms(Wire):
    """Never carries links, one person at a time, ids of its own on each account, drops repeats by key."""

    slug = "sms_wire"
    capabilities = replace(
        BASE,
        links=LinkRule.NONE,
        several_recipients=False,
        subject=False,
        max_length=500,
        idempotent_send=True,
        media=frozenset(),
    )


class Chat(Wire):
    """Only answers, within two days."""

    slug = "chat_wire"
    capabilities = replace(BASE, proactive=False, reply_window_hours=48, several_recipients=False)


class Talk(Wire):
    """Counts answers: five within two days of a message, three within a minute of a menu."""

    slug = "talk_wire"
    capabilities = replace(
        BASE,
        proactive=False,
        several_recipients=False,
        reply_windows=(
            ReplyWindow(act="message", seconds=172_800, answers=5),
            ReplyWindow(act="menu", seconds=60, answers=3),
            ReplyWindow(act="paid", seconds=172_800),
        ),
    )


def _parsed(item):
    if "receipt" in item:
        return DeliveryReceipt(
            status=DeliveryStatus(item["receipt"]),
            delivery_key=item.get("key", ""),
            provider_message_id=item.get("of", ""),
            code=item.get("code", ""),
            recipient=item.get("recipient", ""),
        )
    if "notice" in item:
        return ChannelNotice(kind=item["notice"])
    return InboundMessage(
        provider_message_id=item["id"],
        sender=Address(item["from"], item.get("name", "")),
        recipients=tuple(Participant(ParticipantRole(role), Address(value)) for role, value in item.get("people", [])),
        subject=item.get("subject", ""),
        text=item["text"],
        html=item.get("html", ""),
        attachments=tuple(
            InboundAttachment(name=name, content_type=kind, content=content.encode("latin-1"))
            for name, kind, content in item.get("files", [])
        ),
        media=tuple(
            InboundMedia(ref=ref, kind=MediaKind(kind), name=name) for ref, kind, name in item.get("media", [])
        ),
        thread=ThreadHints(
            in_reply_to=item.get("in_reply_to", ""),
            references=tuple(item.get("references", ())),
            tokens=tuple(item.get("tokens", ())),
        ),
        automatic=item.get("automatic"),
        opens=item.get("opens", ""),
        meta=item.get("meta", {}),
    )


@hookimpl
def register_channel_connectors():
    return [Wire, Sms, Chat, Talk]
