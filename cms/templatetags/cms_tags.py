"""Template tags of the public pages."""

from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils.translation import get_language
from wagtail.models import Page, Site

from cms.models import Brand

register = template.Library()
NAMES = {"zh-hans": "简体中文", "en": "English"}


@register.simple_tag(takes_context=True)
def brand(context) -> Brand:
    """How the organisation presents itself; defaults when no site is laid yet."""
    site = Site.find_for_request(context["request"])
    return Brand.for_site(site) if site else Brand()


@register.simple_tag
def home_url() -> str:
    language = get_language() or settings.LANGUAGE_CODE
    return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"


@register.simple_tag(takes_context=True)
def translations_of(context, page) -> list[tuple[str, str, str]]:
    """(language code, its own name, address) of every language this page can be read in."""
    request = context["request"]
    if isinstance(page, Page) and request.path.rstrip("/") == (page.get_url(request) or "").rstrip("/"):
        pages = [page, *page.get_translations().live()] if page.pk else []
        return [
            (code, NAMES.get(code, code), other.get_url(request))
            for other in pages
            if (code := other.locale.language_code) in NAMES
        ]
    return [(code, NAMES[code], translate_url(request.get_full_path(), code)) for code in NAMES]
