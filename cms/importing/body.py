"""An article's body as one cell of a table: plain text or HTML in, HTML out."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3
from django.utils.html import strip_tags

from ..models import ArticlePage

TAGS = {"p", "br", "b", "strong", "a", "ol", "ul", "li"}
HEADS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_HEAD = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.S)
_CELL = re.compile(r"</t[dh]\s*>", re.I)
_LINE = re.compile(r"</(?:tr|div|section|article|blockquote)\s*>", re.I)
_PARAGRAPH = re.compile(r"\n\s*\n")
SHORT = 200
_SENTENCE = re.compile(r"[^。！？!?]+?(?:[。！？!?]+|\.(?=\s|$)|$)", re.S)

Blocks = list[tuple[str, str]]


def blocks_of(text: str) -> Blocks:
    """Heading and text blocks of a cell. What is no part of an article (scripts, styles, frames) is left out."""
    html = _LINE.sub("<br>", _CELL.sub(" ", text)) if _TAG.search(text) else _paragraphs(text)
    html = nh3.clean(html, tags=TAGS | HEADS, attributes={"a": {"href"}}, link_rel=None)
    found: Blocks = []
    for place, piece in enumerate(_HEAD.split(html)):
        kind, value = ("heading", unescape(strip_tags(piece))) if place % 2 else ("text", piece)
        if strip_tags(piece).strip():
            found.append((kind, value.strip()))
    return found


def _paragraphs(text: str) -> str:
    pieces = [escape(piece.strip(), quote=False) for piece in _PARAGRAPH.split(text) if piece.strip()]
    return "".join(f"<p>{'<br>'.join(piece.splitlines())}</p>" for piece in pieces)


def cell_of(article: ArticlePage) -> str:
    """The body as HTML. Blocks a table cannot carry (steps, notices) are written as they read."""
    parts = []
    for block in article.body:
        if block.block_type == "heading":
            parts.append(f"<h2>{escape(block.value, quote=False)}</h2>")
        elif block.block_type == "text":
            parts.append(block.value.source)
        else:
            parts += [value if kind == "text" else f"<h2>{value}</h2>" for kind, value in blocks_of(block.render())]
    return "\n".join(parts)


def short_of(blocks: Blocks) -> str:
    """The first sentence or two, for a row that brings no short answer."""
    text = " ".join(" ".join(unescape(strip_tags(value)).split()) for kind, value in blocks if kind == "text")
    short = ""
    for sentence in _SENTENCE.findall(text)[:2]:
        if short and len(short) + len(sentence) > SHORT:
            break
        short += sentence
    return short.strip()[:SHORT]
