"""Tencent's callbacks: states of what was sent, in lists, and answers of customers, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.plugin_api.channels import DeliveryReceipt, DeliveryStatus, Parsed
from console.plugin_api.errors import PermanentFailure

from ..inbound import items_in, loaded, message_from, moment, word
from ..numbers import international

DEAD = ("MK:0001", "MI:0001", "SPACE", "EMPTY")


def read(raw: bytes, opt_out: str) -> list[Parsed]:
    """Everything in one call. Raises PermanentFailure."""
    return [found for item in items_in(loaded(raw)) for found in _item(item, opt_out)]


def _item(item: Mapping[str, Any], opt_out: str) -> list[Parsed]:
    if "report_status" in item:
        return [_receipt(item)]
    if "text" not in item:
        raise PermanentFailure("unreadable", "Neither a state nor an answer.")
    return message_from(
        international(item.get("mobile"), item.get("nationcode")),
        word(item.get("text"), 4000),
        moment(item.get("time")),
        "",
        opt_out,
        extension=word(item.get("extend"), 20),
    )


def _receipt(item: Mapping[str, Any]) -> DeliveryReceipt:
    good = word(item["report_status"]).upper() == "SUCCESS"
    code = word(item.get("errmsg"), 60)
    named, key = word(item.get("sid")), word(item.get("ext"), 64)
    if not (named or key):
        raise PermanentFailure("unreadable", "The state names no message.")
    return DeliveryReceipt(
        status=DeliveryStatus.DELIVERED if good else DeliveryStatus.FAILED,
        provider_message_id=named,
        delivery_key=key,
        at=moment(item.get("user_receive_time")),
        code="" if good else ("no_such_number" if code.upper().startswith(DEAD) else code),
        detail="" if good else word(item.get("description")),
    )
