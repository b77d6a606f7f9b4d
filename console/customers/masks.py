"""What somebody sees of a value they may not see whole."""

import re
from typing import Any

from .normal import space_of


def mask_person(name: str) -> str:
    """Family name (or first letter) stays: 林女士 must be recognised without being identified."""
    text = name.strip()
    if not text:
        return ""
    if text.isascii():
        return " ".join(f"{word[0]}{'*' * min(len(word) - 1, 3)}" for word in text.split())
    if len(text) == 1:
        return text
    return f"{text[0]}{'*' * min(len(text) - 1, 3)}"


def mask_firm(name: str) -> str:
    """First two and last two characters of a firm's name."""
    text = name.strip()
    return text if len(text) <= 2 else f"{text[:2]}***{text[-2:] if len(text) > 6 else ''}"


def mask_mail(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at:
        return mask_tail(address)
    return f"{local[:1]}***@{domain}"


def mask_tail(value: str, tail: int = 4) -> str:
    """Only the end, and never more than a third of a short value."""
    shown = min(tail, len(value) // 3)
    return f"****{value[-shown:] if shown else ''}"


def mask_telephone(number: str) -> str:
    """Country and the last four digits; a mainland mobile keeps its first three, as people read it."""
    digits = re.sub(r"\D", "", number)
    if number.startswith("+86") and len(digits) == 13 and digits[2] == "1":
        return f"{digits[2:5]}****{digits[-4:]}"
    if len(digits) < 7:
        return mask_tail(digits)
    prefix = f"+{digits[:-8][:3]} " if number.startswith("+") else ""
    return f"{prefix}****{digits[-4:]}"


def mask_document(number: str) -> str:
    return f"{number[:1]}{'*' * 6}{number[-2:]}" if len(number) > 6 else mask_tail(number)


MASKS = {
    "phone": mask_telephone,
    "email": mask_mail,
    "id_card": mask_document,
    "card": mask_tail,
    "customer_no": mask_tail,
}


def mask(kind: str, value: str) -> str:
    """The mask of an identifier of this kind."""
    return MASKS.get(kind, mask_tail)(value)


def mask_address(channel_kind: str, address: str) -> str:
    """The mask of an address on a channel."""
    return mask(space_of(channel_kind), address)


def mask_name(kind: str, name: str) -> str:
    return mask_firm(name) if kind == "firm" else mask_person(name)


def short_name(customer: Any) -> str:
    """How a customer is called in logs, admin titles and lists of those who may not see names."""
    if customer.erased_at:
        return f"#{customer.pk}"
    return mask_name(customer.kind, customer.display_name) or f"#{customer.pk}"
