"""Idle time-out, sessions, roles, leaving: the services and their pages."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.events.models import Event
from console.staff import idle, presence, services
from console.staff.access import can
from console.staff.errors import LastAdministrator, NotAllowed, NotYourself, StaffRefusal
from console.staff.models import Membership, Role, Site, Team, User
from console.staff.services.leaving import _kinds
from tests.factories.staff import PASSWORD, SiteFactory, TeamFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(db):
    return TeamFactory()


@pytest.fixture
def agent(team):
    return make_user("agent", team=team, username="agent1")


@pytest.fixture
def admin(db):
    return make_user("administrator", username="admin1")


@pytest.fixture
def told():
    return lambda kind: [event.data for event in Event.objects.filter(type=kind).order_by("id")]


@pytest.fixture
def inside(client, agent):
    """A browser in which the agent signed in through the front door."""
    client.post(reverse("account_login"), {"login": agent.username, "password": PASSWORD})
    return client


@pytest.fixture
def clock(monkeypatch):
    """Moves time.time() on, for the idle clock only."""
    moved = {"by": 0.0}
    monkeypatch.setattr(idle.time, "time", lambda real=time.time: real() + moved["by"])

    def forward(minutes):
        moved["by"] += minutes * 60

    return forward


HOME = "/accounts/"


def test_idle_session_ends_with_the_way_back(inside, settings, clock, told):
    settings.HUIYIN_IDLE_MINUTES = 30
    assert inside.get(HOME).status_code == 200
    clock(31)
    response = inside.get(HOME)
    assert response["Location"] == f"{reverse('account_login')}?next=%2Faccounts%2F"
    assert "_auth_user_id" not in inside.session
    assert len(told("staff.signed_out")) == 1


def test_deeds_keep_a_session_alive(inside, settings, clock):
    settings.HUIYIN_IDLE_MINUTES = 30
    for _ in range(4):
        clock(20)
        assert inside.get(HOME).status_code == 200


def test_a_page_refreshing_itself_does_not(inside, settings, clock):
    settings.HUIYIN_IDLE_MINUTES = 30
    inside.get(HOME)
    clock(20)
    assert inside.get(HOME, headers={"X-Background": "1"}).status_code == 200
    clock(20)
    assert inside.get(HOME, headers={"X-Background": "1"}).status_code == 302


@pytest.mark.parametrize("forged", ["", "nonsense", None])
def test_losing_or_forging_the_cookie_prolongs_nothing(inside, settings, clock, forged):
    settings.HUIYIN_IDLE_MINUTES = 30
    clock(31)
    if forged is None:
        other = Client()
        other.post(reverse("account_login"), {"login": "agent1", "password": PASSWORD})
        other.get(HOME)
        forged = other.cookies[idle.COOKIE].value
    inside.cookies[idle.COOKIE] = forged
    assert inside.get(HOME).status_code == 302


def test_shortest_limit_of_the_roles_counts(inside, agent, settings, clock):
    settings.HUIYIN_IDLE_MINUTES = 30
    services.update_role(None, Role.objects.get(code="agent"), idle_minutes=5)
    agent.refresh_from_db()
    assert idle.limit_of(agent) == 300
    clock(6)
    assert inside.get(HOME).status_code == 302


def test_partial_update_of_an_ended_session_gets_401(inside, settings, clock):
    settings.HUIYIN_IDLE_MINUTES = 30
    clock(31)
    response = inside.get(HOME, headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert inside.get(HOME, headers={"HX-Request": "true"}).status_code == 401


def test_requests_write_nothing_to_the_database(inside, settings, clock, django_assert_num_queries):
    """Session, user, site and roles are read; renewing the cookie of idleness and being present write nothing."""
    settings.HUIYIN_IDLE_MINUTES = 30
    inside.get(HOME)
    clock(2)
    with django_assert_num_queries(4) as queries:
        response = inside.get(HOME)
    assert idle.COOKIE in response.cookies
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def test_public_pages_ask_for_no_user(client, django_assert_num_queries):
    """The one query is allauth's, for sign-on providers somebody may have stored."""
    with django_assert_num_queries(1):
        client.get(reverse("account_login"))


