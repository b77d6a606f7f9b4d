"""Finding, allowing and gating, on folders made for the purpose."""

import pytest

from console.plugin_host import discovery, gates, verdicts
from console.plugin_host.discovery import BUNDLED, LOCAL, Policy

BODY = """[plugin]
slug = "{slug}"
name = {{ en = "{slug}", "zh-hans" = "{slug}" }}
version = "{version}"
requires_api = "{api}"
requires = {requires}
"""


@pytest.fixture
def make(tmp_path):
    """`make("bundled", "alpha")` writes a plugin folder; `make.policy(...)` looks there."""

    def plugin(place, slug, *, version="1.0", api=">=0.9,<2", requires="[]", folder=None):
        home = tmp_path / place / (folder or slug)
        home.mkdir(parents=True)
        (home / "plugin.toml").write_text(
            BODY.format(slug=slug, version=version, api=api, requires=requires), encoding="utf-8"
        )
        return home

    def policy(**options):
        places = ((tmp_path / "bundled", "b", BUNDLED), (tmp_path / "local", "l", LOCAL))
        return Policy(folders=places, home=tmp_path / "home", **options)

    plugin.policy = policy
    return plugin


def codes(policy):
    return {
        found.slug: [problem.code for problem in found.problems] for found in discovery.discover(policy, judge=False)
    }


def test_by_default_only_bundled_plugins_are_allowed(make):
    make("bundled", "alpha")
    make("local", "beta")
    assert codes(make.policy()) == {"alpha": [], "beta": ["not_allowed"]}


def test_the_allow_list_decides_alone(make):
    make("bundled", "alpha")
    make("local", "beta")
    assert codes(make.policy(allow=frozenset({"beta"}))) == {"alpha": ["not_allowed"], "beta": []}
    assert codes(make.policy(allow=frozenset({"beta", "bundled"}))) == {"alpha": [], "beta": []}


def test_a_name_nobody_installed_is_said(make):
    assert codes(make.policy(allow=frozenset({"ghost"}))) == {"ghost": ["not_found"]}


def test_safe_mode_leaves_the_bundled_ones(make):
    make("bundled", "alpha")
    make("local", "beta")
    policy = make.policy(allow=frozenset({"alpha", "beta"}), safe_mode=True)
    assert codes(policy) == {"alpha": [], "beta": ["safe_mode"]}


def test_a_clash_of_names_refuses_both(make):
    make("bundled", "alpha")
    make("local", "alpha")
    found = discovery.discover(make.policy(allow=frozenset({"alpha"})), judge=False)
    assert [[problem.code for problem in one.problems] for one in found] == [["slug_clash"], ["slug_clash"]]
    assert not any(one.runs for one in found)


@pytest.mark.parametrize("api", [">=1.0", "<0.9", "==0.8.*", ">=99"])
def test_another_interface_version_is_skipped_and_shown(make, api):
    make("bundled", "alpha", api=api)
    assert codes(make.policy()) == {"alpha": ["api_range"]}


def test_a_blocked_release_is_skipped_and_the_next_one_is_not(make, monkeypatch):
    monkeypatch.setitem(gates.BLOCKED, "alpha", (("<=1.0", "it loses mail"),))
    home = make("bundled", "alpha")
    assert codes(make.policy()) == {"alpha": ["blocked"]}
    (home / "plugin.toml").write_text(
        BODY.format(slug="alpha", version="1.1", api=">=0.9", requires="[]"), encoding="utf-8"
    )
    assert codes(make.policy()) == {"alpha": []}


@pytest.mark.parametrize(
    ("requires", "expected"),
    [
        ('["httpx>=0.1"]', []),
        ('["httpx>=999"]', ["dependency"]),
        ('["no-such-package-at-all"]', ["dependency"]),
        ("[\"httpx; python_version < '3'\"]", []),
        ('["=="]', ["dependency"]),
    ],
)
def test_declared_dependencies_are_checked_without_import(make, requires, expected):
    make("bundled", "alpha", requires=requires)
    assert codes(make.policy()) == {"alpha": expected}


def test_a_folder_that_is_called_otherwise_is_refused(make):
    make("bundled", "alpha", folder="omega")
    assert codes(make.policy()) == {"omega": ["manifest_invalid"]}


def test_a_broken_manifest_does_not_hide_the_others(make):
    make("bundled", "alpha")
    broken = make("bundled", "beta")
    (broken / "plugin.toml").write_text("slug = ")
    assert codes(make.policy()) == {"alpha": [], "beta": ["manifest_broken"]}


def test_finding_imports_nothing(make, monkeypatch):
    home = make("bundled", "alpha")
    (home / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(home.parents[1]))
    assert codes(make.policy()) == {"alpha": []}


def test_environment_becomes_policy(monkeypatch):
    monkeypatch.setenv("HUIYIN_PLUGINS", " email , sms ")
    monkeypatch.setenv("HUIYIN_SAFE_MODE", "1")
    policy = Policy.from_environment()
    assert (policy.allow, policy.safe_mode) == (frozenset({"email", "sms"}), True)
    monkeypatch.setenv("HUIYIN_PLUGINS", "")
    assert Policy.from_environment().allow is None


def test_a_verdict_is_kept_until_a_file_changes(make, monkeypatch):
    home = make("local", "beta")
    tried = []
    monkeypatch.setattr(verdicts, "try_out", lambda slug: tried.append(slug) or verdicts.Verdict(True))
    policy = make.policy(allow=frozenset({"beta"}))
    discovery.discover(policy)
    discovery.discover(policy)
    assert tried == ["beta"]
    (home / "new.py").write_text("x = 1")
    assert discovery.discover(policy)[0].runs
    assert tried == ["beta", "beta"]


def test_a_bad_verdict_keeps_the_plugin_out_and_is_told(make, monkeypatch):
    make("local", "beta")
    monkeypatch.setattr(verdicts, "try_out", lambda slug: verdicts.Verdict(False, "ImportError: no"))
    policy = make.policy(allow=frozenset({"beta"}))
    (problem,) = discovery.preflight_all(policy)
    assert problem.code == "preflight"
    assert "ImportError: no" in str(problem)
    assert discovery.installed_apps(policy) == []


def test_the_bundled_mail_plugin_is_found_and_contributes_its_app():
    policy = Policy()
    assert "email" in [found.slug for found in discovery.discover(policy) if found.runs]
    assert "plugins.email.apps.EmailConfig" in discovery.installed_apps(policy)
