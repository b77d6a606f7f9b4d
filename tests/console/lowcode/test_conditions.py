"""What the condition language refuses, says, and counts."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from console.lowcode.conditions import (
    ConditionRefused,
    Context,
    Subject,
    capped_count,
    context_for,
    matches,
    preview,
    sentence,
    set_context_provider,
    to_q,
    validate,
)
from console.lowcode.conditions import context as context_module

from .sample import Place, Thing
from .strategies import hashed

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def leaf(field, op, *value):
    return {"field": field, "op": op, **({"value": value[0]} if value else {})}


DEEP = {"field": "grade", "op": "empty"}
for _ in range(7):
    DEEP = {"all": [DEEP]}


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ([], "everything"),
        ("x", "group or a test"),
        ({"all": {}}, "holds a list"),
        ({"any": []}, "never be true"),
        ({"all": [], "any": []}, "Write all, any, not"),
        ({"none": []}, "Write all, any, not"),
        (leaf("nothing", "eq", 1), "no field nothing"),
        (leaf({}, "eq", 1), "no field"),
        (leaf("grade", "contains", "1"), "cannot be used on Grade"),
        (leaf("grade", ["eq"], "1"), "cannot be used on Grade"),
        (leaf("phone", "contains", "138"), "cannot be used on Phone; allowed: eq, in, empty"),
        (leaf("phone", "not_empty"), "cannot be used on Phone"),
        (leaf("grade", "eq"), "needs a value"),
        (leaf("grade", "eq", "three"), "Write a number"),
        (leaf("grade", "eq", True), "Write a number"),
        (leaf("grade", "eq", "NaN"), "too large"),
        (leaf("grade", "eq", 1e30), "too large"),
        (leaf("grade", "eq", "0.00001"), "decimal places"),
        (leaf("due", "eq", "22.11.2026"), "date like"),
        (leaf("due", "eq", "2026-02-31"), "date like"),
        (leaf("due", "within_last", "3h"), "days"),
        (leaf("seen_at", "within_last", "-3d"), "duration"),
        (leaf("seen_at", "gt", "soon"), "date and time"),
        (leaf("seen_at", "gt", "0001-01-01T00:00:00+14:00"), "date and time"),
        (leaf("urgent", "eq", "yes"), "yes or no"),
        (leaf("owner", "eq", "王敏"), "one of the list"),
        (leaf("owner", "eq", "@my_team"), "one of the list"),
        (leaf("state", "eq", "lost"), "not one of the choices"),
        (leaf("state", "in", "new"), "list of values"),
        (leaf("state", "in", []), "list of values"),
        (leaf("grade", "in", list(range(201))), "At most 200"),
        (leaf("grade", "between", [3]), "two values"),
        (leaf("grade", "between", [3, 1]), "larger than the second"),
        (leaf("title", "contains", ""), "some text"),
        (leaf("title", "contains", "x" * 201), "At most 200"),
        (leaf("title", "eq", "\x00"), "cannot be stored"),
        (leaf("title", "eq", "\ud800"), "cannot be stored"),
        (leaf("grade", "empty", 3), "takes no value"),
        (leaf("length", "gt", 3), "one object at a time"),
        (DEEP, "nested deeper"),
        ({"all": [leaf("grade", "empty")] * 61}, "At most 60"),
    ],
)
def test_refusals_say_what_is_wrong(about, tree, words):
    if tree == []:
        assert validate(tree, about) == {"all": []}
        return
    with translation.override("en"), pytest.raises(ConditionRefused) as refused:
        validate(tree, about)
    assert words in str(refused.value.messages)


def test_every_problem_is_named_with_its_place(about):
    tree = {"all": [leaf("x", "eq", 1), {"any": [leaf("grade", "eq", "y")]}]}
    with pytest.raises(ConditionRefused) as refused:
        validate(tree, about)
    assert [place for place, _text in refused.value.problems] == ["/all/0", "/all/1/any/0"]


def test_a_memory_field_decides_on_one_object(about):
    tree = leaf("length", "gt", 3)
    assert matches(tree, about, Thing(title="four"))
    assert not matches(tree, about, Thing(title="one"))


def test_encrypted_values_are_stored_as_hashes(about):
    normal = validate(leaf("phone", "in", ["13800138000"]), about)
    assert normal["value"] == ["hash:" + hashed("13800138000")]
    assert "13800138000" not in str(normal)
    assert matches(normal, about, {"phone": hashed("13800138000")})


@pytest.mark.parametrize(
    ("tree", "english", "chinese"),
    [
        ({"all": []}, "everything", "全部"),
        (leaf("state", "eq", "open"), "State is 处理中", "State 是 处理中"),
        (leaf("seen_at", "within_last", "7d"), "Seen at was within the last 7 days", "Seen at 在最近 7 天"),
        (leaf("grade", "between", [1, 3]), "Grade is between 1 and 3", "Grade 介于 1 和 3 之间"),
        (leaf("owner", "eq", "@me"), "Owner is me", "Owner 是 我"),
        (leaf("phone", "eq", "13800138000"), "Phone is ***", "Phone 是 ***"),
        ({"not": leaf("urgent", "eq", True)}, "not (Urgent: yes)", "并非（Urgent：是）"),
        (
            {"any": [leaf("due", "lt", "@today"), {"all": [leaf("grade", "gte", 4), leaf("owner", "empty")]}]},
            "Due is before today or (Grade is at least 4 and Owner is empty)",
            "Due 早于 今天，或（Grade 不小于 4，且Owner 为空）",
        ),
    ],
)
def test_a_tree_reads_as_a_sentence(about, tree, english, chinese):
    assert sentence(tree, about, "en") == english
    assert sentence(tree, about, "zh-hans") == chinese


def test_me_and_my_team_are_resolved_when_read(about):
    mine = {"all": [leaf("owner", "eq", "@me"), leaf("team", "in", ["@my_team"])]}
    thing = Thing(owner_id=7, team_id=2)
    assert matches(mine, about, thing, Context(user_id=7, team_ids=(1, 2)))
    assert not matches(mine, about, thing, Context(user_id=8, team_ids=(1, 2)))
    assert not matches(mine, about, thing)


def test_the_staff_room_tells_teams_and_roles(monkeypatch):
    monkeypatch.setattr(context_module, "_provider", context_module._plain)
    set_context_provider(lambda user: Context(user_id=user.pk, team_ids=(3,), roles=("agent",)))
    user = type("User", (), {"pk": 5})()
    assert context_for(user).team_ids == (3,)
    assert context_for(None).user_id is None


@pytest.fixture
def things(sample_tables, db):
    Thing.objects.bulk_create(Thing(title=str(n), grade=n % 5) for n in range(25))


def test_preview_counts_among_the_newest_only(about, things):
    found = preview(leaf("grade", "eq", 0), about, window=10)
    assert (found.matched, found.looked_at) == (2, 10)
    with translation.override("en"):
        assert str(found) == "matches 2 of the last 10"


def test_preview_costs_two_queries(about, things, django_assert_num_queries):
    with django_assert_num_queries(2):
        preview(leaf("grade", "eq", 0), about)


def test_a_capped_count_stops(things):
    assert capped_count(Thing.objects.all(), 10) == 11
    assert capped_count(Thing.objects.all(), 100) == 25


def test_a_path_through_a_missing_relation_is_absent(about, sample_tables, db):
    Thing.objects.create(title="none")
    Thing.objects.create(title="there", place=Place.objects.create(name="Harbour"))
    tree = {"not": leaf("place", "contains", "har")}
    assert list(Thing.objects.filter(to_q(tree, about)).values_list("title", flat=True)) == ["none"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"type": "colour", "column": "x"},
        {"type": "text"},
        {"type": "text", "column": "x", "resolver": len},
        {"type": "encrypted", "column": "x"},
    ],
)
def test_a_badly_said_field_is_refused(arguments):
    with pytest.raises(ValueError, match="x:"):
        Subject("s").register_field("x", **arguments)


def test_an_extended_subject_leaves_the_first_alone(about):
    more = about.extended([Subject("s").register_field("extra", "text", column="title")])
    assert "extra" in more.fields()
    assert "extra" not in about.fields()
