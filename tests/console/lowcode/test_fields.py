"""Custom fields: checked by one door, drawn by one form, indexed in step."""

import time
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from console.lowcode.fields import (
    BadPattern,
    FieldErrors,
    FieldSpec,
    build_form,
    compile_pattern,
    json_schema,
    missing,
    problems_of,
    sync_index,
    validate_values,
)

from .sample import CHOICES, SPECS, Thing, ThingIndex


def spec(kind="text", **more) -> FieldSpec:
    choices = tuple(CHOICES) if kind in ("choice", "multi_choice") else ()
    return FieldSpec("f", kind, "字段", "Field", **({"choices": choices} | more))


@pytest.mark.parametrize(
    ("definition", "given", "stored"),
    [
        (spec(), "  hello ", "hello"),
        (spec(), "a\x00b", "ab"),
        (spec(pattern="#{11}"), "13800138000", "13800138000"),
        (spec("long_text"), "two\nlines", "two\nlines"),
        (spec("choice"), "card", "card"),
        (spec("multi_choice"), ["loan", "card"], ["card", "loan"]),
        (spec("number"), "12.50", 12.5),
        (spec("number", min_value="0"), 3, 3),
        (spec("number"), Decimal("99999999999.9999"), 99999999999.9999),
        (spec("date"), "2026-11-22", "2026-11-22"),
        (spec("boolean"), False, False),
    ],
)
def test_good_values_are_stored_in_one_form(definition, given, stored):
    assert validate_values([definition], {"f": given}) == {"f": stored}


@pytest.mark.parametrize(
    ("definition", "given"),
    [
        (spec(), 5),
        (spec(), "two\nlines"),
        (spec(max_length=3), "long"),
        (spec(pattern="#{11}"), "1380013800x"),
        (spec("long_text"), "x" * 20_001),
        (spec("choice"), "boat"),
        (spec("choice"), ["card"]),
        (spec("multi_choice"), ["card", "boat"]),
        (spec("multi_choice"), 5),
        (spec("number"), "much"),
        (spec("number"), True),
        (spec("number", min_value="0"), "-1"),
        (spec("number", max_value="10"), "10.1"),
        (spec("number"), "1e40"),
        (spec("number"), "NaN"),
        (spec("date"), "@today"),
        (spec("date", max_value="2026-01-01"), "2026-11-22"),
        (spec("boolean"), "true"),
    ],
)
def test_bad_values_are_refused_by_name(definition, given):
    with pytest.raises(FieldErrors) as refused:
        validate_values([definition], {"f": given})
    assert list(refused.value.by_field) == ["f"]


def test_unknown_and_hidden_fields_are_refused_alike():
    secret = spec(visible_to=("supervisor",))
    for data, roles in (({"x": 1}, None), ({"f": "y"}, ["agent"])):
        with pytest.raises(FieldErrors):
            validate_values([secret], data, roles=roles)
    assert validate_values([secret], {"f": "y"}, roles=["supervisor"]) == {"f": "y"}


def test_required_depends_on_the_state():
    definition = spec(required_in=("closed",))
    assert validate_values([definition], {}, "open") == {}
    assert [item.code for item in missing([definition], {}, "closed")] == ["f"]
    with pytest.raises(FieldErrors):
        validate_values([definition], {"f": "  "}, "closed")


def test_a_partial_change_leaves_the_rest_and_may_empty_one():
    definitions = [spec(required=True), FieldSpec("g", "text", "乙", "G")]
    assert validate_values(definitions, {"g": ""}, partial=True) == {"g": None}
    with pytest.raises(FieldErrors):
        validate_values(definitions, {"f": ""}, partial=True)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("##-@@", "12-ab", "12-a1"),
        ("6#{15,18}", "6" + "0" * 15, "6" + "0" * 14),
        ("@?", "a中", "a"),
        ("\\##", "#1", "11"),
        ("#{0,2}x", "x", "123x"),
        ("*{1,3}#{1,3}", "a1", "a-1"),
        ("", "", "a"),
    ],
)
def test_patterns(pattern, good, bad):
    fits = compile_pattern(pattern)
    assert fits(good)
    assert not fits(bad)


@pytest.mark.parametrize("pattern", ["{2}", "#{3,1}", "#{0}", "#{101}", "#{", "a}", "#{100}" * 5])
def test_bad_patterns_are_refused(pattern):
    with pytest.raises(BadPattern):
        compile_pattern(pattern)


def test_no_pattern_can_be_made_slow():
    fits = compile_pattern("*{0,100}*{0,100}*{0,100}!")
    started = time.perf_counter()
    assert not fits("a" * 301)
    assert not fits("a" * 300)
    assert time.perf_counter() - started < 1


