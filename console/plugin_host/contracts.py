"""What each method of a contract must return. Data: a new hook kind adds its methods here.

`check(method, value)` runs in the plugin's thread and gives a copy of the answer, or raises ContractBroken.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from console.plugin_api.capabilities import Capabilities
from console.plugin_api.extensions import Article, Card, LabelSuggestion, ReplyDraft
from console.plugin_api.messages import (
    DeliveryReceipt,
    HealthResult,
    IdentityEvidence,
    InboundMessage,
    Parsed,
    PlainResponse,
    PollBatch,
    Rejected,
    SendOutcome,
    SendResult,
    Verified,
)

from .copying import Copier, Meter, bounded, copier, json, octets, wrong
from .outcomes import ContractBroken

MAX_PARSED = 500
MAX_POLLED = 200
MAX_ID = 1000
MAX_CURSOR = 100_000
MAX_RESPONSE = 1_000_000
MAX_MEDIA = 100_000_000
MAX_REFERRED = 40
MAX_WAIT = 7 * 86400.0
MAX_NOTE = 4000
MAX_WORDS = 20_000
MAX_LINE = 1000
MAX_ROWS = 200
MAX_SUGGESTIONS = 20


def _nothing(value: Any, where: str, meter: Meter) -> None:
    if value is not None:
        raise wrong(where, "None", value)


def _record(hint: Any, *rules: Callable[[Any], None]) -> Copier:
    copy = copier(hint)

    def check(value: Any, where: str, meter: Meter) -> Any:
        copied = copy(value, where, meter)
        for rule in rules:
            rule(copied)
        return copied

    return check


def _parsed(value: Any, where: str, meter: Meter) -> list[Parsed]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise wrong(where, "an iterable of messages, receipts and notices", value)
    copy = copier(Parsed)
    items = [copy(item, f"{where}[{i}]", meter) for i, item in enumerate(bounded(value, MAX_PARSED, where))]
    for item in items:
        _parsed_item(item)
    return items


def _parsed_item(item: Parsed) -> None:
    if isinstance(item, InboundMessage):
        _identifier(item.provider_message_id, "provider_message_id")
        for name in (item.sender.value, *(someone.address.value for someone in item.recipients)):
            _short(name, MAX_ID, "address")
        if len(item.media) > MAX_REFERRED:
            raise ContractBroken(f"InboundMessage.media: more than {MAX_REFERRED} files")
        for file in item.media:
            _identifier(file.ref, "InboundMedia.ref")
    if isinstance(item, DeliveryReceipt):
        if not (item.provider_message_id or item.delivery_key or item.recipient):
            raise ContractBroken("DeliveryReceipt: names neither a message, a delivery nor a recipient")
        _short(item.provider_message_id, MAX_ID, "provider_message_id")
        _short(item.detail, MAX_NOTE, "detail")


def _identifier(value: str, where: str) -> None:
    if not value.strip():
        raise ContractBroken(f"{where}: is empty")
    _short(value, MAX_ID, where)


def _short(value: str, limit: int, where: str) -> None:
    if len(value) > limit:
        raise ContractBroken(f"{where}: longer than {limit} characters")


def _batch(batch: PollBatch) -> None:
    if len(batch.envelopes) > MAX_POLLED:
        raise ContractBroken(f"PollBatch: more than {MAX_POLLED} envelopes")
    if len(batch.acknowledge) not in (0, len(batch.envelopes)):
        raise ContractBroken("PollBatch.acknowledge: neither empty nor one for each envelope")
    _short(batch.next_cursor, MAX_CURSOR, "PollBatch.next_cursor")


def _sent(result: SendResult) -> None:
    _short(result.provider_message_id, MAX_ID, "SendResult.provider_message_id")
    _short(result.detail, MAX_NOTE, "SendResult.detail")
    wait = result.retry_after
    if wait is not None and not 0 <= wait <= MAX_WAIT:
        raise ContractBroken(f"SendResult.retry_after: {wait:g} s")
    if result.outcome is SendOutcome.REJECTED and not result.code:
        raise ContractBroken("SendResult: rejected without a code")


def _response(response: PlainResponse | None) -> None:
    if response is None:
        return
    if not 200 <= response.status <= 599:
        raise ContractBroken(f"PlainResponse.status: {response.status}")
    if len(response.body) > MAX_RESPONSE:
        raise ContractBroken(f"PlainResponse.body: {len(response.body)} bytes")
    if not response.content_type.isprintable() or len(response.content_type) > 200:
        raise ContractBroken("PlainResponse.content_type: not one printable line")


def _media(value: Any, where: str, meter: Meter) -> bytes:
    """Chunks of a download, joined; past the limit reading stops."""
    if isinstance(value, bytes | bytearray):
        value = [value]
    if not isinstance(value, Iterable):
        raise wrong(where, "an iterable of bytes", value)
    chunks: list[bytes] = []
    size = 0
    for chunk in value:
        chunks.append(octets(chunk, where, meter))
        size += len(chunk)
        if size > MAX_MEDIA:
            raise ContractBroken(f"{where}: more than {MAX_MEDIA} bytes")
    return b"".join(chunks)


def _object(value: Any, where: str, meter: Meter) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(where, "dict", value)
    return json(value, where, meter)


def _several(item: Any, most: int, rule: Callable[[Any], None]) -> Copier:
    """A list of at most so many records, each of which keeps to the rule."""
    copy = copier(item)

    def check(value: Any, where: str, meter: Meter) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise wrong(where, "a list", value)
        items = [copy(one, f"{where}[{i}]", meter) for i, one in enumerate(bounded(value, most, where))]
        for one in items:
            rule(one)
        return items

    return check


def _link(url: str, where: str) -> None:
    """Nothing but a path of this site or an https address is ever made clickable."""
    _short(url, MAX_LINE, where)
    own = url.startswith("/") and not url.startswith(("//", "/\\"))
    if url and not (url.isprintable() and " " not in url and (own or url.startswith("https://"))):
        raise ContractBroken(f"{where}: neither a path of this site nor https")


def _card(card: Card | None) -> None:
    if card is None:
        return
    _short(card.text, MAX_WORDS, "Card.text")
    if len(card.rows) > MAX_ROWS:
        raise ContractBroken(f"Card.rows: more than {MAX_ROWS}")
    for row in card.rows:
        _short(row.label, MAX_LINE, "Row.label")
        _short(row.value, MAX_NOTE, "Row.value")
        _link(row.url, "Row.url")


def _label(label: LabelSuggestion) -> None:
    if not 0 <= label.score <= 1:
        raise ContractBroken(f"LabelSuggestion.score: {label.score:g} lies not between 0 and 1")
    _identifier(label.reason, "LabelSuggestion.reason")


def _draft(draft: ReplyDraft) -> None:
    if not draft.text.strip():
        raise ContractBroken("ReplyDraft.text: is empty")
    _short(draft.text, MAX_WORDS, "ReplyDraft.text")
    if not draft.sources:
        raise ContractBroken("ReplyDraft.sources: a draft rests on at least one source")
    for source in draft.sources:
        _identifier(source.title, "Source.title")
        _link(source.url, "Source.url")


def _article(article: Article) -> None:
    _identifier(article.title, "Article.title")
    _short(article.excerpt, MAX_NOTE, "Article.excerpt")
    _link(article.url, "Article.url")


CHECKS: dict[str, Copier] = {
    "handshake": _record(PlainResponse | None, _response),
    "verify": _record(Verified | Rejected),
    "reply": _record(PlainResponse | None, _response),
    "poll": _record(PollBatch, _batch),
    "acknowledge": _nothing,
    "listen": _nothing,
    "parse": _parsed,
    "assess_identity": _record(IdentityEvidence),
    "fetch_media": _media,
    "send": _record(SendResult, _sent),
    "lookup": _record(SendResult, _sent),
    "test_connection": _record(HealthResult),
    "health_check": _record(HealthResult),
    "diagnostics": _object,
    "capabilities_for_account": _record(Capabilities),
    "migrate_config": _object,
    "handle": _nothing,
    "run": _record(HealthResult),
    "show": _record(Card | None, _card),
    "classify": _several(LabelSuggestion, MAX_SUGGESTIONS, _label),
    "suggest": _several(ReplyDraft, MAX_SUGGESTIONS, _draft),
    "search": _several(Article, MAX_SUGGESTIONS, _article),
    "render": _record(Card, _card),
    "draw": _several(Card, MAX_SUGGESTIONS, _card),
}


def check(method: str, value: Any) -> Any:
    """A checked copy of what `method` returned. A method without an entry may return JSON-able values."""
    if inspect.isawaitable(value) or inspect.isasyncgen(value):
        close = getattr(value, "close", None)
        if close is not None:
            close()
        raise ContractBroken(f"{method}: returned a coroutine; the contract is synchronous")
    return CHECKS.get(method, json)(value, method, Meter())
