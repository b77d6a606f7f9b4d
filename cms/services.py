"""Changes to the help centre that are not an editor's: laying the site on first start."""

from django.db import transaction
from wagtail.models import Locale, Page, Site

from .models import HomePage

LANGUAGES = {"zh-hans": ("帮助中心", "有什么可以帮您？"), "en": ("Help centre", "How can we help?")}


@transaction.atomic
def lay_site() -> HomePage:
    """Make the home page of each language and point the default site at the Chinese one. What is there stays as it is,
    whatever editors have made of it."""
    home = HomePage.objects.filter(locale__language_code="zh-hans").first()
    if home is None:
        home = _add_home()
        _drop_welcome_page(home)
    for language in LANGUAGES:
        _translate_home(home, language)
    return home


def home_in(language: str) -> HomePage:
    return HomePage.objects.get(locale__language_code=language)


def _add_home() -> HomePage:
    locale, _ = Locale.objects.get_or_create(language_code="zh-hans")
    root = Page.objects.get(depth=1)
    title, headline = LANGUAGES["zh-hans"]
    page = HomePage(title=title, headline=headline, slug="help", locale=locale)
    # A Chinese home that was deleted comes back as the translation of the one still there.
    if other := HomePage.objects.first():
        page.translation_key = other.translation_key
    home = root.add_child(instance=page)
    home.save_revision().publish()
    return home


def _drop_welcome_page(home: HomePage) -> None:
    """Wagtail's own first page makes way; the default site moves to ours."""
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", is_default_site=True)
    old = site.root_page_id
    site.root_page, site.site_name = home, "Huiyin"
    site.save()
    welcome = Page.objects.filter(pk=old, depth=2).exclude(pk=home.pk).first()
    if welcome is not None and not welcome.get_children().exists() and welcome.specific_class is Page:
        welcome.delete()


def _translate_home(home: HomePage, language: str) -> None:
    locale, _ = Locale.objects.get_or_create(language_code=language)
    if HomePage.objects.filter(locale=locale).exists():
        return
    copy = home.copy_for_translation(locale)
    copy.title, copy.headline = LANGUAGES[language]
    copy.slug = f"help-{language}"
    copy.save_revision().publish()
