"""From bytes to text, whatever the label says.

Mail from China is labelled gb2312 and holds GB18030; mail from the West is labelled iso-8859-1 and holds
windows-1252; much is not labelled at all. So: a label is replaced by its superset, tried strictly, held
against two well-known lies, and only then do the guesses of the ladder follow.
"""

from __future__ import annotations

import re
from encodings.aliases import aliases
from functools import lru_cache
from typing import NamedTuple

GUESSES = ("utf-8", "gb18030", "big5hkscs")
LABELS = {
    "gb18030": "gb2312 gbk cp936 x_gbk gb18030 gb_2312_80 gb2312_80 euc_cn euccn gb_2312 chinese csgb2312 ms936 "
    "windows_936 csiso58gb231280 iso_ir_58 x_euc_cn gb18030_2000 gb_18030",
    "big5hkscs": "big5 big5_tw csbig5 big5_hkscs big5hkscs cp950 ms950 x_x_big5 cn_big5 hkscs",
    "cp1252": "iso_8859_1 iso8859_1 latin_1 latin1 l1 cp1252 windows_1252 8859",
    "ascii": "ascii us_ascii ansi_x3.4_1968 iso646_us 646",
    "utf-8": "utf8 utf_8 u8 unicode_1_1_utf_8 utf_8_sig utf8mb4 cp65001",
    "utf-7": "utf_7 utf7 unicode_1_1_utf_7 u7",
    "cp932": "shift_jis sjis x_sjis ms_kanji windows_31j cp932 ms932",
    "iso2022_jp_ext": "iso_2022_jp csiso2022jp iso2022_jp",
    "cp949": "euc_kr euckr ks_c_5601_1987 ks_c_5601 ksc5601 cp949 uhc windows_949",
    "cp874": "tis_620 tis620 windows_874 cp874",
    "hz": "hz hz_gb_2312 hzgb",
    "iso8859_8": "iso_8859_8_i iso_8859_8_e",
    "cp1254": "iso_8859_9 iso8859_9 latin5",
}
SUPERSETS = {label: codec for codec, labels in LABELS.items() for label in labels.split()}
NOT_TEXT = {
    "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "idna",
    "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "unicode_internal", "oem",
}  # fmt: skip
KNOWN = {**aliases, **{name: name for name in aliases.values()}}
STATEFUL = re.compile(r"utf-?_?(7|16|32)|2022|^hz$|^cp(037|1026|1140|273|424|500|875)$")
WESTERN = {"cp1252", "ascii", "cp1254", "cp1250", "iso8859_15", "iso8859_2"}
GB2312_PAIR = re.compile(rb"[\xa1-\xa3\xb0-\xf7][\xa1-\xfe]\Z")
CJK = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
BETWEEN = re.compile("[\u0080-\u07ff]")


class Decoded(NamedTuple):
    """Text, the codec that gave it, and a note when the label was not simply believed."""

    text: str
    charset: str
    note: str = ""


@lru_cache(maxsize=512)
def codec_for(label: str) -> str | None:
    """The codec to use for a charset label, None for a label we do not know. Never raises."""
    name = label.strip(" \t\"'").lower().removeprefix("x-unknown").replace("-", "_").replace(" ", "_")
    if name in SUPERSETS:
        return SUPERSETS[name]
    found = KNOWN.get(name) or KNOWN.get(name.removeprefix("x_").removeprefix("cs"))
    return None if found is None or found in NOT_TEXT else SUPERSETS.get(found, found)


def decode(data: bytes, label: str | None = None) -> Decoded:
    """Text of `data`, declared as `label`. Never raises; NULs and lone surrogates do not survive."""
    codec = codec_for(label[:64]) if label else None
    if data.isascii() and not (codec and STATEFUL.search(codec)):
        return _finish(data.decode("ascii"), codec or "ascii", "" if codec or not label else "charset_unknown")
    return _bom(data) or _believed(data, codec) or _guessed(data, codec, bool(label))


def _finish(text: str, charset: str, note: str = "") -> Decoded:
    if "\x00" in text:
        text, note = text.replace("\x00", ""), note or "nul_removed"
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return Decoded(text, charset, note)


def _bom(data: bytes) -> Decoded | None:
    if data.startswith(b"\xef\xbb\xbf"):
        return _finish(data[3:].decode("utf-8", "replace"), "utf-8")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and data.count(b"\0"):
        return _finish(data.decode("utf-16", "replace"), "utf-16")
    return None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _believed(data: bytes, codec: str | None) -> Decoded | None:
    """The label's own reading, unless the bytes plainly are something else."""
    if codec is None:
        return None
    truth = _lie(data, codec)
    if truth:
        return truth
    text = _strict(data, codec)
    return None if text is None else _finish(text, codec)


def _lie(data: bytes, codec: str) -> Decoded | None:
    if codec in WESTERN:
        text = _strict(data, "utf-8")
        if text is not None:
            return _finish(text, "utf-8", "charset_mislabelled")
        return _finish(data.decode("gb18030"), "gb18030", "charset_mislabelled") if looks_chinese(data) else None
    if codec in ("gb18030", "big5hkscs"):
        text = _strict(data, "utf-8")
        if text and len(CJK.findall(text)) >= 3 and not BETWEEN.search(text):
            return _finish(text, "utf-8", "charset_mislabelled")
    return None


def looks_chinese(data: bytes) -> bool:
    """Mostly GB2312 pairs. Accented letters of western texts stand alone, so they never form such pairs."""
    text = _strict(data, "gb18030")
    foreign = [char for char in text[:20000] if not char.isascii()] if text else []
    return len(foreign) >= 3 and sum(map(_in_gb2312, foreign)) * 10 >= len(foreign) * 8


def _in_gb2312(char: str) -> bool:
    return bool(GB2312_PAIR.match(char.encode("gb18030")))


def _guessed(data: bytes, codec: str | None, labelled: bool) -> Decoded:
    note = "charset_wrong" if codec else ("charset_unknown" if labelled else "charset_missing")
    near = _nearly(data, codec)
    if near:
        return near
    for guess in GUESSES:
        text = _strict(data, guess)
        if text is not None:
            return _finish(text, guess, note)
    best = min(
        (data.decode(name, "replace") for name in dict.fromkeys([codec or "utf-8", "utf-8", "gb18030"])),
        key=lambda text: text.count("\ufffd"),
    )
    if best.count("\ufffd") * 8 <= len(data):
        return _finish(best, codec or "utf-8", "charset_damaged")
    return _finish(data.decode("latin-1"), "latin-1", note)


def _nearly(data: bytes, codec: str | None) -> Decoded | None:
    """A label is kept when only a few bytes are broken, as in a text cut in the middle of a character."""
    if codec is None or STATEFUL.search(codec):
        return None
    text = data.decode(codec, "replace")
    broken = text.count("\ufffd")
    right = len(text) - broken - sum(char.isascii() for char in text)
    return _finish(text, codec, "charset_damaged") if 0 < broken * 12 <= right else None
