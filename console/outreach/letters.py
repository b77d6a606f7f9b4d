"""Letters as PDF: words from a template edited in the hub, fonts inside, kept as they went out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from console.cases.models import Case
from console.channels import vault
from console.events import Actor, emit

from .brand import bank_name
from .models import Letter
from .rendering import NoTemplate, Rendered, render
from .variables import zone_of_customer

CODE = "decision-letter"
SOURCE = Path(__file__).parent / "typst" / "letter.typ"
HAN = re.compile(r"[\u3400-\u9fff]")


class LetterError(Exception):
    """The letter cannot be made; `code` says why: no_template, no_font, failed."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@lru_cache(maxsize=1)
def _fonts() -> Any:
    # Slow to find and heavy to import: once for each process that makes letters.
    import typst

    folders = [folder for folder in settings.LETTER_FONTS if Path(folder).is_dir()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


@lru_cache(maxsize=1)
def has_chinese_font() -> bool:
    """Whether a font with Chinese letters is installed where letters look for one."""
    return any("CJK SC" in name or name.startswith("Source Han") for name in _fonts().families())


def set_page(words: Rendered, number: str, day: str, *, draft: bool = False) -> bytes:
    """The PDF of these words. Raises LetterError without a Chinese font, or when the page cannot be set."""
    import typst

    with translation.override(words.language):
        bank = bank_name()
        said = {
            "language": words.language,
            "title": words.subject,
            "number": number,
            "bank": bank,
            "date": day,
            "draft": draft,
            "draft_word": _("DRAFT"),
            "lines": [text.strip() for text in words.body.splitlines() if text.strip()],
        }
    if HAN.search(words.subject + words.body + bank) and not has_chinese_font():
        raise LetterError("no_font", _("No Chinese font is installed for letters (fonts-noto-cjk)."))
    inputs = {"letter": json.dumps(said, ensure_ascii=False)}
    try:
        return typst.compile(SOURCE.read_bytes(), font_paths=_fonts(), sys_inputs=inputs, format="pdf")
    except typst.TypstError as error:
        raise LetterError("failed", str(error)) from error


def compose(case: Case, *, draft: bool = False) -> tuple[Rendered, bytes]:
    """The decision letter of a case as it stands, in the customer's language. Raises LetterError."""
    try:
        words = render(CODE, case.language, case)
    except NoTemplate as error:
        raise LetterError("no_template", _("There is no template for the decision letter.")) from error
    day = timezone.localdate(timezone=zone_of_customer(case)).isoformat()
    return words, set_page(words, case.number, day, draft=draft)


def make(case: Case, actor: Actor) -> Letter:
    """Make the decision letter and keep it; the same words again give the letter there is. Emits `case.letter_made`."""
    words, content = compose(case)
    print_of_words = hashlib.sha256(f"{words.template}\n{words.subject}\n{words.body}".encode()).hexdigest()
    known = Letter.objects.filter(case=case, round=case.reopened, words=print_of_words).first()
    if known is not None:
        return known
    letter = Letter.objects.create(
        case=case,
        round=case.reopened,
        language=words.language,
        template=words.template,
        name=f"{words.subject}_{case.number}.pdf"[:120],
        words=print_of_words,
        stored_as=vault.write(content),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    emit(case.stream, "case.letter_made", {"case_id": case.pk, "letter_id": letter.pk}, actor=actor)
    return letter


def letters_of(case: Case) -> list[Letter]:
    """The letters made for a case, newest first."""
    return list(Letter.objects.filter(case=case))


def read(letter: Letter) -> Iterator[bytes]:
    """The bytes as they went out. Raises VaultError when the file is missing or was changed."""
    return vault.read(letter.stored_as)


def opened(letter: Letter, actor: Actor) -> None:
    """Put on record that somebody looked; emits `case.letter_opened`."""
    emit(letter.case.stream, "case.letter_opened", {"case_id": letter.case_id, "letter_id": letter.pk}, actor=actor)
