"""Columns and articles of the demo bank, in both languages."""

from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale, Site

from cms import search, services
from cms.models import ArticlePage, Brand, ColumnPage

from .files import read

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@transaction.atomic
def load_knowledge() -> int:
    """Publish what is not there yet; returns the number of articles in the source."""
    services.lay_site()
    _brand()
    source = read("articles")
    for column in source["columns"]:
        _column(column)
    for article in source["articles"]:
        _article(article)
    return len(source["articles"])


def _brand() -> None:
    brand = Brand.for_site(Site.objects.get(is_default_site=True))
    brand.name_zh, brand.name_en, brand.hotline = "云杉银行 帮助中心", "Spruce Bank Help", "95599-0000"
    brand.bank_zh, brand.bank_en = "云杉银行（演示）", "Spruce Bank (demo)"
    brand.footer_zh = "云杉银行是虚构的演示银行，所有人物、产品和号码均为虚构。"
    brand.footer_en = "Spruce Bank is a fictional demo bank; all people, products and numbers are invented."
    brand.save()


def _column(column: dict) -> None:
    first = None
    for short, language in LANGUAGES.items():
        home, (title, intro) = services.home_in(language), column[short]
        if ColumnPage.objects.child_of(home).filter(slug=column["slug"]).exists():
            continue
        page = ColumnPage(title=title, intro=intro, icon=column["icon"], slug=column["slug"], locale=home.locale)
        first = _publish(page, home, first)


def _article(article: dict) -> None:
    first = None
    for short, language in LANGUAGES.items():
        column = ColumnPage.objects.get(slug=article["column"], locale__language_code=language)
        if ArticlePage.objects.child_of(column).filter(slug=article["slug"]).exists():
            continue
        words = article[short]
        page = ArticlePage(
            title=words["title"],
            slug=article["slug"],
            short_answer=words["short"],
            popular=article.get("popular", False),
            locale=Locale.objects.get(language_code=language),
            body=[("steps", {"title": "", "steps": [{"text": f"<p>{step}</p>"} for step in words["steps"]]})],
        )
        first = _publish(page, column, first)


def _publish(page, parent, first):
    """Add `page` live; pages of one subject share a translation key. One write: a first edit makes the revision."""
    if first is not None:
        page.translation_key = first.translation_key
    page.first_published_at = page.last_published_at = timezone.now()
    parent.add_child(instance=page)
    if isinstance(page, ArticlePage):
        search.index_article(page)
    return first or page