def test_presence_is_known_after_a_deed(inside, agent):
    inside.get(HOME)
    assert presence.presence_of([agent.pk])[agent.pk].state == "available"
    presence.choose(agent.pk, "break")
    assert presence.presence_of([agent.pk])[agent.pk].state == "break"
    inside.post(reverse("account_logout"))
    assert presence.presence_of([agent.pk, 999])[agent.pk].state == "offline"


def test_hub_follows_the_language_of_the_account(inside, agent):
    assert "我的账户" in inside.get(HOME).content.decode()
    inside.post(HOME, {"language": "en", "time_zone": "Europe/London"})
    agent.refresh_from_db()
    assert (agent.language, agent.time_zone) == ("en", "Europe/London")
    assert "My account" in inside.get(HOME, headers={"Accept-Language": "zh-CN"}).content.decode()


def test_language_switch_before_sign_in(client):
    page = reverse("account_login")
    assert "<h1>登录</h1>" in client.get(page).content.decode()
    assert "<h1>Sign in</h1>" in client.get(page, headers={"Accept-Language": "en-GB,en;q=0.9"}).content.decode()
    client.post(reverse("account_language"), {"language": "en", "next": page})
    assert "<h1>Sign in</h1>" in client.get(page).content.decode()
    answer = client.post(reverse("account_language"), {"language": "zh-hans", "next": "https://evil.example/"})
    assert answer["Location"] == page
    assert "<h1>登录</h1>" in client.get(page).content.decode()


def test_own_sessions_are_listed_and_ended(inside, agent, told):
    other = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36")
    other.post(reverse("account_login"), {"login": "agent1", "password": PASSWORD})
    page = inside.get(reverse("usersessions_list")).content.decode()
    assert "Chrome 120 · Windows" in page
    session = next(row for row in services.sessions_of(agent) if row.session_key == other.session.session_key)
    inside.post(reverse("account_end_session", args=[session.pk]))
    assert other.get(HOME).status_code == 302
    assert inside.get(HOME).status_code == 200
    assert told("staff.sessions_ended") == [{"user_id": agent.pk, "session_ids": [session.pk]}]


