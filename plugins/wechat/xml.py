"""The small XML of WeChat, read without trust: flat or nearly so, bounded, no declarations of any kind."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from console.plugin_api.errors import PermanentFailure

MAX_BYTES = 256 * 1024
MAX_DEPTH = 6
MAX_ELEMENTS = 400

Node = dict[str, Any]


def read(raw: bytes) -> Node:
    """The children of `<xml>` by name; text as text, nested elements as dicts, repeated names as lists.

    Raises PermanentFailure for anything that is no such document, for a DOCTYPE or an entity, and for too much of it.
    """
    if len(raw) > MAX_BYTES:
        raise PermanentFailure("unreadable", "The document is too large.")
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise PermanentFailure("unreadable", type(error).__name__) from error
    if not isinstance(reader.root, dict):
        raise PermanentFailure("unreadable", "There is no message inside.")
    return reader.root


def word(node: Node, name: str, most: int = 4000) -> str:
    """The text of one child; nothing for what is missing or nested."""
    value = node.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def inner(node: Node, name: str) -> Node:
    """One nested child; an empty one for what is missing."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def cdata(text: str) -> str:
    """A text for the wire; what would end the section is split over two."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


class _Reader:
    """expat with everything refused that a message never has."""

    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = parser.ProcessingInstructionHandler = _refuse
        self.stack: list[tuple[str, Node, list[str]]] = []
        self.count = 0
        self.root: Node | str | None = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.stack) >= MAX_DEPTH:
            _refuse()
        self.stack.append((name, {}, []))

    def _data(self, text: str) -> None:
        if self.stack:
            self.stack[-1][2].append(text)

    def _end(self, name: str) -> None:
        _, children, texts = self.stack.pop()
        value: Node | str = children or "".join(texts)
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1][1]
        if name not in parent:
            parent[name] = value
        else:
            known = parent[name]
            parent[name] = [*known, value] if isinstance(known, list) else [known, value]


def _refuse(*_: object) -> None:
    raise PermanentFailure("unreadable", "The document holds what no message has.")
