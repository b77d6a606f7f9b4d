"""HTML that may be shown to an agent: an allow-list, no remote content, pictures only by Content-ID."""

from __future__ import annotations

import re
from typing import NamedTuple

import nh3

from .shallow import shallow

TAGS = {
    "a", "abbr", "address", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
DROPPED_WITH_CONTENT = {
    "script", "style", "title", "head", "template", "noscript", "svg", "math", "select", "textarea", "object",
}  # fmt: skip
CELL = {"align", "valign", "bgcolor", "width", "height"}
ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {*CELL, "border", "cellpadding", "cellspacing"},
    "td": {*CELL, "colspan", "rowspan", "nowrap"},
    "th": {*CELL, "colspan", "rowspan", "scope"},
    "tr": CELL,
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "blockquote": {"type"},
}
STYLES = {
    "color", "background-color", "font-weight", "font-style", "font-size", "font-family", "text-align",
    "text-decoration", "text-indent", "line-height", "white-space", "vertical-align", "border", "border-top",
    "border-right", "border-bottom", "border-left", "border-color", "border-collapse", "border-style",
    "border-width", "margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding",
    "padding-top", "padding-right", "padding-bottom", "padding-left", "width", "height", "display",
    "list-style-type",
}  # fmt: skip
BLOCKED = "blocked"
BLOCKED_SRC = re.compile(rf'(<img\b[^<>]*?) src="{BLOCKED}:([^"]*)"')
REMOTE = re.compile(r"\s*(?:https?:|ftp:|//)", re.IGNORECASE)
DATA_IMAGE = re.compile(r"\s*data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]{1,700000}\Z", re.IGNORECASE)
URL_IN_STYLE = re.compile(r"url\s*\(|expression|@import|\\", re.IGNORECASE)


class Cleaned(NamedTuple):
    """Safe HTML, and how many remote pictures were blocked."""

    html: str
    blocked: int


def _filter(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        if value.strip().lower().startswith("cid:") or DATA_IMAGE.match(value):
            return value.strip()
        return f"{BLOCKED}:{value.strip()[:2000]}" if REMOTE.match(value) else None
    if name == "href":
        return None if value.strip().lower().startswith((f"{BLOCKED}:", "data:", "cid:")) else value
    if name == "style":
        return None if URL_IN_STYLE.search(value) else value
    return value


CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=DROPPED_WITH_CONTENT,
    attributes=ATTRIBUTES,
    attribute_filter=_filter,
    url_schemes={"http", "https", "mailto", "tel", "cid", "data", BLOCKED},
    filter_style_properties=STYLES,
    link_rel="noopener noreferrer nofollow",
    strip_comments=True,
)


def clean_html(html: str) -> Cleaned:
    """Sanitise a mail's HTML. Remote pictures keep their address in `data-blocked-src` and load nothing."""
    html, blocked = BLOCKED_SRC.subn(r'\1 data-blocked-src="\2"', CLEANER.clean(shallow(html)))
    return Cleaned(html.strip(), blocked)
