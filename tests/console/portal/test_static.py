"""Styles and scripts of the customers' pages, read as text: nothing an old telephone does not know."""

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "console" / "portal" / "static"
NEW_CSS = re.compile(
    r":has\(|oklch|color-mix|\binset:|aspect-ratio|:is\(|:where\(|@container|@layer|\bdvh\b|clamp\(|\bgap:|^\s*&", re.M
)
NEW_JS = re.compile(
    r"\?\.|\?\?|\.at\(|\|\|=|&&=|structuredClone|Object\.hasOwn|replaceAll|\.flat\(|allSettled|import\s*\(|=>|`"
)


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.*")), ids=lambda path: path.name)
def test_styles_and_scripts_run_on_chromium_78_and_ios_13(path):
    found = (NEW_CSS if path.suffix == ".css" else NEW_JS).findall(path.read_text())
    assert found == []
    assert len(path.read_text().splitlines()) <= 180
