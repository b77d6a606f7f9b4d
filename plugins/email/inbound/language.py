"""Which of our languages a text is in, by its letters."""

from __future__ import annotations

import re

HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
KANA = re.compile("[\u3040-\u30ff]")
LATIN = re.compile("[A-Za-z]")
TRADITIONAL = frozenset(
    "們個這來時說會國學對過還沒後進從動點發當與經問無開實現關機頭長種門間電車東馬語銀號帳費單請謝嗎為麼覺讓"
)


def guess_language(text: str) -> str:
    """`zh-hans`, `zh-hant`, `en`, or "" when the letters do not tell."""
    sample = text[:2000]
    han, latin = HAN.findall(sample), LATIN.findall(sample)
    japanese = len(KANA.findall(sample)) * 3 > len(han)
    if len(han) >= 2 and len(han) * 4 >= len(latin) and not japanese:
        return "zh-hant" if sum(char in TRADITIONAL for char in han) * 12 > len(han) else "zh-hans"
    return "en" if len(latin) >= 10 and not han else ""
