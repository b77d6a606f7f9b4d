"""Finding everything a telephone could turn into a link, written plainly or in disguise.

Conservative on purpose: where a channel never carries links, what might be one is one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from .link_domains import LOOKALIKES, STRONG, WEAK

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_LATIN = "|".join(sorted((name for name in STRONG if name.isascii()), key=len, reverse=True))
_HAN = sorted((name for name in STRONG if not name.isascii()), key=len, reverse=True)
# Endings in Chinese that are an address even when the sentence goes on behind them.
_PLAINLY = frozenset(("中国", "中國", "公司", "网络", "網絡", "网址", "我爱你"))
# What people write for a dot when they hope that nobody notices. These are dots to some eye or telephone.
_DOTS = dict.fromkeys(
    map(ord, "\u06d4\u0701\u0702\u1362\u166e\u16eb\u2024\u2027\u2219\u22c5\u2804\u2e33\ua4f8\ua60e\ua789\U00010a50"),
    ".",
) | dict.fromkeys(map(ord, "\u0660\u06f0\u07f8"), ".")
_SAID = r"\.+|d[o0]t|小数点|圆点|句点|句号|的点|[点點。,•·]"
_BETWEEN = (
    rf"[\[({{<【『「《〈]\s*(?:{_SAID})\s*[\])}}>】』」》〉]|[-_~*|+]{{1,5}}(?:{_SAID})[-_~*|+]{{1,5}}|\.{{2,}}"
    r"|小数点|圆点|句点|句号|的点|[点點。・·•‧∙⋅]"
)
_COMMON = "com|cn|net|org|top|xyz|vip|cc"
# Endings that begin no English sentence: only before these a dot with a blank behind it is one of an address.
_NARROW = "com|cn|net|org|xyz|cc|info|biz|io|hk|tw|gov|edu"
_DOT_WORD = re.compile(
    rf"(?<=[a-z0-9])\s*(?:{_BETWEEN})\s*(?=(?:{_LATIN}|[a-z0-9-]{{1,63}}\s*[.点點。]\s*(?:{_LATIN}))(?![a-z0-9-]))"
)
_DOT_SPELT = re.compile(rf"(?<=[a-z0-9])\s+d[o0]t\s+(?=(?:{_LATIN})(?![a-z0-9-]))")
_DOT_GLUED = re.compile(rf"(?<=[a-z0-9])\s*(?:d[o0]t|[,_;、])\s*(?=(?:{_COMMON})(?![a-z0-9-]))")
_DOT_SPACED = re.compile(
    rf"(?<=[a-z0-9])(?:\s+\.\s*(?=(?:{_LATIN})(?![a-z0-9-]))|\.\s+(?=(?:{_NARROW})(?![a-z0-9-])(?:/|\s|$|[^\w\s])))"
)
_LETTERED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9.:/] ){3,}[a-z0-9.:/](?![a-z0-9])")
_NUMBERED = re.compile(r"(?<=\d)(?:\s*。\s*|\s+\.\s*|\.\s+)(?=\d)")
_ADDRESS = re.compile(
    r"(?<![\d.第])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]*\d)(?!\s?[条款项节章版])"
)
_PATTERNS = (
    ("scheme", re.compile(r"(?<![a-z0-9])(?:h\s?t\s?t\s?ps?|h[x*#.]{1,3}ps?|ftp|ws|wss)\s*:\s*/{0,2}\s*[^\s/]+[^\s]*")),
    ("scheme", re.compile(r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}\s?:\s?//\s?\S+")),
    ("scheme", re.compile(r"(?<![a-z0-9])(?:(?:mailto|weixin|alipays?|javascript|intent|itms-apps):|data:[a-z]+/)\S+")),
    ("email", re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")),
    ("www", re.compile(r"(?<![a-z0-9])www\s?\.\s?[\w-]+\S*")),
    ("address", _ADDRESS),
    ("domain", re.compile(r"(?<![a-z0-9])xn--[a-z0-9-]+")),
)
_TOKEN = re.compile(r"[\w.-]+")
_ASCII_START = re.compile(r"[a-z0-9-]+")
_ASCII_END = re.compile(r"[a-z0-9-]{1,63}$")
_PATH = re.compile(r"[/?:#]\S*")
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
    """The text as an eye reads it: one width, nothing invisible, Latin letters for lookalikes, real dots."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", plain)).translate(LOOKALIKES).lower().translate(_DOTS)
    plain = _LETTERED.sub(lambda found: found[0].replace(" ", ""), plain)
    for pattern in (_DOT_WORD, _DOT_SPELT, _DOT_GLUED, _DOT_SPACED):
        plain = pattern.sub(".", plain)
    numbers = _NUMBERED.sub(".", plain)
    return numbers if _ADDRESS.search(numbers) else plain


def find_links(text: str) -> list[Link]:
    """Everything in the text that is a link or could become one."""
    if not text:
        return []
    plain = undisguise(text)
    places = [(kind, *match.span()) for kind, pattern in _PATTERNS for match in pattern.finditer(plain)]
    found: list[tuple[int, int, Link]] = []
    last = -1
    for kind, start, end in sorted([*places, *_domains(plain)], key=lambda place: (place[1], -place[2])):
        if start >= last:
            found.append((start, end, Link(kind, _TAIL.sub("", plain[start:end]))))
            last = end
    return [link for _, _, link in found]


def _domains(plain: str) -> Iterator[tuple[str, int, int]]:
    """Names with dots that end as a domain does, with the path behind them."""
    for token in _TOKEN.finditer(plain):
        begun = token.start()
        while span := _domain_in(plain[begun : token.end()]):
            start, end = begun + span[0], begun + span[1]
            path = _PATH.match(plain, end) if end == token.end() else None
            yield "domain", start, path.end() if path else end
            begun = end


def _domain_in(token: str) -> tuple[int, int] | None:
    """Where in a token the first domain stands, its last labels included whatever they are."""
    labels, at, start, end = token.split("."), 0, 0, 0
    for index, label in enumerate(labels):
        here = at
        at += len(label) + 1
        reach = _ending(labels[index - 1], label) if index else 0
        if reach:
            end = here + reach
        if end and not (reach and reach == len(label)) and not _ASCII_START.fullmatch(label):
            break
        if end and not reach:
            end = here + len(label)
        if not end and not (index and _ASCII_START.fullmatch(label)):
            start = here + _name_start(label)
    return (start, end) if end else None


def _name_start(label: str) -> int:
    """Behind Chinese words a name begins with its first Latin letter."""
    found = _ASCII_END.search(label)
    return found.start() if found else 0


def _ending(before: str, label: str) -> int:
    """How much of a label is the ending of a domain, given the label before it; 0 for none."""
    found = _ASCII_START.match(label)
    word = found[0] if found else ""
    if word in STRONG and before:
        return len(word)
    if word in WEAK and (name := _ASCII_END.search(before)) and re.search("[a-z]", name[0]):
        return len(word)
    # "1.公司名称" counts the items of a list, and a sentence may begin with 手机 behind a careless dot.
    if before and not before.isdigit():
        for name in _HAN:
            rest = label[len(name) :]
            if label.startswith(name) and (name in _PLAINLY or not re.match("[\u3400-\u9fff]", rest)):
                return len(name)
    # Latin letters, a dot, and letters of a third script: a domain of that country.
    if (
        _ASCII_END.search(before)
        and re.match(r"[^\W\d_\u2e80-\u9fff\uac00-\ud7ff]{2,}$", label)
        and not label.isascii()
    ):
        return len(label)
    return 0


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
