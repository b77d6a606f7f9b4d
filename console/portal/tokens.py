"""Signed names that travel through a customer's browser: the opened form, and the receipt."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from console.foundation import crypto

FORM, RECEIPT = "portal form", "portal receipt"
FORM_SECONDS = 24 * 3600
RECEIPT_SECONDS = 30 * 24 * 3600


class BadToken(ValueError):
    """Not one of ours, for another session, or too old."""


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form as it was handed out. `name` is the same for every press of its button."""

    name: str
    opened_at: float

    @property
    def age(self) -> float:
        return time.time() - self.opened_at


def make_form(session: str = "") -> str:
    """A token for one opened form; `session` ties it to a signed-in customer."""
    data = f"{secrets.token_hex(12)}:{time.time():.3f}:{session}"
    return crypto.sign(FORM, data.encode(), FORM_SECONDS)


def read_form(token: str, session: str = "") -> OpenForm:
    """The form a token stands for. Raises BadToken."""
    try:
        name, opened_at, owner = crypto.verify(FORM, token).decode().split(":", 2)
    except (crypto.BadSignature, ValueError) as error:
        raise BadToken from error
    if owner != session:
        raise BadToken
    return OpenForm(name, float(opened_at))


def make_receipt(reference: str) -> str:
    return crypto.sign(RECEIPT, reference.encode(), RECEIPT_SECONDS)


def read_receipt(token: str) -> str:
    """The reference of the envelope. Raises BadToken."""
    try:
        return crypto.verify(RECEIPT, token).decode()
    except (crypto.BadSignature, ValueError) as error:
        raise BadToken from error
