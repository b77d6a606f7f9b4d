"""Every word of this room, and of the admin theme, in both languages."""

import re
from pathlib import Path

import polib
import pytest
import unfold
from django.conf import settings
from django.utils import translation

CATALOGUE = Path(settings.BASE_DIR) / "console/desk/locale/zh_Hans/LC_MESSAGES/django.po"
TRANS = re.compile(r"{%\s*(?:trans|translate)\s+([\"'])(.+?)\1")
UNFOLD = sorted(
    {found[1] for path in Path(unfold.__file__).parent.rglob("*.html") for found in TRANS.findall(path.read_text())}
)


def test_the_catalogue_is_complete_and_compiled():
    entries = polib.pofile(str(CATALOGUE))
    empty = [entry.msgid for entry in entries if not (entry.msgstr or any(entry.msgstr_plural.values()))]
    assert empty == []
    compiled = {entry.msgid for entry in polib.mofile(str(CATALOGUE.with_suffix(".mo")))}
    assert {entry.msgid for entry in entries} <= compiled


def test_every_marked_word_of_the_templates_is_in_the_catalogue():
    known = {entry.msgid for entry in polib.pofile(str(CATALOGUE))}
    templates = (Path(settings.BASE_DIR) / "console/desk/templates").rglob("*.html")
    asked = {found[1] for path in templates for found in TRANS.findall(path.read_text())}
    assert asked <= known, asked - known


@pytest.mark.parametrize("words", UNFOLD)
def test_the_admin_theme_speaks_chinese(words):
    with translation.override("zh-hans"):
        assert translation.gettext(words) != words


def test_chinese_uses_its_own_punctuation():
    wrong = re.compile(r"[一-鿿][,;:?!()]|[,;:?!()][一-鿿]")
    found = [entry.msgstr for entry in polib.pofile(str(CATALOGUE)) if wrong.search(entry.msgstr)]
    assert found == []
