"""How the bank calls itself in what it sends: the brand page first, then the environment."""

from __future__ import annotations

import time

from django.conf import settings
from django.utils.translation import get_language
from wagtail.models import Site

from cms.models import Brand

FRESH_SECONDS = 3.0
_kept: dict[str, tuple[float, Brand]] = {}


def forget() -> None:
    """Drop the brand kept in memory; for tests."""
    _kept.clear()


def bank_name() -> str:
    """The bank's name in the active language."""
    english = (get_language() or "").startswith("en")
    brand = _brand()
    said = (brand.bank_en, settings.HUIYIN_BANK_NAME_EN) if english else (brand.bank_zh, settings.HUIYIN_BANK_NAME)
    other = (brand.bank_zh, settings.HUIYIN_BANK_NAME) if english else (brand.bank_en, settings.HUIYIN_BANK_NAME_EN)
    return next(filter(None, (*said, *other, brand.name)))


def hotline() -> str:
    """The number customers may call; empty when there is none."""
    return _brand().hotline or settings.HUIYIN_HOTLINE


def _brand() -> Brand:
    """The brand of the default site, asked again after some seconds; an unsaved one before there is a site."""
    until, found = _kept.get("brand", (0.0, None))
    if found is None or until < time.monotonic():
        site = Site.objects.filter(is_default_site=True).first()
        found = (Brand.objects.filter(site=site).first() if site else None) or Brand()
        _kept["brand"] = (time.monotonic() + FRESH_SECONDS, found)
    return found
