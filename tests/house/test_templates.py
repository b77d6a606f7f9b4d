"""Every template parses, and none carries what the content security policy refuses."""

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for folder in ("console", "cms", "plugins")
    for path in (ROOT / folder).rglob("templates/**/*.html")
    if "local" not in path.parts
)
INLINE = re.compile(
    r"<script(?![^>]*\b(?:src|nonce|type=\"application/(?:json|ld\+json)\"))[^>]*>|\son\w+=\"|\sstyle=\"|hx-on",
    re.I,
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_parses_and_has_no_inline_code(path: Path):
    text = path.read_text(encoding="utf-8")
    engines["django"].from_string(text)
    assert INLINE.findall(text) == []
