"""How the bank calls itself in what it sends. Brand settings of the site come first, then the environment."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def bank_name() -> str:
    """The bank's name in the active language."""
    zh = getattr(settings, "HUIYIN_BANK_NAME", "") or "回音示范银行"
    en = getattr(settings, "HUIYIN_BANK_NAME_EN", "") or "Huiyin Demo Bank"
    return en if (get_language() or "").startswith("en") else zh


def hotline() -> str:
    """The number customers may call; empty when there is none."""
    return getattr(settings, "HUIYIN_HOTLINE", "")
