"""Blueprints: read safely, compared in words, applied as a whole, exported to the same document."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from console.events import Actor
from console.events.models import Event
from console.lowcode.blueprints import Bundle, BundleRefused, Problem, apply, diff, dump, export, load, register_section
from console.lowcode.blueprints.registry import _sections
from console.lowcode.models import BlueprintRelease, SavedView
from tests.factories.lowcode import SavedViewFactory

BOSS = Actor("staff", "1", "boss")
HEAD = "format: huiyin-blueprint/1\nname: t\n"


@pytest.fixture
def store():
    """Two sections over plain dictionaries (and one real table, so that a transaction has something to undo)."""
    before = dict(_sections)
    _sections.clear()
    state = {"types": {}, "texts": {}}

    def section(name, order):
        def put(data, actor, reason):
            for item in data:
                if item.get("fail"):
                    raise ValidationError("cannot be")
                SavedViewFactory(code=f"{name}-{item['code']}-{len(state[name])}")
                transaction.on_commit(lambda item=item: state[name].update({item["code"]: item}))

        def check(data):
            return [Problem(item["code"], "is bad") for item in data if item.get("bad")]

        register_section(name, order, lambda: list(state[name].values()), put, check, label=name.title())

    section("types", 10)
    section("texts", 20)
    yield state
    _sections.clear()
    _sections.update(before)


def written() -> bool:
    """Whether the sections of these tests left a row; other rooms ship views of their own."""
    return SavedView.objects.filter(code__regex="^(types|texts)-").exists()


def bundle(**sections) -> Bundle:
    return Bundle("t", "1", {}, sections)


@pytest.mark.django_db(transaction=True)
class TestApply:
    def test_it_applies_in_order_and_keeps_a_release_and_an_event(self, store):
        done = apply(bundle(texts=[{"code": "b"}], types=[{"code": "a", "n": 1}]), BOSS, reason="first")
        assert store == {"types": {"a": {"code": "a", "n": 1}}, "texts": {"b": {"code": "b"}}}
        release = BlueprintRelease.objects.get()
        assert (done.release, release.author, release.reason) == (release, "staff:boss", "first")
        assert load(release.bundle).digest() == release.digest
        event = Event.objects.get(type="blueprint.applied")
        assert (event.stream, event.data["changes"], event.actor_label) == ("configuration", 2, "boss")

    def test_applying_again_changes_nothing(self, store):
        apply(bundle(types=[{"code": "a"}]), BOSS, reason="first")
        done = apply(bundle(types=[{"code": "a"}]), BOSS, reason="again")
        assert (done.changes, done.release) == ((), None)
        assert BlueprintRelease.objects.count() == 1

    def test_a_failure_undoes_everything(self, store):
        with pytest.raises(BundleRefused, match="cannot be"):
            apply(bundle(types=[{"code": "a"}], texts=[{"code": "b", "fail": True}]), BOSS, reason="x")
        assert store == {"types": {}, "texts": {}}
        assert not BlueprintRelease.objects.exists()
        assert not written()

    def test_a_dry_run_finds_the_failure_and_changes_nothing(self, store):
        done = apply(bundle(types=[{"code": "a"}]), BOSS, dry_run=True)
        assert (len(done.changes), done.release) == (1, None)
        with pytest.raises(BundleRefused):
            apply(bundle(types=[{"code": "b", "fail": True}]), BOSS, dry_run=True)
        assert store["types"] == {}
        assert not written()

    def test_it_needs_a_reason(self, store):
        with pytest.raises(BundleRefused):
            apply(bundle(types=[{"code": "a"}]), BOSS, reason=" ")

    @pytest.mark.parametrize(
        "sections",
        [
            {"other": []},
            {"types": "a"},
            {"types": ["a"]},
            {"types": [{"n": 1}]},
            {"types": [{"code": "a"}, {"code": "a"}]},
            {"types": [{"code": "a", "bad": True}]},
        ],
    )
    def test_what_is_not_valid_is_refused_before_anything_happens(self, store, sections):
        with pytest.raises(BundleRefused):
            apply(bundle(**sections), BOSS, reason="x")
        assert not written()

    def test_export_and_apply_are_a_round_trip(self, store):
        apply(bundle(types=[{"code": "a", "zh": "投诉", "n": [1, 2]}], texts=[{"code": "b"}]), BOSS, reason="x")
        document = dump(export("all"))
        assert diff(load(document)) == []
        assert dump(load(document)) == document
        assert "投诉" in document


@pytest.mark.django_db
def test_a_difference_reads_as_a_sentence_in_both_languages(store):
    store["types"]["a"] = {"code": "a", "days": 15, "fields": [{"code": "x", "max": 1}], "old": 1}
    wanted = {"code": "a", "days": 30, "fields": [{"code": "x", "max": 2}, {"code": "y"}]}
    changes = diff(bundle(types=[wanted, {"code": "b"}]))
    assert [change.sentence("en") for change in changes] == [
        "Types: change a.days from 15 to 30",
        "Types: change a.fields.x.max from 1 to 2",
        'Types: in a.fields.y add {"code": "y"}',
        "Types: in a.old remove 1",
        "Types: add b",
    ]
    assert changes[0].sentence("zh-hans") == "Types：将 a.days 由 15 改为 30"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a blueprint"),
        ("- a", "not a blueprint"),
        ("format: other\nname: x", "not a blueprint"),
        ("format: huiyin-blueprint/1", "needs a name"),
        (HEAD + "extra: 1", "Unknown entries: extra"),
        (HEAD + "sections: []\ntitle: x", "title and sections"),
        (HEAD + "sections: {a: &x [1], b: *x}", "Aliases"),
        (HEAD + "name: u", "Named twice"),
        (HEAD + "sections: {types: [{code: a, code: b}]}", "Named twice"),
        (HEAD + "sections: !!python/object:os.system {}", "cannot be read"),
        ("{", "cannot be read"),
        ("\x00", "cannot be read"),
        (b"\xff\xfe\xff", "cannot be read"),
        ("[" * 5000, "cannot be read"),
        ("x" * 5_000_001, "at most"),
    ],
)
def test_bad_documents_are_refused(text, words):
    from django.utils import translation

    with translation.override("en"), pytest.raises(BundleRefused, match=words):
        load(text)


def test_dates_stay_text():
    assert load(HEAD + "sections: {days: {a: 2026-10-01}}").sections == {"days": {"a": "2026-10-01"}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=6), JSON, max_size=3))
def test_whatever_is_dumped_loads_the_same(sections):
    made = Bundle("t", "1", {"zh": "试"}, sections)
    assert load(dump(made)) == made
    assert load(dump(made, "json")) == made


@pytest.mark.django_db(transaction=True)
class TestCommand:
    def run(self, *args, **options) -> str:
        out = io.StringIO()
        call_command("blueprint", *args, stdout=out, stderr=out, **options)
        return out.getvalue()

    def test_apply_diff_export(self, store, tmp_path):
        path = tmp_path / "b.yaml"
        path.write_text(HEAD + "sections: {types: [{code: a, zh: 投诉}]}\n", encoding="utf-8")
        assert "1 would change" in self.run("apply", str(path), "--dry-run")
        with pytest.raises(SystemExit):
            self.run("diff", str(path))
        assert "1 changed" in self.run("apply", str(path), "--reason", "first")
        assert self.run("diff", str(path)) == ""
        assert "投诉" in self.run("export")
        self.run("export", "types", "--json", "--output", str(tmp_path / "out.json"))
        assert load((tmp_path / "out.json").read_bytes()).sections == {"types": [{"code": "a", "zh": "投诉"}]}

    def test_a_refusal_names_every_problem(self, store, tmp_path):
        path = tmp_path / "b.yaml"
        path.write_text(HEAD + "sections: {types: [{code: a, bad: true}, {code: b, bad: true}]}\n")
        with pytest.raises(CommandError, match="2 problems"):
            self.run("apply", str(path), "--reason", "x")

    def test_a_missing_file_is_no_traceback(self, store):
        with pytest.raises(CommandError):
            self.run("diff", "/nowhere/b.yaml")


@pytest.mark.django_db
class TestViewSection:
    def test_shared_views_travel_in_blueprints(self, case_subject):
        from console.lowcode.services import view_section

        SavedViewFactory(code="late", subject=case_subject, tree={"field": "grade", "op": "gte", "value": 3})
        SavedView.objects.exclude(code="late").delete()
        data = view_section.export()
        SavedView.objects.all().delete()
        assert view_section.validate(data) == []
        view_section.apply(data, BOSS, "x")
        assert view_section.export() == data

    def test_a_broken_view_is_named(self, case_subject):
        from console.lowcode.services import view_section

        bad = [{"code": "x", "subject": case_subject, "tree": {"field": "nothing", "op": "eq", "value": 1}}]
        assert view_section.validate(bad)
        assert view_section.validate([{"code": "x", "colour": "red"}])
