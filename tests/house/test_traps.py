"""Traps already seen, each with its guard. Guards that need running parts stand with their rooms; those here are what
the source, the settings and the models alone can prove."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from console.customers.models import Customer

ROOT = Path(__file__).resolve().parents[2]
OURS = ("console", "cms", "plugins")
ROOMS = {config.label for config in apps.get_app_configs() if config.name.startswith(OURS)}
SOURCES = [path for folder in OURS for path in (ROOT / folder).rglob("*.py") if "local" not in path.parts]
STYLES = [
    path for folder in OURS for path in (ROOT / folder).rglob("*.css")
    if not {"vendor", "local"} & set(path.parts)
]  # fmt: skip


def test_no_request_is_a_transaction():
    assert not any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values())


def test_staff_are_users_and_customers_are_none():
    assert get_user_model()._meta.label == settings.AUTH_USER_MODEL == "staff.User"
    assert not issubclass(Customer, AbstractBaseUser)
    first = MigrationLoader(None, ignore_no_migrations=True).disk_migrations["staff", "0001_initial"]
    assert any(isinstance(one, migrations.CreateModel) and one.name == "User" for one in first.operations)


def test_both_rooms_of_words_speak_the_same_languages():
    assert [code for code, _ in settings.LANGUAGES] == ["zh-hans", "en"]
    assert list(settings.WAGTAIL_CONTENT_LANGUAGES) == list(settings.LANGUAGES)


@pytest.mark.parametrize("app", sorted(ROOMS))
def test_nothing_big_is_pointed_at_by_the_database(app):
    """Tables that will be partitioned by time have no foreign key constraint to them."""
    big = {"channels.Message", "channels.Envelope", "channels.Delivery", "events.Event", "plugin_host.PluginRun"}
    tied = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model._meta.label in big and field.db_constraint
    ]
    assert tied == []


# Each contracts in the release after the one that stopped reading; say so here.
CONTRACTED: set[tuple[str, str, str]] = set()
NEVER = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable, migrations.RunSQL)
CONTRACTS = (migrations.RemoveField, migrations.DeleteModel)


def ours() -> list[tuple[str, str, migrations.Migration]]:
    loaded = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return [(app, name, one) for (app, name), one in loaded.items() if app in ROOMS]


def test_vendor_specific_ddl_handles_both_vendors_in_python():
    assert [
        (app, name) for app, name, one in ours() for op in one.operations if isinstance(op, migrations.RunSQL)
    ] == []


def test_a_release_only_adds_what_the_one_before_can_live_with():
    """Nodes of two releases run side by side: the older one inserts rows without knowing a new column."""
    wrong = []
    for app, name, one in ours():
        if one.initial:
            continue
        for operation in one.operations:
            said = (app, name, type(operation).__name__)
            if isinstance(operation, NEVER) or (isinstance(operation, CONTRACTS) and said not in CONTRACTED):
                wrong.append(said)
            elif isinstance(operation, migrations.AddField) and not _can_be_left_out(operation.field):
                wrong.append((app, name, f"{operation.model_name}.{operation.name} has neither null nor db_default"))
    assert wrong == []


def _can_be_left_out(field: models.Field) -> bool:
    return field.null or field.many_to_many or field.has_db_default() or field.generated


def test_nothing_of_ours_rests_on_the_queues_own_schedule():
    """Sweeper and watchdog live in the supervisor: a hung queue would hang its schedules too."""
    users = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django_q")
        and {"Schedule", "schedule"} & {name.name for name in node.names}
    ]  # fmt: skip
    assert users == []


def test_no_number_is_the_highest_one_plus_one():
    found = [
        str(path.relative_to(ROOT)) for path in SOURCES if re.search(r"Max\([^)]*\)[^\n]*\+ ?1\b", path.read_text())
    ]
    assert found == []


HEAVY = [
    "typst",
    "sklearn",
    "numpy",
    "pandas",
    "rjieba",
    "pypinyin",
    "holidays",
    "openpyxl",
    "phonenumbers",
    "playwright",
]
IMPORTS = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings.test"
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
print([name for name in sys.argv[1:] if name in sys.modules])
"""


def test_heavy_libraries_are_loaded_by_those_who_need_them():
    command = [sys.executable, "-c", IMPORTS, *HEAVY]
    assert subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip() == "[]"


# Newer than the oldest browser a page is opened with, and without a fallback: the page breaks without a word.
NEWER = re.compile(
    r":has\(|oklch|color-mix|\binset:|aspect-ratio|:is\(|:where\(|@container|@layer|\bdvh\b|^\s*&", re.MULTILINE
)
GAP_IN_A_ROW = re.compile(r"\{[^}]*display:\s*(?:inline-)?flex[^}]*[^-]gap:[^}]*\}")


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_run_on_the_browsers_people_have(path):
    assert not NEWER.findall(path.read_text())


@pytest.mark.parametrize("path", [path for path in STYLES if {"cms", "portal"} & set(path.relative_to(ROOT).parts)])
def test_customers_pages_keep_their_distances_on_chromium_78_and_ios_13(path):
    """A gap between flex items came with Chromium 84 and Safari 14.1, and cannot be asked for with @supports."""
    assert GAP_IN_A_ROW.findall(path.read_text()) == []
