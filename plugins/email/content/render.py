"""HTML as plain text: paragraphs, lists, tables, links, and where a client's quotation starts.

nh3 first makes a well-formed tree of whatever came, so the reader below only meets closed tags.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

from .clean import DROPPED_WITH_CONTENT
from .shallow import shallow

QUOTE_MARK = "\ue0f1"
"""Stands alone on a line where a mail client began the quoted mail."""

BLOCKS = {
    "address", "blockquote", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol",
    "p", "pre", "table", "ul", "li", "tr", "caption",
}  # fmt: skip
SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table", "pre", "dl"}
QUOTE_CLASS = re.compile(
    r"\b(gmail_quote|gmail_quote_container|qmbox|yahoo_quoted|moz-cite-prefix|protonmail_quote|ntes_quote"
    r"|netease_quote|zmail_extra|foxmail_quote|tutanota_quote|outlook_quote)\b"
)
QUOTE_ID = re.compile(r"\b(divRplyFwdMsg|appendonsend|isReplyContent|ms-outlook-mobile-reference-message|origbody)\b")
HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt)?\s*(?:;|\Z)", re.IGNORECASE)
WORD_BORDER = re.compile(r"border-top:\s*solid\s*#?(?:E1E1E1|B5C4DF)", re.IGNORECASE)
SPACES = re.compile(r"[ \t\r\n\f\xa0\u200b\u200c\ufeff\xad]+")
BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
LONGEST = 1_000_000
DEEPEST = 200

_TAGS = (
    set(nh3.ALLOWED_TAGS) | BLOCKS | {"font", "big", "thead", "tbody", "tfoot", "td", "th", "img", "u", "s", "strike"}
)
_WELL_FORMED = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=DROPPED_WITH_CONTENT - {"textarea"},
    attributes={"*": {"class", "id", "style", "type"}, "a": {"href"}, "img": {"alt"}, "ol": {"start"}},
    link_rel=None,
    strip_comments=True,
)


def html_to_text(html: str) -> str:
    """Readable text of a mail's HTML. Never raises; very long input is read up to a million characters."""
    reader = _Reader()
    reader.feed(_WELL_FORMED.clean(shallow(html[:LONGEST])))
    reader.close()
    return BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in reader.result().split("\n"))).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.lists: list[int | None] = []
        self.links: list[tuple[str, int]] = []
        self.hidden = 0
        self.pre = 0
        self.cell = False
        self.quoted = False

    def result(self) -> str:
        return "".join(self.out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.out.append("\n")
        elif tag == "img":
            self._image(values.get("alt", ""))
        elif tag not in ("hr", "wbr", "col"):
            self._enter(tag, values)
        if tag == "hr":
            self._line_break()
            self.out.append("--------\n")

    def _enter(self, tag: str, values: dict[str, str]) -> None:
        self.open.append(tag)
        hides = self.hidden or HIDDEN.search(values.get("style", ""))
        if hides:
            self.hidden += 1
            return
        self._mark_quote(tag, values)
        if tag in BLOCKS:
            self._line_break(2 if tag in SPACED and not self.lists and not self.cell else 1)
        if tag in ("td", "th"):
            self._next_cell()
        elif tag in ("ul", "ol"):
            self.lists.append(
                int(values["start"]) if values.get("start", "").isdecimal() else 1 if tag == "ol" else None
            )
        elif tag == "li":
            self._bullet()
        elif tag == "a":
            self.links.append((values.get("href", ""), len(self.out)))
        self.pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open[-DEEPEST:]:
            return
        while self.open:
            name = self.open.pop()
            self._leave(name)
            if name == tag:
                return

    def _leave(self, tag: str) -> None:
        if self.hidden:
            self.hidden -= 1
            return
        self.pre -= tag == "pre"
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "a" and self.links:
            self._close_link(*self.links.pop())
        elif tag == "tr":
            self.cell = False
        if tag in BLOCKS:
            self._line_break(2 if tag in SPACED and not self.lists and not self.cell else 1)

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.pre:
            self.out.append(data)
            return
        text = SPACES.sub(" ", data)
        if text.startswith(" ") and (not self.out or self.out[-1].endswith(("\n", " ", "\t"))):
            text = text[1:]
        if text:
            self.out.append(text)

    def _line_break(self, count: int = 1) -> None:
        last = "".join(self.out[-2:])
        if last and not last.endswith(" | "):
            self.out.append("\n" * max(0, count - (len(last) - len(last.rstrip("\n")))))

    def _next_cell(self) -> None:
        """Cells of a row stand on one line, whatever blocks were inside the one before."""
        if self.cell and self.out:
            while self.out and not self.out[-1].strip():
                self.out.pop()
            self.out.append(" | ")
        self.cell = True

    def _bullet(self) -> None:
        number = self.lists[-1] if self.lists else None
        self.out.append("  " * max(0, len(self.lists) - 1) + ("- " if number is None else f"{number}. "))
        if number is not None:
            self.lists[-1] = number + 1

    def _image(self, alt: str) -> None:
        alt = SPACES.sub(" ", alt).strip()
        if alt and not self.hidden:
            self.out.append(f"[{alt[:200]}]")

    def _close_link(self, href: str, start: int) -> None:
        shown = "".join(self.out[start:]).strip()
        target = href.strip().removeprefix("mailto:")
        if (
            href.lower().startswith(("http:", "https:", "mailto:"))
            and len(target) <= 500
            and target.strip("/") not in shown
        ):
            self.out.append(f" ({target})" if shown else target)

    def _mark_quote(self, tag: str, values: dict[str, str]) -> None:
        if self.quoted:
            return
        by_name = QUOTE_CLASS.search(values.get("class", "")) or QUOTE_ID.search(values.get("id", ""))
        by_form = tag == "blockquote" and values.get("type", "").lower() == "cite"
        if by_name or by_form or WORD_BORDER.search(values.get("style", "")):
            self.quoted = True
            self._line_break()
            self.out.append(f"{QUOTE_MARK}\n")