@given(st.text(alphabet="ab1", max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_patterns_agree_with_regular_expressions(text, least, more):
    import re

    most = max(least + more, 1)
    expected = re.fullmatch(f"[a-z]{{{least},{most}}}[a-z0-9]?1", text) is not None
    assert compile_pattern(f"@{{{least},{most}}}*{{0,1}}1")(text) == expected


@pytest.mark.parametrize(
    "definition",
    [
        FieldSpec("", "text", "甲", "A"),
        FieldSpec("f", "colour", "甲", "A"),
        FieldSpec("f", "text", "", "A"),
        FieldSpec("f", "choice", "甲", "A"),
        FieldSpec("f", "choice", "甲", "A", choices=({"code": "x", "zh": "", "en": "X"},)),
        FieldSpec("f", "choice", "甲", "A", choices=(CHOICES[0], CHOICES[0])),
        FieldSpec("f", "choice", "甲", "A", choices=({"zh": "无", "en": "None"},)),
        FieldSpec("f", "text", "甲", "A", min_value="3"),
        FieldSpec("f", "number", "甲", "A", min_value="much"),
        FieldSpec("f", "number", "甲", "A", min_value="3", max_value="1"),
        FieldSpec("f", "text", "甲", "A", pattern="{"),
        FieldSpec("f", "long_text", "甲", "A", filterable=True),
    ],
)
def test_unsound_definitions_are_named(definition):
    assert problems_of(definition)


def test_sound_definitions_survive_json():
    assert [problems_of(item) for item in SPECS] == [[]] * len(SPECS)
    assert [FieldSpec.of(item.to_json()) for item in SPECS] == SPECS


def test_a_form_has_the_fields_in_order_and_the_readers_words():
    definitions = [FieldSpec("b", "date", "日期", "Day", order=2), FieldSpec("a", "number", "金额", "Amount", order=1)]
    with translation.override("zh-hans"):
        assert [field.label for field in build_form(definitions)] == ["金额", "日期"]
    with translation.override("en"):
        assert [field.label for field in build_form(definitions)] == ["Amount", "Day"]


def test_a_form_gives_what_may_be_stored():
    data = {"product": "card", "topics": ["app", "card"], "loss": "3.50", "day": "2026-11-22", "agreed": "false"}
    form = build_form(SPECS, data | {"code": "x", "story": "s"})
    assert form.is_valid(), form.errors
    assert form.values == {
        "product": "card",
        "topics": ["card", "app"],
        "loss": 3.5,
        "day": "2026-11-22",
        "agreed": False,
        "code": "x",
        "story": "s",
    }


def test_a_form_says_what_is_wrong_beside_the_field():
    form = build_form([spec(pattern="##", required_in=("closed",))], {"f": "x"}, state="closed")
    assert not form.is_valid()
    assert list(form.errors) == ["f"]
    assert build_form([spec(required_in=("closed",))], {"f": ""}, state="closed").errors["f"]
    assert build_form([spec(required_in=("closed",))], {"f": ""}, state="open").is_valid()


def test_a_form_hides_what_the_role_may_not_see():
    assert "f" not in build_form([spec(visible_to=("supervisor",))], roles=["agent"]).fields


def test_schema_and_validator_agree():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema([*SPECS, spec("number", required=True, min_value="1")])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"f": 2, "product": "card", "day": "2026-11-22"}, schema)
    for wrong in ({}, {"f": 0}, {"f": 2, "x": 1}, {"f": 2, "product": "boat"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


@pytest.fixture
def thing(sample_tables, db):
    return Thing.objects.create(title="t")


def rows_of(thing) -> set:
    return {(row.field, row.value) for row in ThingIndex.objects.filter(thing=thing)}


def test_index_rows_follow_the_data(thing):
    sync_index(
        ThingIndex, thing, SPECS, {"product": "card", "topics": ["card", "app"], "loss": 2.5, "story": "s"}, fresh=True
    )
    assert rows_of(thing) == {("product", "card"), ("topics", "card"), ("topics", "app"), ("loss", Decimal("2.5"))}
    sync_index(ThingIndex, thing, SPECS, {"topics": ["app"], "agreed": True})
    assert rows_of(thing) == {("topics", "app"), ("agreed", Decimal(1))}


def test_unchanged_index_rows_are_not_written_again(thing, django_assert_num_queries):
    data = {"product": "card", "loss": 2.5, "day": "2026-11-22"}
    with django_assert_num_queries(1):
        sync_index(ThingIndex, thing, SPECS, data, fresh=True)
    with django_assert_num_queries(1):
        assert sync_index(ThingIndex, thing, SPECS, data) == 0