def test_nobody_ends_a_strangers_session(inside, admin):
    other = Client()
    other.post(reverse("account_login"), {"login": "admin1", "password": PASSWORD})
    session = services.sessions_of(admin)[0]
    assert inside.post(reverse("account_end_session", args=[session.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        services.end_session(make_user("agent", team=TeamFactory()), session)


def test_supervisor_ends_sessions_of_their_site_only(inside, agent, team):
    stranger = make_user("supervisor", team=TeamFactory())
    with pytest.raises(NotAllowed):
        services.end_sessions(stranger, agent)
    assert services.end_sessions(make_user("supervisor", team=team), agent) == 1
    assert inside.get(HOME).status_code == 302


def test_end_all_others(inside, agent):
    Client().post(reverse("account_login"), {"login": "agent1", "password": PASSWORD})
    inside.post(reverse("usersessions_list"))
    assert [row.session_key for row in services.sessions_of(agent)] == [inside.session.session_key]


def test_new_account(admin, told):
    user = services.create_user(admin, "new", site=SiteFactory())
    assert not user.has_usable_password()
    assert told("staff.created") == [{"user_id": user.pk, "site_id": user.site_id}]
    with pytest.raises(ValidationError):
        services.create_user(admin, "weak", password="123456")
    with pytest.raises(NotAllowed):
        services.create_user(make_user("supervisor"), "x")


def test_roles_are_set_as_a_whole(admin, agent, team, told):
    officer = Role.objects.get(code="complaint_officer")
    services.set_memberships(admin, agent, [(officer, None, None)])
    assert can(agent, "case.configure")
    assert told("staff.roles_changed")[-1] == {
        "user_id": agent.pk,
        "added": ["complaint_officer"],
        "removed": [f"agent@{team.code}"],
    }
    before = Event.objects.count()
    services.set_memberships(admin, agent, [(officer, None, None)])
    assert Event.objects.count() == before


def test_nobody_raises_themselves(admin, agent):
    with pytest.raises(NotYourself):
        services.assign(admin, admin, "auditor")
    with pytest.raises(NotAllowed):
        services.assign(agent, make_user(), "administrator")


def test_somebody_must_remain_who_manages_staff(admin):
    second = make_user("administrator")
    services.suspend(admin, second)
    other = make_user("supervisor", is_superuser=False)
    with pytest.raises(LastAdministrator):
        services.unassign(None, admin.memberships.get())
    with pytest.raises(LastAdministrator):
        services.hand_over(admin, other, None)
    with pytest.raises(LastAdministrator):
        services.set_permissions(None, Role.objects.get(code="administrator"), {"staff.manage": False})
    assert User.objects.get(pk=admin.pk).is_active


def test_suspended_and_let_in_again(inside, admin, agent):
    services.suspend(admin, agent)
    assert inside.get(HOME).status_code == 302
    assert not can(User.objects.get(pk=agent.pk), "case.work")
    services.unsuspend(admin, agent)
    assert can(User.objects.get(pk=agent.pk), "case.work")


def test_leaving(inside, agent, team, told):
    lead, heir = make_user("supervisor", team=team), make_user("agent", team=team)
    services.hand_over(agent, heir, lead)
    agent.refresh_from_db()
    assert (agent.is_active, agent.has_usable_password()) == (False, False)
    assert agent.left_at <= timezone.now()
    assert not Session.objects.filter(session_key=inside.session.session_key).exists()
    assert told("staff.left") == [{"user_id": agent.pk, "to_id": heir.pk}]


def test_leaving_moves_work_or_nothing_happens(agent, team):
    """A subscriber that cannot move the work stops the leaving: no work is left with nobody."""
    from console.events import subscribe
    from console.events.registry import registry

    def broken(event):
        raise RuntimeError("cannot move")

    subscribe("staff.left", "test.broken", broken, mode="inline")
    try:
        with pytest.raises(RuntimeError):
            services.hand_over(agent, make_user("agent", team=team), None)
    finally:
        registry.remove("test.broken")
    assert User.objects.get(pk=agent.pk).is_active


def test_leaving_is_refused_to_the_wrong_people(agent, team):
    lead = make_user("supervisor", team=team)
    gone = make_user("agent", team=team, is_active=False)
    cases = [
        (agent, gone, lead, StaffRefusal),
        (agent, agent, lead, StaffRefusal),
        (lead, agent, lead, NotYourself),
        (agent, lead, make_user("agent", team=team), NotAllowed),
        (agent, lead, make_user("supervisor", team=TeamFactory()), NotAllowed),
    ]
    for user, to, actor, error in cases:
        with pytest.raises(error):
            services.hand_over(user, to, actor)


@pytest.fixture
def open_work():
    known = dict(_kinds)
    services.register_open_work("test.things", "Things", lambda user: 3)
    services.register_open_work("test.none", "Nothing", lambda user: 0)
    yield
    _kinds.clear()
    _kinds.update(known)


def test_preview_counts_what_moves(agent, open_work):
    assert ("Things", 3) in [(item.label, item.count) for item in services.preview_hand_over(agent)]
    assert "Nothing" not in [item.label for item in services.preview_hand_over(agent)]


@pytest.fixture
def hub(client, admin):
    client.force_login(admin)
    return client


def _inline(rows, total=0):
    data = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": total}
    for number, row in enumerate(rows):
        data |= {f"memberships-{number}-{name}": value for name, value in row.items()}
    return data


def _particulars(site, **more):
    return {"site": site.pk, "language": "zh-hans", "time_zone": "Asia/Shanghai", "last_name": "周", **more}


def test_hub_makes_an_account_with_roles(hub, team, told):
    role = Role.objects.get(code="agent")
    data = _particulars(team.site, username="zhou", first_password=PASSWORD) | _inline(
        [{"role": role.pk, "team": team.pk}]
    )
    response = hub.post("/console/staff/user/add/", data)
    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(username="zhou")
    assert user.check_password(PASSWORD)
    assert can(user, "case.work")
    assert [data["user_id"] for data in told("staff.created")] == [user.pk]
    assert [data["added"] for data in told("staff.roles_changed") if data["user_id"] == user.pk] == [
        [f"agent@{team.code}"]
    ]


def test_hub_changes_particulars_and_roles(hub, agent, team, told):
    row = agent.memberships.get()
    lead = Role.objects.get(code="supervisor")
    rows = [{"id": row.pk, "user": agent.pk, "role": lead.pk, "team": team.pk}]
    data = _particulars(team.site, first_name="航") | _inline(rows, total=1)
    response = hub.post(f"/console/staff/user/{agent.pk}/change/", data)
    assert response.status_code == 302, response.context["errors"]
    agent.refresh_from_db()
    assert agent.label == "周航"
    assert can(User.objects.get(pk=agent.pk), "case.approve")
    assert told("staff.roles_changed")[-1]["added"] == [f"supervisor@{team.code}"]


def test_hub_tells_why_one_may_not_change_ones_own_roles(hub, admin, team):
    data = _particulars(team.site) | _inline([{"role": Role.objects.get(code="agent").pk, "team": team.pk}])
    response = hub.post(f"/console/staff/user/{admin.pk}/change/", data, follow=True)
    assert any(str(NotYourself.text) in str(message) for message in response.context["messages"])
    assert list(admin.memberships.values_list("role__code", flat=True)) == ["administrator"]


@pytest.mark.parametrize(
    "page", ["", "add/", "{pk}/change/", "{pk}/hand-over/", "{pk}/deed/suspend/", "{pk}/deed/unlock/"]
)
def test_pages_about_people_open_for_administrators_only(hub, agent, page, client):
    address = "/console/staff/user/" + page.format(pk=agent.pk)
    assert hub.get(address).status_code == 200
    other = Client()
    other.force_login(make_user("agent", team=TeamFactory()))
    assert other.get(address).status_code in (302, 403, 404)


@pytest.mark.parametrize("page", ["site/", "site/add/", "team/", "team/add/", "role/", "role/add/", "role/table/"])
def test_pages_about_places_and_roles_open(hub, page):
    assert hub.get(f"/console/staff/{page}").status_code == 200


def test_hub_deed_and_hand_over(hub, agent, team, told):
    base = f"/console/staff/user/{agent.pk}/"
    hub.post(base + "deed/suspend/")
    assert told("staff.suspended") == [{"user_id": agent.pk}]
    hub.post(base + "deed/unsuspend/")
    heir = make_user("agent", team=team)
    hub.post(base + "hand-over/", {"to": heir.pk, "confirm": "somebody else"})
    assert told("staff.left") == []
    hub.post(base + "hand-over/", {"to": heir.pk, "confirm": agent.username})
    assert told("staff.left") == [{"user_id": agent.pk, "to_id": heir.pk}]


def test_hub_makes_sites_and_teams(hub, told):
    data = {
        "name": "成都中心",
        "name_en": "Chengdu",
        "code": "chengdu",
        "kind": "centre",
        "time_zone": "Asia/Shanghai",
        "is_active": "on",
    }
    inline = {
        "teams-TOTAL_FORMS": 1,
        "teams-INITIAL_FORMS": 0,
        "teams-0-name": "一组",
        "teams-0-code": "cd1",
        "teams-0-is_active": "on",
    }
    response = hub.post("/console/staff/site/add/", data | inline)
    assert response.status_code == 302, response.context["errors"]
    assert Team.objects.get(code="cd1").site == Site.objects.get(code="chengdu")
    assert [len(told(kind)) for kind in ("staff.site_created", "staff.team_created")] == [1, 1]


def test_one_head_site():
    SiteFactory(kind="head")
    with pytest.raises(ValidationError):
        services.save_place(None, Site(code="x", name="x", kind="head"), ["code"])


def test_permission_table_saves_what_changed(hub, told):
    page = hub.get("/console/staff/role/table/").content.decode()
    import re

    ticked = re.findall(r'value="([\w.:]+)" checked', page)
    assert "agent:case.work" in ticked
    ticked.remove("agent:case.work")
    hub.post("/console/staff/role/table/", {"cell": ticked})
    assert told("staff.permissions_changed") == [{"role": "agent", "allowed": [], "denied": ["case.work"]}]


def test_own_role_starts_empty(admin, team):
    role = services.create_role(admin, "trainee", "实习生", reach="own")
    user = make_user(team=team)
    Membership.objects.create(user=user, role=role, team=team)
    services.set_permissions(admin, role, {"case.view": True, "hub.use": True})
    user.refresh_from_db()
    assert user.is_staff
    assert can(user, "case.view")
    assert not can(user, "case.work")


def test_every_admin_page_stands_on_the_scoped_base():
    from django.contrib import admin as django_admin

    from console.foundation.admin import ScopedModelAdmin

    plain = [model for model, page in django_admin.site._registry.items() if not isinstance(page, ScopedModelAdmin)]
    assert plain == []
