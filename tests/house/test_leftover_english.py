"""Every page of the hub and of the editor in Chinese: no English is left over, whoever's template it came from."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Comment
from django.apps import apps
from django.core.cache import caches
from django.urls import Resolver404, resolve

from cms.services import lay_site
from console.cases import config
from console.outreach.models import TemplateText
from tests.console.desk.seeding import Desk
from tests.factories.cases import cn_bank

pytestmark = [pytest.mark.django_db, pytest.mark.once]
START = ("/console/?hub=1", "/console/desk/", "/accounts/", "/accounts/2fa/", "/cms/", "/cms/account/")
ROOMS = ("/console/", "/accounts/", "/cms/")
LEAVE = re.compile(r"logout|/api/|/documents/|/language/|/end/|/bulk/|jsi18n")
# Not read by people, or read as code; and the one button Wagtail's first page has in plain HTML.
UNREAD = (
    "script, style, template, noscript, code, pre, svg, .material-symbols-outlined, kbd, [lang=en], textarea, "
    "[name=time_zone], .submit.w-sr-only"
)
READ = ("title", "placeholder", "aria-label", "alt")
WORD = re.compile(r"[A-Za-z]{3,}")
HAN = re.compile(r"[一-鿿]")
# Names and codes that are the same in every language, and what a mail server answered.
SAME = re.compile(
    r"Huiyin|Asia/Shanghai|550 mailbox unavailable|Cn-bank 1"
    r"|Root|Help centre|#\d+ [a-z]+.*"
    r"|IMAP|SMTP|Maildir|STARTTLS|OAuth|JSON|YAML|UTC|SMS|Ctrl|Enter|English|Chrome.*|Cards 1|Shanghai"
    r"|GET|POST|PUT|Base64|(?:HMAC-)?SHA-?\d+"
    r"|OAuth 2（.*|\S+\.\w+ → \S+"
    r"|[\w.+*-]+@[\w.-]+|<[^>]+>|[A-Z0-9]{32}|[0-9a-f]{8,}\S*|hy_\w+|HY-[\d-]+|v\d[\w.]*"
    r"|[a-z0-9]+(?:[-_.:/*][a-z0-9#*]+)*(?: \(\d+\))?"
    r"|(?:[a-z]\w*[-_.:]\w+ ?|#\d+ ?)+|[{\[(].*|\d+ [a-z_]+|.* v\d+(?: [a-z-]+)?|.+:\d+(?: #\d+)?"
)

# Words Wagtail 8 writes without asking any catalogue; only a release of theirs can change them.
UNASKED = {"Actions", "Any", "None", "Port", "Root page", "Site name"}


@pytest.fixture
def admin():
    config.forget()
    for name in caches:
        caches[name].clear()
    cn_bank()
    lay_site()
    yield Desk(cases=3).admin
    config.forget()


def test_no_page_in_chinese_has_english_left(client, admin):
    client.force_login(admin)
    data = english_data() | UNASKED
    left, broken = defaultdict(list), []
    for address, status, page in walk(client):
        if status >= 400:
            broken.append((status, address))
        for text in english_of(page) - data:
            left[text].append(address)
    assert broken == []
    assert not left, "\n".join(f"{text!r} at {addresses[0]}" for text, addresses in sorted(left.items()))


def walk(client) -> Iterator[tuple[str, int, BeautifulSoup]]:
    """One page of every address pattern that links lead to."""
    todo, seen = list(START), set()
    while todo:
        address = todo.pop(0)
        answer = client.get(address, follow=True)
        if "html" not in answer.get("Content-Type", "") or answer.streaming:
            continue
        page = BeautifulSoup(answer.content, "html.parser")
        yield address, answer.status_code, page
        for link in page.select("a[href], [hx-get]"):
            found = urlsplit(urljoin(address, link.get("href") or link.get("hx-get")))
            if found.netloc or not found.path.startswith(ROOMS) or LEAVE.search(found.path):
                continue
            pattern = pattern_of(found.path)
            if pattern and pattern not in seen:
                seen.add(pattern)
                todo.append(f"{found.path}?{found.query}" if found.query else found.path)


def pattern_of(path: str) -> str:
    """Lists and forms of every model are pages of their own; their filters and sorts are not."""
    try:
        return resolve(path).route
    except Resolver404:
        return ""


def english_data() -> set[str]:
    """What the configuration says in English, by the columns for it."""
    found = set()
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if field.name.endswith("_en")]
        for row in model._default_manager.values_list(*names) if names else ():
            found.update(row)
    return found | {squeezed(text) for row in TemplateText.objects.values_list("subject", "body") for text in row}


def squeezed(text: str) -> str:
    return " ".join(text.split())


def english_of(page: BeautifulSoup) -> set[str]:
    for unread in page.select(UNREAD):
        unread.decompose()
    texts = [str(text) for text in page.find_all(string=True) if not isinstance(text, Comment)]
    texts += [tag[name] for name in READ for tag in page.select(f"[{name}]")]
    texts += [tag.get("value", "") for tag in page.select("input[type=submit], input[type=button]")]
    lines = {squeezed(text) for text in texts}
    return {text for text in lines if WORD.search(text) and not HAN.search(text) and not SAME.fullmatch(text)}
