"""What holds for every page: content policy, vendored code, tokens, old browsers, nothing inline."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from console.desk import acts
from console.desk.csp import exception_for
from console.desk.management.commands import vendor_assets
from console.desk.present import clocks, deliveries, people

STATIC = Path(settings.BASE_DIR) / "console/static"
DESK = Path(settings.BASE_DIR) / "console/desk"
TEMPLATES = sorted((DESK / "templates").rglob("*.html"))
STYLES = [*sorted((STATIC / "huiyin").glob("*.css")), *sorted((DESK / "static").rglob("*.css"))]
SCRIPTS = sorted((DESK / "static").rglob("*.js"))
# Newer than Chromium 86: each would break a page there without a word.
NEW_CSS = re.compile(
    r":has\(|oklch|color-mix|\binset:|aspect-ratio|:is\(|:where\(|@container|@layer|\bdvh\b|^\s*&", re.MULTILINE
)
NEW_JS = re.compile(r"\.at\(|structuredClone|Object\.hasOwn|\.findLast\(|randomUUID|this\.#|static \{")
INLINE = re.compile(r"\son[a-z]+=|\sstyle=|<script(?![^>]*\ssrc=)|hx-on|javascript:", re.IGNORECASE)


def policy(response):
    parts = [part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";")]
    return {part[0]: part[1] if len(part) > 1 else "" for part in parts}


def test_the_desk_is_strict(desk):
    rules = policy(desk.get("/console/desk/"))
    assert "unsafe" not in rules["script-src"] + rules["style-src"]
    assert rules["object-src"] == "'none'"


def test_only_the_two_foreign_admins_are_excepted():
    assert exception_for("/console/cases/case/")
    assert exception_for("/cms/pages/")
    for path in ("/console/desk/", "/", "/my/", "/accounts/", "/api/v1/cases"):
        assert exception_for(path) is None


def test_our_own_pages_alone_may_frame_the_sign_in(client, db):
    page = client.get("/accounts/login/")
    assert policy(page)["frame-ancestors"] == "'self'"
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get("/accounts/password/reset/")["X-Frame-Options"] == "DENY"


def test_vendored_files_are_as_recorded(tmp_path, capsys):
    assert vendor_assets.differences() == []
    call_command("vendor_assets")


def test_a_changed_vendored_file_is_noticed(tmp_path):
    for path in vendor_assets.FOLDER.rglob("*"):
        target = tmp_path / path.relative_to(vendor_assets.FOLDER)
        target.mkdir(exist_ok=True) if path.is_dir() else target.write_bytes(path.read_bytes())
    (tmp_path / "htmx/htmx.min.js").write_text("evil()")
    assert vendor_assets.differences(tmp_path) == ["htmx/htmx.min.js"]


def test_every_icon_asked_for_is_in_the_sprite():
    sprite = (STATIC / "vendor/lucide/icons.svg").read_text()
    known = set(re.findall(r'id="([\w-]+)"', sprite))
    asked = {name for path in TEMPLATES for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())}
    asked |= {icon for icon, _label in people.CHANNELS.values()} | {icon for icon, _tone in deliveries.LOOKS.values()}
    asked |= {act.icon for act in acts.ACTS.values() if act.icon} | set(clocks.ICONS.values())
    assert asked <= known, asked - known


def dark_values(css, selector):
    block = css[css.index(selector) :]
    return re.findall(r"(--[\w-]+): ([^;]+);", block[: block.index("}")])


def test_chosen_dark_and_the_devices_dark_are_the_same():
    css = (STATIC / "huiyin/tokens.css").read_text()
    assert dark_values(css, ':root[data-theme="dark"]') == dark_values(css, ':root[data-theme="auto"]')


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("selector", [":root {", ':root[data-theme="dark"]'])
def test_words_stand_out_from_their_ground(selector):
    tokens = dict(dark_values((STATIC / "huiyin/tokens.css").read_text(), selector))
    pairs = [
        (ink, ground)
        for ink in ("--ink", "--ink-2", "--ink-3")
        for ground in ("--ground", "--surface", "--sunken", "--hover")
    ]
    pairs += [(f"--{name}", f"--{name}-soft") for name in ("amber", "red", "green", "violet", "blue")]
    pairs += [("--primary-text", "--primary-soft"), ("--primary-ink", "--primary"), ("--note-ink", "--note")]
    weak = {pair: round(contrast(*(tokens[name] for name in pair)), 2) for pair in pairs}
    assert {pair: value for pair, value in weak.items() if value < 4.5} == {}


def test_unfolds_palette_is_made_of_our_tokens():
    values = set(re.findall(r"#[0-9a-f]{6}", (STATIC / "huiyin/tokens.css").read_text()))
    assert settings.UNFOLD["COLORS"]["primary"]["600"] in values
    assert settings.UNFOLD["COLORS"]["base"]["50"] in values


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_run_on_chromium_86(path):
    assert not NEW_CSS.findall(path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_run_on_chromium_86_and_stay_small(path):
    assert not NEW_JS.findall(path.read_text())
    assert len(path.read_text().splitlines()) <= 160


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_nothing_inline(path):
    if path.name != "frame.html":  # the walled-off frame has a policy of its own
        assert not INLINE.findall(path.read_text())
