"""The piece of text that shows why something was found, as safe HTML with the found words marked."""

from collections.abc import Iterable

from django.utils.html import escape

from .query import Query

WIDTH = 120
LEAD = 24


def snippet(text: str, folded: str | None, query: Query) -> str:
    """The surroundings of the first place found. `text` and `folded` have the same length."""
    folded = text if folded is None else folded
    return marked(text, (match.span() for part in query.parts for match in part.pattern.finditer(folded)))


def marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A window of the text around the first span, every span in it marked."""
    places = _merged(sorted(spans))
    start = max(0, (places[0][0] if places else 0) - LEAD)
    end = min(len(text), start + WIDTH)
    out, at = ["…" if start else ""], start
    for first, last in places:
        if first >= end:
            break
        last = min(last, end)
        out += [escape(text[at:first]), "<mark>", escape(text[first:last]), "</mark>"]
        at = last
    out += [escape(text[at:end]), "…" if end < len(text) else ""]
    return "".join(out).replace("\n", " ").strip()


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
