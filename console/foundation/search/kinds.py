"""The kinds of things that can be found, and how each is indexed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

SCOPE_COLUMNS = ("site", "team", "owner", "customer", "language", "audience", "state")
NUMBERS = frozenset(("site", "team", "owner", "customer"))
MAX_KINDS = 16


class Mode(Enum):
    PHRASE = "phrase"
    """Every character pair; a query must stand in the text as written; newest first. Cases, messages."""
    WORDS = "words"
    """Words, pairs and pinyin; best match first. Articles."""


@dataclass(frozen=True)
class Kind:
    name: str
    code: int
    mode: Mode

    @property
    def mark(self) -> str:
        """The letter before each of its terms: one index, but every kind has postings of its own."""
        return chr(ord("a") + self.code)

    def document_id(self, object_id: int) -> int:
        return object_id * MAX_KINDS + self.code


@dataclass(frozen=True)
class Lexicon:
    """Words that mean the same, and words that mean nothing, as the people who write articles set them."""

    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stop_words: frozenset[str] = frozenset()


_kinds: dict[str, Kind] = {}
_lexicons: dict[str, Callable[[], Lexicon]] = {}


def register_kind(name: str, code: int, mode: Mode) -> None:
    """Make a kind known. Codes are stored: never change or reuse one. Raises ValueError for a taken code."""
    if not 0 <= code < MAX_KINDS or any(kind.code == code and kind.name != name for kind in _kinds.values()):
        raise ValueError(f"Search kind {name}: code {code} cannot be used.")
    _kinds[name] = Kind(name, code, mode)


def kind_of(name: str) -> Kind:
    """The kind of a name. Raises KeyError for one nobody registered."""
    return _kinds[name]


def register_lexicon(kind: str, read: Callable[[], Lexicon]) -> None:
    """Called from AppConfig.ready() by the room that edits synonyms. `read` runs at every search: keep it cached."""
    _lexicons[kind] = read


def lexicon_of(kind: str) -> Lexicon:
    return _lexicons[kind]() if kind in _lexicons else Lexicon()


register_kind("case", 0, Mode.PHRASE)
register_kind("message", 1, Mode.PHRASE)
register_kind("article", 2, Mode.WORDS)
