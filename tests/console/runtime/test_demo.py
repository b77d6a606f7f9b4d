"""The demo bank started afresh is the demo bank of a first start: the same rows, sane trees, nothing left over."""

import json
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from console.runtime.demo import afresh
from console.runtime.management.commands.up import take_lock
from tests.conftest import CACHE, migrations_hash
from tests.product import make_product, remove

FEW = ("--cases", "6", "--customers", "5")
COUNTS = """
import json
from django.apps import apps
# How long plugins took is not a row of the bank.
models = [model for model in apps.get_models() if model._meta.label != "plugin_host.PluginHour"]
print(json.dumps({model._meta.label: model._base_manager.count() for model in models}))
"""
STRAY = """
from console.staff.models import Site
from wagtail.models import Page
Site.objects.create(code="stray", name="多出来的")
home = Page.objects.get(depth=2, slug="help")
home.get_children().first().specific.delete()
Page.objects.filter(pk=home.pk).update(numchild=99)
"""


@pytest.fixture
def bank(tmp_path):
    """A migrated installation that does not run, with the demo bank in it."""
    product = make_product(tmp_path / "home", "sqlite")
    kept = CACHE / f"{migrations_hash()}.sqlite3"
    if kept.exists():
        shutil.copyfile(kept, product.home / "huiyin.sqlite3")
    product.manage("migrate")
    product.manage("demo", "load", *FEW)
    return product


def rows(bank) -> dict[str, int]:
    return json.loads(bank.manage("shell", "-v0", "-c", COUNTS))


def test_a_reset_is_a_first_start(bank):
    first = rows(bank)
    assert first["cases.Case"] == 6
    assert first["cases.CategoryIndex"] > first["cases.CaseCategory"] > 0, "found by the category and its branch"
    bank.manage("shell", "-v0", "-c", STRAY)
    stray = bank.home / "vault" / "stray"
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("x")
    password = bank.password

    bank.manage("demo", "reset", *FEW)
    assert rows(bank) == first
    assert bank.manage("fixtree", "--noinput").count("No problems found.") == 2
    assert (stray.exists(), bank.password) == (False, password)

    bank.manage("demo", "load", *FEW)
    assert rows(bank) == first


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_in_the_database_either(tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite the file goes")
    product = make_product(tmp_path / "home")
    try:
        product.manage("migrate")
        product.manage("shell", "-v0", "-c", "from console.runtime.demo import afresh; afresh.empty()")
        assert product.sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
        assert product.sql(afresh.OUR_FUNCTIONS) == []
    finally:
        remove(product)


def test_no_reset_under_a_running_product(settings, tmp_path):
    settings.HUIYIN_DEMO, settings.HUIYIN_HOME = True, tmp_path
    held = take_lock(tmp_path / "up.lock")
    with pytest.raises(CommandError, match=str(tmp_path)):
        call_command("demo", "reset")
    assert held
