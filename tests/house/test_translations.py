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


@pytest.mark.service("gettext")
def test_every_string_of_the_source_is_in_its_catalogue(tmp_path: Path):
    """Extract afresh in a copy; no new msgid may appear."""
    copy = tmp_path / "copy"
    ignore = shutil.ignore_patterns("var", ".venv", ".git", "node_modules", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignore)
    missing = []
    for path in CATALOGUES:
        app = copy / path.relative_to(ROOT).parents[3]
        subprocess.run(
            [
                sys.executable,
                str(copy / "manage.py"),
                "makemessages",
                "-l",
                "zh_Hans",
                "--no-location",
                "--no-obsolete",
            ],
            cwd=app,
            check=True,
            capture_output=True,
        )
        fresh = polib.pofile(str(copy / path.relative_to(ROOT)))
        missing += [(str(app.relative_to(copy)), e.msgid) for e in fresh if not e.translated() or "fuzzy" in e.flags]
    assert missing == []


HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!](?!\d)")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_uses_full_width_punctuation(path: Path):
    assert [e.msgstr for e in polib.pofile(str(path)) if HALF_WIDTH.search(e.msgstr)] == []
