"""Web addresses as people type them."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def check_web_address(text: str) -> None:
    """Raises ValidationError for what cannot be called. Whether it may be called is judged at the call."""
    try:
        parts = urlsplit(text.strip())
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or any(char.isspace() or not char.isprintable() for char in text.strip()):
        raise ValidationError(_("Write a web address that begins with https://."), code="address")
