"""Aliyun's pushes: reports of what was sent (SmsReport) and answers of customers (SmsUp), in lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.plugin_api.channels import DeliveryReceipt, DeliveryStatus, Parsed
from console.plugin_api.errors import PermanentFailure

from ..inbound import items_in, loaded, message_from, moment, word
from ..numbers import international


def read(raw: bytes, opt_out: str) -> list[Parsed]:
    """Everything in one push. Raises PermanentFailure."""
    return [found for item in items_in(loaded(raw)) for found in _item(item, opt_out)]


def _item(item: Mapping[str, Any], opt_out: str) -> list[Parsed]:
    if "content" in item:
        return message_from(
            international(item.get("phone_number")),
            word(item.get("content"), 4000),
            moment(item.get("send_time")),
            _own(item),
            opt_out,
            extension=word(item.get("dest_code"), 20),
        )
    if "success" not in item:
        raise PermanentFailure("unreadable", "Neither a report nor an answer.")
    return [_receipt(item)]


def _receipt(item: Mapping[str, Any]) -> DeliveryReceipt:
    """`out_id` is our own key; `biz_id` is Aliyun's name."""
    good = item["success"] is True or word(item["success"]).lower() == "true"
    code = word(item.get("err_code"), 60)
    named = word(item.get("biz_id"))
    key = word(item.get("out_id"), 64)
    if not (named or key):
        raise PermanentFailure("unreadable", "The report names no message.")
    return DeliveryReceipt(
        status=DeliveryStatus.DELIVERED if good else DeliveryStatus.FAILED,
        provider_message_id=named,
        delivery_key=key,
        at=moment(item.get("report_time")),
        code="" if good else dead(code),
        detail="" if good else word(item.get("err_msg")),
    )


def _own(item: Mapping[str, Any]) -> str:
    number = word(item.get("sequence_id"), 60)
    return f"up:{number}" if number else ""


def dead(code: str) -> str:
    """Codes of numbers that do not exist, in the word the house knows for them."""
    return "no_such_number" if code.upper() in ("MK:0001", "MI:0001", "EMPTY_NUMBER", "SPACE_NUMBER") else code
