"""Text as it is shown in snippets and as it is compared: the two have the same length, so places carry over."""

import re
import unicodedata

from ..text import clean

HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_GAP = re.compile(rf"(?<=[{HAN}])[ \t\u3000]*\n?[ \t\u3000]*(?=[{HAN}])")
_BLANKS = re.compile(r"[^\S\n]+|\u200b|\ufeff")
_LINES = re.compile(r"\s*\n\s*")


class _Fold(dict):
    """Character by character: full width to half, compatibility to plain, upper to lower; one stays one."""

    def __missing__(self, code: int) -> int:
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        self[code] = ord(folded) if len(folded) == 1 else code
        return self[code]


_table = _Fold()


def display(text: str) -> str:
    """One line of readable text: white space squeezed, line breaks inside Chinese sentences taken out."""
    text = unicodedata.normalize("NFC", clean(text))
    text = _GAP.sub("", text)
    return _LINES.sub(" ", _BLANKS.sub(" ", text)).strip()


def fold(text: str) -> str:
    """The compared form of a displayed text, of the same length."""
    return text.lower() if text.isascii() else text.translate(_table)
