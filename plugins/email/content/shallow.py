"""HTML without bottomless nesting: parsers take time that grows with the square of the depth."""

from __future__ import annotations

import re

TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30})[^<>]{0,20000}>")
ALONE = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot",
}  # fmt: skip
"""Tags that never nest: they have no end, or the next one of their kind ends them."""

DEEPEST = 150
MOST_TAGS = 60_000


def shallow(html: str) -> str:
    """The same HTML with tags deeper than `DEEPEST`, and all after very many, left out. Text is never lost."""
    if html.count("<") <= DEEPEST:
        return html
    if not _is_deep(html):
        return html
    out: list[str] = []
    position = depth = 0
    for count, match in enumerate(TAG.finditer(html)):
        out.append(html[position : match.start()])
        position = match.end()
        before, depth = depth, _after(match, depth)
        if max(before, depth) <= DEEPEST and count < MOST_TAGS:
            out.append(match[0])
        else:
            out.append(" ")
    out.append(html[position:])
    return "".join(out)


def _is_deep(html: str) -> bool:
    depth = 0
    for count, match in enumerate(TAG.finditer(html)):
        depth = _after(match, depth)
        if depth > DEEPEST or count > MOST_TAGS:
            return True
    return False


def _after(match: re.Match[str], depth: int) -> int:
    if match[2].lower() in ALONE or match[0].endswith("/>"):
        return depth
    return max(0, depth - 1) if match[1] else depth + 1
