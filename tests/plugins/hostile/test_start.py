"""Plugins that break while the house starts."""

from pathlib import Path

import pytest

from console.plugin_host.testing import hosting

HERE = Path(__file__).parent


@pytest.fixture
def start(db):
    """The problems of one bad plugin that was loaded beside the neighbour."""

    def load(slug):
        with hosting((HERE, "tests.plugins.hostile"), only={slug, "neighbour"}) as host:
            assert "neighbour" in {entry.slug for entry in host.registry.entries.values()}
            return [(problem.code, problem.detail) for problem in host.registry.problems_of(slug)]

    return load


@pytest.mark.parametrize(
    ("slug", "code", "words"),
    [
        ("raises_at_import", "import", "RuntimeError: broken at import"),
        ("exits_at_import", "import", "SystemExit"),
        ("hangs_at_import", "import", "no end within"),
        ("database_at_import", "import", "DatabaseRefused"),
        ("raises_in_hook", "hook", "ValueError: broken in its hook"),
        ("exits_in_hook", "hook", "SystemExit"),
        ("coroutine_hook", "hook", "coroutine"),
        ("wrapping_hook", "hook", "generator"),
        ("pushing_hook", "hook", "tryfirst, which only the host may"),
        ("unknown_hook", "hook", "no hook of this version"),
        ("greedy_hook", "hook", "asks for 'database'"),
        ("rubbish_hook", "hook", "returned str instead of a list"),
    ],
)
def test_a_bad_start_is_shown_and_the_next_plugin_starts(start, slug, code, words):
    ((found, detail),) = start(slug)
    assert found == code
    assert words in detail


def test_bad_classes_cost_only_themselves(start):
    details = " | ".join(detail for _code, detail in start("rubbish_classes"))
    for name in ("Promising promises", "Asynchronous.parse", "Narrow.send", "42", "None", "dict"):
        assert name in details
    assert "Sound" not in details


def test_a_contested_channel_belongs_to_nobody(db):
    with hosting((HERE, "tests.plugins.hostile"), only={"clash_a", "clash_b", "neighbour"}) as host:
        assert {entry.slug for entry in host.registry.entries.values()} == {"neighbour"}
        assert host.problems("clash_a") == host.problems("clash_b") == ["connector_clash"]
