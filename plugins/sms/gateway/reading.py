"""Calls and polls of a described gateway: JSON, a form, or a query string, as receipts and answers of customers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from console.plugin_api.channels import DeliveryReceipt, DeliveryStatus, EnvelopeView, Parsed
from console.plugin_api.errors import PermanentFailure

from ..inbound import MAX_ITEMS, items_in, loaded, message_from, moment, word
from ..numbers import international
from .answers import at, plain


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things stand in a call. A place without a path is not there."""

    items: str = ""
    receipt_id: str = ""
    receipt_key: str = ""
    receipt_status: str = ""
    receipt_time: str = ""
    receipt_detail: str = ""
    delivered: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()
    reply_phone: str = ""
    reply_text: str = ""
    reply_id: str = ""
    reply_time: str = ""


def read(envelope: EnvelopeView, paths: Paths, opt_out: str) -> list[Parsed]:
    """Everything in one call. Raises PermanentFailure."""
    content = _content(envelope)
    found = at(content, paths.items)
    if found is None or found == []:
        return _nothing(content, paths)
    return [one for item in items_in(found) for one in _item(item, paths, opt_out)]


def _content(envelope: EnvelopeView) -> Any:
    """JSON where it looks like it; else the fields of a form, or those of the address."""
    raw = envelope.raw.lstrip()
    if raw[:1] in (b"{", b"["):
        return loaded(envelope.raw)
    try:
        text = envelope.raw.decode("utf-8")
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_ITEMS, strict_parsing=bool(text))
    except (UnicodeDecodeError, ValueError) as error:
        raise PermanentFailure("unreadable", type(error).__name__) from error
    query = {name: value for name, value in envelope.query.items() if name not in ("token", "sign")}
    return {**query, **dict(fields)}


def _nothing(content: Any, paths: Paths) -> list[Parsed]:
    """An empty list is an answer; a place that is not there is a mistake."""
    if at(content, paths.items) == [] or not content:
        return []
    raise PermanentFailure("unreadable", "The list is not where it should be.")


def _item(item: Mapping[str, Any], paths: Paths, opt_out: str) -> list[Parsed]:
    text = word(at(item, paths.reply_text), 4000) if paths.reply_text else ""
    number = international(at(item, paths.reply_phone)) if paths.reply_phone else ""
    status = plain(at(item, paths.receipt_status)) if paths.receipt_status else ""
    if text and number and not status:
        own = word(at(item, paths.reply_id), 150) if paths.reply_id else ""
        when = moment(at(item, paths.reply_time)) if paths.reply_time else None
        return message_from(number, text, when, f"mo.{own}" if own else "", opt_out)
    return _receipt(item, status, paths)


def _receipt(item: Mapping[str, Any], status: str, paths: Paths) -> list[Parsed]:
    named = word(at(item, paths.receipt_id)) if paths.receipt_id else ""
    key = word(at(item, paths.receipt_key), 64) if paths.receipt_key else ""
    if not status or not (named or key):
        raise PermanentFailure("unreadable", "Neither a receipt nor an answer.")
    if status in paths.delivered:
        meaning = DeliveryStatus.DELIVERED
    elif status in paths.failed or status in paths.dead:
        meaning = DeliveryStatus.FAILED
    else:
        meaning = DeliveryStatus.SENT
    failed = meaning is DeliveryStatus.FAILED
    return [
        DeliveryReceipt(
            status=meaning,
            provider_message_id=named,
            delivery_key=key,
            at=moment(at(item, paths.receipt_time)) if paths.receipt_time else None,
            code=("no_such_number" if status in paths.dead else status[:60]) if failed else "",
            detail=word(at(item, paths.receipt_detail)) if failed and paths.receipt_detail else "",
        )
    ]


def fingerprint(raw: bytes) -> str:
    """The name of what a poll brought: the same bytes are the same envelope."""
    return f"poll:{hashlib.sha256(raw).hexdigest()[:40]}"
