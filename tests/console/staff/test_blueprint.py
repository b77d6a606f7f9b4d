"""Sites and roles travel in blueprints; people never do."""

import json

import pytest

from console.staff import blueprint
from console.staff.models import Role, RolePermission, Site, Team
from tests.factories.staff import SiteFactory, TeamFactory, make_user

pytestmark = pytest.mark.django_db

ONE_HEAD_FIVE_CENTRES = [
    {"code": "tianjin", "name": "天津", "name_en": "Tianjin", "kind": "head"},
    *(
        {"code": code, "name": code, "teams": [{"code": f"{code}-1", "name": "一组"}]}
        for code in ("shanghai", "chengdu", "hefei", "chongqing", "guangzhou")
    ),
]


def test_one_head_and_five_centres():
    assert blueprint.check_sites(ONE_HEAD_FIVE_CENTRES) == []
    blueprint.apply_sites(ONE_HEAD_FIVE_CENTRES)
    assert Site.objects.filter(kind="head").count() == 1
    assert Team.objects.get(code="hefei-1").site.code == "hefei"


def test_what_is_exported_applies_again_without_a_change():
    TeamFactory(site=SiteFactory(code="s1"), code="t1")
    sites, roles = blueprint.export_sites(), blueprint.export_roles()
    json.dumps([sites, roles])
    assert blueprint.check_sites(sites) == blueprint.check_roles(roles) == []
    from console.events.models import Event

    before = Event.objects.count()
    blueprint.apply_sites(sites)
    blueprint.apply_roles(roles)
    assert Event.objects.count() == before
    assert (blueprint.export_sites(), blueprint.export_roles()) == (sites, roles)


def test_role_holds_exactly_what_is_written():
    blueprint.apply_roles(
        [{"code": "trainee", "name": "实习生", "reach": "team", "permissions": ["hub.use", "case.view"]}]
    )
    role = Role.objects.get(code="trainee")
    held = RolePermission.objects.filter(role=role, allowed=True).values_list("permission", flat=True)
    assert (role.reach, set(held)) == ("team", {"hub.use", "case.view"})


def test_what_is_not_mentioned_stays():
    before = blueprint.export_roles()
    blueprint.apply_roles([{"code": "agent", "idle_minutes": 7}])
    after = blueprint.export_roles()
    assert [row for row in before if row["code"] != "agent"] == [row for row in after if row["code"] != "agent"]
    assert next(row for row in after if row["code"] == "agent")["idle_minutes"] == 7


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([{"code": "a", "name": "a", "colour": "red"}], "a.colour"),
        ([{"code": "a"}], "a"),
        ([{"code": "a", "name": "a", "kind": "moon"}], "a.kind"),
        ([{"code": "a", "name": "a", "teams": [{"code": "t", "x": 1}]}], "a.t.x"),
        ([{"code": c, "name": c, "kind": "head"} for c in "ab"], ""),
    ],
)
def test_wrong_sites_are_told(data, place):
    assert [problem.place for problem in blueprint.check_sites(data)] == [place]


def test_wrong_roles_are_told():
    data = [{"code": "a", "reach": "moon", "permissions": ["case.wrok"], "salary": 1}]
    assert [problem.place for problem in blueprint.check_roles(data)] == ["a.salary", "a.reach", "a.permissions"]


def test_bundle_of_the_house_holds_no_people():
    make_user("agent", team=TeamFactory(), username="nobody-in-here")
    assert "nobody-in-here" not in json.dumps([blueprint.export_sites(), blueprint.export_roles()])
