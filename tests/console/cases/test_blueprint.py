import pytest

from console.cases.models import CaseType, CaseTypeVersion, Category, Grade
from console.cases.services import versions
from console.events import Actor
from console.lowcode.blueprints import bundle
from console.lowcode.blueprints import services as blueprints
from tests.factories.cases import PRESET

pytestmark = pytest.mark.django_db


def test_the_preset_ships_its_types(preset):
    assert list(CaseType.objects.values_list("code", flat=True)) == ["complaint", "enquiry", "recheck"]
    assert Grade.objects.filter(scale__state="active").count() == 5
    assert Category.objects.get(code="credit_card").path == "/cards/credit_card/"


def test_applying_it_again_changes_nothing(preset):
    assert blueprints.diff(bundle.load(PRESET.read_text())) == []


@pytest.mark.parametrize("code", ["complaint", "enquiry", "recheck"])
def test_a_shipped_type_is_sound(preset, code):
    assert versions.problems(CaseTypeVersion.objects.get(type__code=code, state="active")) == []


def test_a_changed_type_becomes_a_new_version(preset):
    loaded = bundle.load(PRESET.read_text())
    loaded.sections["case_types"][0]["reopen_days"] = 10
    blueprints.apply(loaded, Actor("system"), reason="shorter")
    rows = CaseTypeVersion.objects.filter(type__code="complaint").order_by("number")
    assert [(row.number, row.state, row.reopen_days) for row in rows] == [(1, "retired", 30), (2, "active", 10)]


def test_an_unknown_entry_is_named(preset):
    loaded = bundle.load(PRESET.read_text())
    loaded.sections["case_types"][0]["states"][0]["colour"] = "red"
    found = [str(problem) for problem in blueprints.check(loaded)]
    assert len(found) == 1
    assert "case_types.complaint.states.received.colour" in found[0]
