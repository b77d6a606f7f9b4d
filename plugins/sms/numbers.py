"""Telephone numbers in the spellings providers want."""

from __future__ import annotations

import re

from console.plugin_api.channels import OutboundMessage
from console.plugin_api.errors import PermanentFailure

_E164 = re.compile(r"\+[1-9]\d{5,14}")
_CHINA = "+86"


def recipient_of(message: OutboundMessage) -> str:
    """The one number a message goes to, as +8613800138000. Raises PermanentFailure."""
    if len(message.recipients) != 1:
        raise PermanentFailure("one_recipient", "A text message goes to one number.")
    number = international(message.recipients[0].address.value)
    if not _E164.fullmatch(number):
        raise PermanentFailure("bad_address", "This is not a telephone number.")
    return number


def international(value: object, country: object = "") -> str:
    """A number from a provider or an identity, with its country; eleven digits without one are Chinese."""
    text = re.sub(r"[^\d+]", "", str(value or ""))[:24]
    if text.startswith("+"):
        return text
    if text.startswith("00"):
        return f"+{text[2:]}"
    code = re.sub(r"\D", "", str(country or ""))[:4]
    if code:
        return f"+{text}" if text.startswith(code) and len(text) > 11 else f"+{code}{text}"
    if re.fullmatch(r"1\d{10}", text):
        return f"{_CHINA}{text}"
    return f"+{text}" if len(text) > 11 else text


def digits(number: str) -> str:
    """With the country, without the plus."""
    return number.lstrip("+")


def national(number: str) -> str:
    """Chinese numbers without their country, others with it."""
    return number.removeprefix(_CHINA) if number.startswith(_CHINA) else digits(number)


SPELLINGS = {"e164": str, "digits": digits, "national": national}
