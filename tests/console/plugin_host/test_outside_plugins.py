"""A package from elsewhere, installed for real on a path of its own, tried in a real subprocess."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.plugin_host import verdicts

ROOT = Path(__file__).resolve().parents[3]
TOML = """[plugin]
slug = "outsider"
name = { en = "Outsider", "zh-hans" = "外来" }
version = "2.0"
requires_api = ">=0.9,<2"
app = "outsider.apps.OutsiderConfig"
"""
APPS = """from django.apps import AppConfig


class OutsiderConfig(AppConfig):
    name = "outsider"
    label = "hyp_outsider"
"""
PLUGIN = """from console.plugin_api.channels import Capabilities, ChannelConnector
from console.plugin_api.forms import ConfigForm
from console.plugin_api.hookspecs import hookimpl


class Outsider(ChannelConnector):
    slug = "outsider"
    label = "Outsider"
    capabilities = Capabilities()
    config_form = ConfigForm


@hookimpl
def register_channel_connectors():
    return [Outsider]
"""


@pytest.fixture
def package(tmp_path):
    """A distribution with an entry point; `package(name, text)` replaces one of its files."""
    site = tmp_path / "site"
    home = site / "outsider"
    facts = site / "outsider-2.0.dist-info"
    home.mkdir(parents=True)
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 2.0\n")
    (facts / "entry_points.txt").write_text("[huiyin.plugins]\noutsider = outsider\n")
    files = {"__init__.py": "", "plugin.toml": TOML, "apps.py": APPS, "plugin.py": PLUGIN}
    for name, text in files.items():
        (home / name).write_text(text, encoding="utf-8")

    def write(name, text):
        (home / name).write_text(text, encoding="utf-8")

    write.site = site
    return write


@pytest.fixture
def manage(package, tmp_path):
    """Run manage.py with the package on the path, as an installed one would be."""

    def run(*arguments, allow="bundled,outsider", **extra):
        environment = {
            **os.environ,
            "PYTHONPATH": str(package.site),
            "HUIYIN_PLUGINS": allow,
            "HUIYIN_HOME": str(tmp_path / "home"),
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "LANGUAGE": "en",
            **extra,
        }
        environment.pop("DATABASE_URL", None)
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def verdict_of(tmp_path):
    return json.loads((tmp_path / "home" / "run" / "plugin_verdicts.json").read_text())["outsider"]


def test_a_sound_package_is_tried_once_and_runs(manage, tmp_path):
    listed = manage("plugin", "list")
    assert "outsider             2.0        installed" in listed.stdout, listed.stderr
    assert verdict_of(tmp_path)["ok"] is True


def test_a_package_nobody_allowed_is_listed_and_never_imported(manage, package):
    package("__init__.py", "import sys; sys.exit('imported')")
    listed = manage("plugin", "list", allow="bundled")
    assert listed.returncode == 0
    assert "outsider" in listed.stdout


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("models.py", "raise RuntimeError('broken models')", "broken models"),
        ("models.py", "import sys; sys.exit(0)", "SystemExit"),
        ("apps.py", APPS + "\n    def ready(self):\n        raise RuntimeError('broken ready')\n", "broken ready"),
        ("apps.py", APPS.replace("hyp_outsider", "staff"), "staff"),
        ("plugin.py", "import no_such_module_anywhere", "no_such_module_anywhere"),
        ("plugin.py", "", "registers nothing"),
    ],
)
def test_a_trial_start_meets_what_would_break_the_house(package, monkeypatch, name, text, words):
    package(name, text)
    monkeypatch.setenv("PYTHONPATH", str(package.site))
    verdict = verdicts.try_out("outsider")
    assert verdict.ok is False
    assert words in verdict.detail


def test_a_broken_package_is_kept_out_and_the_house_starts(manage, package, tmp_path):
    package("models.py", "raise RuntimeError('broken models')")
    started = manage("plugin", "list")
    assert started.returncode == 0, started.stderr
    assert "broken models" in started.stdout
    assert verdict_of(tmp_path)["ok"] is False


def test_the_check_command_says_what_is_wrong(manage, package):
    package("models.py", "raise RuntimeError('broken models')")
    checked = manage("plugin", "check", "outsider")
    assert checked.returncode != 0
    assert "broken models" in checked.stderr


def test_safe_mode_starts_without_it(manage, package, tmp_path):
    package("models.py", "raise RuntimeError('broken models')")
    assert manage("plugin", "list", HUIYIN_SAFE_MODE="1").returncode == 0
    assert not (tmp_path / "home" / "run" / "plugin_verdicts.json").exists()


def test_an_unknown_name_is_said(manage):
    missing = manage("plugin", "check", "ghost")
    assert missing.returncode != 0
    assert "ghost" in missing.stderr
