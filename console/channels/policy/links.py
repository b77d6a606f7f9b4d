"""Finding everything a telephone could turn into a link, written plainly or in disguise.

Conservative on purpose: where a channel never carries links, what might be one is one.
"""

import re
import unicodedata
from dataclasses import dataclass

from .domains import LOOKALIKES, STRONG, WEAK

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_TOP = "|".join(sorted((re.escape(name) for name in STRONG | WEAK), key=len, reverse=True))
_STRONG = "|".join(sorted((re.escape(name) for name in STRONG), key=len, reverse=True))
_END = r"(?![a-z0-9-])(?!\.[a-z]{2,})"
# What people write for a dot when they hope that nobody notices.
_DOT_WORD = re.compile(
    r"(?<=[a-z0-9])\s*(?:\[\s*(?:\.|dot|点)\s*\]|\(\s*(?:\.|dot|点)\s*\)|\{\s*(?:\.|dot|点)\s*\}|[点點。・·•‧∙⋅])\s*"
    rf"(?=(?:{_STRONG}|[a-z0-9-]+\s*[.点點。]\s*(?:{_STRONG}))(?![a-z0-9-]))"
)
_DOT_SPELT = re.compile(rf"(?<=[a-z0-9])\s+dot\s+(?=(?:{_STRONG})(?![a-z0-9-]))")
_DOT_SPACED = re.compile(rf"(?<=[a-z0-9])(?:\s+\.\s*|\.\s+)(?=(?:{_STRONG})(?![a-z0-9-])(?:/|\s|$|[^\w\s]))")
_PATTERNS = (
    ("scheme", re.compile(r"(?<![a-z0-9])(?:h\s?t\s?t\s?ps?|hxxps?|ftp|ws|wss)\s*:\s*/{0,2}\s*[^\s/]+[^\s]*")),
    ("scheme", re.compile(r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}\s?:\s?//\s?\S+")),
    ("scheme", re.compile(r"(?<![a-z0-9])(?:(?:mailto|weixin|alipays?|javascript|intent|itms-apps):|data:[a-z]+/)\S+")),
    ("email", re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")),
    ("www", re.compile(r"(?<![a-z0-9])www\s?\.\s?[\w-]+\S*")),
    ("address", re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)")),
    (
        "domain",
        re.compile(
            rf"(?<![a-z0-9])(?:[a-z0-9][a-z0-9-]{{0,62}}\.)*[a-z0-9-]*[a-z][a-z0-9-]*\.(?:{_TOP}){_END}(?:[/?:#]\S*)?"
        ),
    ),
    ("domain", re.compile(rf"(?:[\w-]{{1,63}}\.)+(?:{_STRONG}){_END}(?:[/?:#]\S*)?")),
    ("domain", re.compile(r"(?<![a-z0-9])xn--[a-z0-9-]+")),
)
_TAIL = re.compile("[.,;!?)。，；！？）】]+$")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?([^/:?#\s]+)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """Something that is or may become a link, as it reads after every disguise is taken off."""

    kind: str
    text: str

    @property
    def host(self) -> str:
        match = _HOST.match(self.text)
        return match[1].strip(".").removeprefix("www.") if match else ""


def undisguise(text: str) -> str:
    """The text as an eye reads it: one width, no invisible characters, Latin letters for lookalikes, real dots."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _INVISIBLE.sub("", plain).translate(LOOKALIKES).lower()
    for pattern in (_DOT_WORD, _DOT_SPELT, _DOT_SPACED):
        plain = pattern.sub(".", plain)
    return plain


def find_links(text: str) -> list[Link]:
    """Everything in the text that is a link or could become one."""
    if not text:
        return []
    plain = undisguise(text)
    found: list[tuple[int, int, Link]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.append((match.start(), match.end(), Link(kind, _TAIL.sub("", match[0]))))
    return [link for _, _, link in sorted(found, key=lambda item: item[0])]


def hidden_links(html: str) -> list[Link]:
    """Targets of the links of an HTML text; mail addresses and inline pictures are none."""
    targets = (next(part for part in match if part is not None) for match in _groups(html))
    return [
        Link("href", target.lower()) for target in targets if not target.lower().startswith(("mailto:", "cid:", "#"))
    ]


def foreign(links: list[Link], text: str, domains: set[str]) -> list[Link]:
    """Links that do not lead to one of our own domains, or only look as if they did."""
    seen = text.lower()
    return [link for link in links if link.kind != "email" and not _ours(link, seen, domains)]


def _ours(link: Link, seen: str, domains: set[str]) -> bool:
    host = link.host
    own = any(host == domain or host.endswith("." + domain) for domain in domains)
    return own and (link.kind == "href" or host in seen)


def _groups(html: str) -> list[tuple[str | None, ...]]:
    return [match.groups() for match in _HREF.finditer(html)]
