"""One spelling for every address, number and name, so that equal things hash equal."""

import re
import unicodedata
from functools import lru_cache

from console.foundation.crypto import keyed_hash

# Kinds whose address space the whole world shares; elsewhere an address belongs to one of our accounts.
SHARED_SPACES = {"email": "email", "phone": "phone", "sms": "phone", "voice": "phone", "letter": "letter"}
DEFAULT_REGION = "CN"


class NotAnIdentifier(ValueError):
    """What was typed cannot be a value of that kind."""


def space_of(channel_kind: str) -> str:
    """The address space of a channel kind: mail plugins all share "email", telephones and SMS "phone"."""
    head = channel_kind.partition("_")[0].partition("-")[0]
    return SHARED_SPACES.get(head, channel_kind)


def is_shared(channel_kind: str) -> bool:
    return space_of(channel_kind) in SHARED_SPACES.values()


def plain(text: str) -> str:
    """Full-width to half-width, outer blanks away, no controls."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if char.isprintable()).strip()


def normal_email(value: str) -> str:
    """Lower case, domain in its ASCII form. The part before @ keeps its letters: only case is folded."""
    text = plain(value).strip("<>").lower()
    local, at, domain = text.rpartition("@")
    domain = domain.rstrip(".")
    if not (at and local and domain) or any(char.isspace() for char in text):
        raise NotAnIdentifier("not an e-mail address")
    return f"{local}@{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


@lru_cache(maxsize=4096)
def normal_phone(value: str, region: str = DEFAULT_REGION) -> str:
    """E.164 ("+8613800138000"); numbers without a country are read as this region's."""
    import phonenumbers

    text = plain(value)
    if text.startswith("00"):
        text = f"+{text[2:]}"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NotAnIdentifier("not a telephone number") from None
    if not phonenumbers.is_possible_number(number):
        raise NotAnIdentifier("not a telephone number")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{written};{number.extension}" if number.extension else written


def normal_id_card(value: str) -> str:
    """Resident identity number (18, final X in capitals) or a passport-like document number."""
    text = re.sub(r"[\s\-]", "", plain(value)).upper()
    if not re.fullmatch(r"[0-9A-Z]{5,20}", text):
        raise NotAnIdentifier("not an identity document number")
    return text


def normal_card(value: str) -> str:
    text = re.sub(r"[\s\-]", "", plain(value))
    if not re.fullmatch(r"[0-9]{12,19}", text):
        raise NotAnIdentifier("not a bank card number")
    return text


def normal_customer_no(value: str) -> str:
    text = re.sub(r"\s", "", plain(value)).upper()
    if not re.fullmatch(r"[0-9A-Z\-_.]{1,40}", text):
        raise NotAnIdentifier("not a customer number")
    return text


NORMALISERS = {
    "email": normal_email,
    "phone": normal_phone,
    "id_card": normal_id_card,
    "card": normal_card,
    "customer_no": normal_customer_no,
}


def normal(kind: str, value: str) -> str:
    """The one spelling of an identifier. Raises NotAnIdentifier when it cannot be one of that kind."""
    try:
        normalise = NORMALISERS[kind]
    except KeyError:
        raise NotAnIdentifier(f"unknown kind {kind!r}") from None
    return normalise(value)


def value_hash(kind: str, value: str) -> str:
    """What an identifier is found by."""
    return keyed_hash(normal(kind, value), f"identifier:{kind}")


def normal_address(channel_kind: str, address: str) -> str:
    """An address as its channel writes it; one that breaks the rules of its kind is kept as it came.

    Whatever a broken mail names as its sender must still become an identity.
    """
    space = space_of(channel_kind)
    try:
        return NORMALISERS[space](address) if space in ("email", "phone") else plain(address)
    except NotAnIdentifier:
        return plain(address).lower()


def address_hash(channel_kind: str, address: str) -> str:
    """What an identity is found by. For mail and telephone it equals the hash of the identifier."""
    return keyed_hash(normal_address(channel_kind, address), f"identifier:{space_of(channel_kind)}")


def normal_name(name: str) -> str:
    """A whole name without case, blanks and the dots inside transliterated names."""
    return re.sub(r"[\s·•・.,'’\-]", "", unicodedata.normalize("NFKC", name)).casefold()


def name_hash(name: str) -> str:
    """What a name is found by; empty for a name without letters."""
    text = normal_name(name)
    return keyed_hash(text, "customer-name") if text else ""
