"""Saved views: checked when saved, honest when they broke, shown to whom they are shared with; and their editor."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from console.events import Actor
from console.events.models import Event
from console.lowcode import builder
from console.lowcode.conditions import Context
from console.lowcode.conditions import context as context_module
from console.lowcode.models import SavedView
from console.lowcode.services.views import count_of, rows_of, save_view
from console.lowcode.widgets import ConditionField, ConditionWidget
from tests.factories.lowcode import BlueprintReleaseFactory, SavedViewFactory
from tests.factories.staff import UserFactory, make_user

from .sample import Thing

BOSS = Actor("staff", "1", "boss")
GRADE = {"field": "grade", "op": "gte", "value": 3}
pytestmark = pytest.mark.django_db


@pytest.fixture
def things(sample_tables, db, case_subject):
    Thing.objects.bulk_create(Thing(title=str(n), grade=n % 5) for n in range(20))
    return case_subject


def test_a_view_shows_its_rows_in_its_order(things):
    view = SavedViewFactory(subject=things, tree=GRADE, sort=["-grade", "title"])
    rows = rows_of(view, Thing.objects.all(), Context())
    assert [thing.grade for thing in rows.queryset] == [4] * 4 + [3] * 4
    assert count_of(view, Thing.objects.all(), Context()) == 8


def test_a_count_stops_at_its_cap(things):
    view = SavedViewFactory(subject=things, count_cap=5)
    assert count_of(view, Thing.objects.all(), Context()) == 6


def test_a_view_that_broke_shows_nothing_and_says_why(things):
    view = SavedViewFactory(subject=things, tree={"field": "gone", "op": "eq", "value": 1})
    rows = rows_of(view, Thing.objects.all(), Context())
    assert (list(rows.queryset), bool(rows.refused)) == ([], True)
    assert count_of(view, Thing.objects.all(), Context()) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "nothing"},
        {"tree": {"field": "gone", "op": "eq", "value": 1}},
        {"tree": {"field": "length", "op": "gt", "value": 1}},
        {"sort": ["gone"]},
        {"sort": ["data.loss"]},
        {"sort": "grade"},
        {"sort": ["grade", "title", "due", "seen_at"]},
        {"columns": ["gone"]},
    ],
)
def test_what_is_not_valid_is_not_saved(things, wrong):
    with pytest.raises(ValidationError):
        save_view(SavedViewFactory.build(**({"subject": things, "owner": None} | wrong)), BOSS)


def test_saving_puts_the_tree_into_its_normal_form_and_is_an_event(things):
    tree = {"field": "phone", "op": "eq", "value": "13800138000"}
    view = save_view(SavedViewFactory.build(subject=things, tree=tree), BOSS)
    assert "13800138000" not in json.dumps(SavedView.objects.get(pk=view.pk).tree)
    assert Event.objects.filter(type="view.saved", actor_label="boss").exists()


def test_who_sees_a_view(things, monkeypatch):
    monkeypatch.setattr(
        context_module, "_provider", lambda user: Context(user_id=user.pk, team_ids=(3,), roles=("agent",))
    )
    SavedView.objects.all().delete()
    me, other = UserFactory(), UserFactory()
    nobody, some = SavedView.Shared.NOBODY, SavedView.Shared.SOME
    mine = SavedViewFactory(owner=me, shared=nobody)
    everyone = SavedViewFactory()
    SavedViewFactory(owner=other, shared=nobody)
    team = SavedViewFactory(shared=some, shared_with=["team:3"])
    role = SavedViewFactory(shared=some, shared_with=["role:agent", "team:4"])
    SavedViewFactory(shared=some, shared_with=["team:33", "role:agents"])
    assert set(SavedView.objects.visible_to(me)) == {mine, everyone, team, role}
    assert SavedView.objects.get(pk=role.pk).shared_with == ["role:agent", "team:4"]


# The builder


def test_the_builder_draws_unfinished_trees(about):
    tree = {
        "any": [
            {"field": "grade", "op": "between"},
            {"not": {"all": [{"field": "gone", "op": "x"}]}},
            "rubbish",
            {"field": "state"},
        ]
    }
    root = builder.blocks(tree, about)
    grade, group, state = root.parts
    assert (root.mode, grade.read, grade.values) == ("any", "pair", ["", ""])
    assert (group.negated, group.parts[0].name, group.parts[0].field) == (True, "gone", None)
    assert [code for code, _label in state.options] == ["new", "open", "closed"]


def test_a_single_test_is_drawn_as_a_group_of_one(about):
    assert len(builder.blocks(GRADE, about).parts) == 1
    assert builder.blocks(None, about).parts == []


def test_the_widget_works_without_javascript(things):
    html = ConditionWidget(things).render("tree", json.dumps(GRADE))
    assert "<textarea" in html
    assert "data-builder hidden" in html
    assert "<script" not in html
    assert " style=" not in html
    assert " onclick" not in html


def test_the_form_field_gives_the_normal_form(things):
    field = ConditionField(subject=things)
    assert field.clean('{"field": "grade", "op": "gte", "value": "3"}') == GRADE
    for wrong in ("{", '{"field": "gone", "op": "eq", "value": 1}'):
        with pytest.raises(ValidationError):
            field.clean(wrong)


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True, language="en"))
    return client


def build(client, subject, tree, part="all"):
    return client.post(
        reverse("admin:lowcode_condition_builder"), {"subject": subject, "tree": json.dumps(tree), "part": part}
    )


def test_the_builder_page_draws_and_speaks(admin, things):
    html = build(admin, things, {"all": [GRADE]}).content.decode()
    assert 'data-path="0"' in html
    assert "8" in html.split("condition-preview")[1]
    said = build(admin, things, {"all": [{"field": "grade", "op": "gte", "value": ""}]}, "spoken").content.decode()
    assert "condition-problems" in said


@pytest.mark.parametrize(("subject", "tree"), [("nothing", {}), ("thing", []), ("thing", "x")])
def test_the_builder_page_refuses_nonsense(admin, things, subject, tree):
    assert build(admin, subject, tree).status_code == 400


def test_the_builder_page_is_for_staff_only(client, things):
    assert build(client, things, {}).status_code in (302, 403)


def test_a_view_is_made_in_the_hub(admin, things):
    page = admin.get(reverse("admin:lowcode_savedview_add"))
    assert b"condition-builder.js" in page.content
    data = {
        "subject": things,
        "name_zh": "重要",
        "name_en": "Grave",
        "tree": json.dumps(GRADE),
        "sort": "-grade, title",
        "columns": "title",
        "shared": "everyone",
        "order": 1,
        "count_cap": 99,
        "active": "on",
    }
    answer = admin.post(reverse("admin:lowcode_savedview_add"), data)
    assert answer.status_code == 302, answer.context["errors"]
    view = SavedView.objects.get(name_en="Grave")
    assert (view.tree, view.sort, view.columns) == (GRADE, ["-grade", "title"], ["title"])
    assert admin.get(reverse("admin:lowcode_savedview_changelist")).status_code == 200
    wrong = admin.post(reverse("admin:lowcode_savedview_add"), data | {"tree": "{}x", "name_en": "Bad"})
    assert wrong.status_code == 200


def test_blueprints_are_tried_and_applied_in_the_hub(admin, things):
    SavedViewFactory(code="late", subject=things, tree=GRADE)
    text = admin.get(reverse("admin:lowcode_blueprint_export")).content.decode()
    SavedView.objects.filter(code="late").delete()
    text = "format: huiyin-blueprint/1\nname: t\nsections:\n  saved_views:\n" + "\n".join(
        f"  {line}" for line in _section_of(text, "late")
    )
    url = reverse("admin:lowcode_blueprint_apply")
    tried = admin.post(url, {"text": text, "try": ""})
    assert "late" in tried.content.decode()
    assert not SavedView.objects.filter(code="late").exists()
    refused = admin.post(url, {"text": text, "apply": ""})
    assert refused.status_code == 200
    assert admin.post(url, {"text": text, "reason": "back again", "apply": ""}).status_code == 302
    assert SavedView.objects.get(code="late").tree == GRADE
    assert admin.post(url, {"text": "nonsense", "apply": ""}).status_code == 200


def _section_of(document: str, code: str) -> list[str]:
    import yaml

    views = yaml.safe_load(document)["sections"]["saved_views"]
    return yaml.safe_dump([view for view in views if view["code"] == code], allow_unicode=True).splitlines()


def test_release_pages_show_what_changed(admin):
    release = BlueprintReleaseFactory(
        changes=[{"section": "types", "action": "add", "item": "a", "path": "", "old": None, "new": {}}]
    )
    assert "types" in admin.get(reverse("admin:lowcode_blueprintrelease_change", args=[release.pk])).content.decode()
    assert admin.get(reverse("admin:lowcode_blueprintrelease_changelist")).status_code == 200


@pytest.mark.parametrize("name", ["blueprint_apply", "blueprint_export"])
def test_blueprint_pages_are_closed_to_agents(client, name):
    client.force_login(make_user("agent", is_staff=True))
    assert client.get(reverse(f"admin:lowcode_{name}")).status_code in (302, 403)
