"""Both languages complete: nothing untranslated, nothing fuzzy, compiled files in step with their sources."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted(
    path
    for folder in ("console", "cms", "plugins")
    for path in (ROOT / folder).rglob("zh_Hans/LC_MESSAGES/*.po")
    if "local" not in path.parts
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_catalogue_is_complete_and_compiled(path: Path):
    catalogue = polib.pofile(str(path))
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    compiled = {
        e.msgid: e.msgstr for e in polib.mofile(str(path.with_suffix(".mo"))) if not e.msgid_plural and not e.msgctxt
    }
    assert compiled == {
        e.msgid: e.msgstr for e in catalogue if not e.obsolete and not e.msgid_plural and not e.msgctxt
    } | {m: s for m, s in compiled.items() if m not in {e.msgid for e in catalogue}}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_placeholders_survive_translation(path: Path):
    broken = [
        entry.msgid
        for entry in polib.pofile(str(path))
        if not entry.obsolete and not entry.msgid_plural
        if sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(PLACEHOLDER.findall(entry.msgstr))
    ]
    assert broken == []


# One process for all rooms: starting Django is most of the cost.
EXTRACT = """
import os, sys
sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings.test"
import django
django.setup()
from django.core.management import call_command
for app in sys.argv[1:]:
    os.chdir(app)
    call_command("makemessages", locale=["zh_Hans"], no_location=True, no_obsolete=True, verbosity=0)
"""


@pytest.mark.service("gettext")
def test_every_string_of_the_source_is_in_its_catalogue(tmp_path: Path):
    """Extract afresh in a copy; no new msgid may appear."""
    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns("var", ".venv", ".git", "node_modules", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignore)
    apps = [copy / path.relative_to(ROOT).parents[3] for path in CATALOGUES]
    subprocess.run([sys.executable, "-c", EXTRACT, *map(str, apps)], cwd=copy, check=True, capture_output=True)
    fresh = {path: polib.pofile(str(copy / path.relative_to(ROOT))) for path in CATALOGUES}
    missing = [
        (str(path.relative_to(ROOT)), entry.msgid)
        for path, catalogue in fresh.items()
        for entry in catalogue
        if not entry.translated() or "fuzzy" in entry.flags
    ]
    assert missing == []


HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!](?!\d)")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_uses_full_width_punctuation(path: Path):
    assert [e.msgstr for e in polib.pofile(str(path)) if HALF_WIDTH.search(e.msgstr)] == []


def test_one_word_has_one_translation():
    """All catalogues become one when the product runs, so the last room's word would stand on every other's pages.

    Two meanings of one English word are told apart by a context (pgettext).
    """
    said: dict[tuple, dict[str, set[str]]] = {}
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                words = entry.msgstr or "|".join(entry.msgstr_plural.values())
                room = str(path.relative_to(ROOT)).partition("/locale/")[0]
                said.setdefault((entry.msgctxt, entry.msgid), {}).setdefault(words, set()).add(room)
    assert {key: words for key, words in said.items() if len(words) > 1} == {}
