"""What may be shown of a customer's HTML: an allow-list, no remote content, numbers masked as in the text."""

import re

import nh3

from console.foundation.text import clean
from console.foundation.text.masking import mask_text

TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt"),
    *("em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small"),
    *("span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
}
SCHEMES = {"http", "https", "mailto", "tel", "cid"}
MAX_HTML = 1_000_000
_MARKUP = re.compile(r"(<[^>]*>)")
_TAG = re.compile(r"<[^>]*>")
_HIDDEN_NUMBER = re.compile(r"\d[^\d]{0,3}\d[^\d]{0,3}\d")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Pictures only from the mail itself: anything remote would tell the sender that we looked."""
    if tag == "img" and name == "src" and not value.lower().startswith("cid:"):
        return None
    return value


_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes=SCHEMES,
    attribute_filter=_attribute,
    link_rel="noopener noreferrer nofollow",
    clean_content_tags={"script", "style", "title", "head", "noscript", "template"},
)


def sanitise(html: str) -> str:
    """Only allowed tags and attributes; "" when there is too much of it to be a letter."""
    if not html or len(html) > MAX_HTML:
        return ""
    return _cleaner.clean(clean(html))


def safe_html(html: str) -> str:
    """Sanitised and masked. "" when a number runs through tags and could not be masked in place: the text has it."""
    clean_html = sanitise(html)
    if not clean_html or not _HIDDEN_NUMBER.search(clean_html):
        return clean_html
    parts = _MARKUP.split(clean_html)
    shown = "".join(part if index % 2 else mask_text(part) for index, part in enumerate(parts))
    whole = _TAG.sub("", shown)
    return shown if mask_text(whole) == whole else ""
