"""Saved views made at the desk: whose they are, who sees them, what the form asks, and nothing lost by a slip."""

import pytest

from console.desk import queues, viewing
from console.events.models import Event
from console.lowcode.models import SavedView
from tests.factories.cases import make_case
from tests.factories.lowcode import SavedViewFactory
from tests.factories.staff import TeamFactory, make_user

VIEWS, NEW = "/console/desk/views/", "/console/desk/views/new/"
OPEN = {"row": ["0"], "field-0": "is_open", "op-0": "eq", "value-0": "true"}


@pytest.fixture
def own(agent):
    return SavedViewFactory(code="", owner=agent, shared="nobody", name_zh="我的投诉", name_en="My complaints")


@pytest.fixture
def lead(client, supervisor):
    client.force_login(supervisor)
    return client


def save(client, url=NEW, **values):
    return client.post(url, {"name": "急件", "sort": "next_due_at", "mode": "all", "do": "save", **OPEN, **values})


def test_an_agent_makes_a_view_and_it_is_a_tab(desk, agent, preset):
    answer = save(desk, sort="-opened_at")
    view = SavedView.objects.get(owner=agent)
    assert answer.url == f"/console/desk/?view=own-{view.pk}"
    assert (view.name_zh, view.name_en, view.sort, view.shared) == ("急件", "急件", ["-opened_at"], "nobody")
    assert view.tree == {"all": [{"field": "is_open", "op": "eq", "value": True}]}
    assert "急件" in [tab.label for tab in desk.get("/console/desk/").context["tabs"]]
    assert Event.objects.filter(type="view.saved", actor_id=str(agent.pk)).exists()


def test_a_condition_that_is_not_finished_is_refused_and_what_was_typed_stays(desk, agent, preset):
    answer = save(desk, **{"row": ["0"], "field-0": "grade", "op-0": "gte", "value-0": "hoch"})
    assert answer.status_code == 422
    assert "急件" in answer.content.decode()
    assert "hoch" in answer.content.decode()
    assert not SavedView.objects.filter(owner=agent).exists()


def test_conditions_come_and_go_without_scripts(desk, preset):
    page = save(desk, do="add")
    assert len(page.context["asked"].parts) == 2
    page = save(desk, do="drop-0")
    assert page.context["asked"].parts == []
    assert page.context["form"]["name"].value() == "急件"


def test_the_condition_alone_is_redrawn_with_its_preview(htmx, preset, agent, team):
    make_case(team=team, owner=agent)
    answer = htmx("post", NEW, target="condition", do="draw", mode="all", **OPEN)
    text = answer.content.decode()
    assert "<html" not in text
    assert str(answer.context["preview"]) in text
    assert (answer.context["preview"].matched, answer.context["preview"].looked_at) == (1, 1)


def test_the_preview_counts_only_cases_one_may_see(htmx, preset):
    make_case(team=TeamFactory(code="far"))
    answer = htmx("post", NEW, target="condition", do="draw", mode="all", **OPEN)
    assert answer.context["preview"].looked_at == 0


def test_owners_states_and_channels_are_chosen_from_lists(htmx, preset, agent, supervisor):
    row = {"row": ["0"], "field-0": "state", "op-0": "eq", "value-0": "investigating"}
    part = htmx("post", NEW, target="condition", do="draw", mode="all", **row).context["asked"].parts[0]
    assert "investigating" in dict(part.options)
    row = {"row": ["0"], "field-0": "owner", "op-0": "eq", "value-0": "@me"}
    part = htmx("post", NEW, target="condition", do="draw", mode="all", **row).context["asked"].parts[0]
    assert {"@me", str(supervisor.pk)} <= set(dict(part.options))


def test_groups_stay_as_they_are_and_can_be_removed(desk, agent, preset):
    due = SavedView.objects.get(code="due")
    view = viewing.copied(agent, due)
    page = desk.get(f"{VIEWS}{view.pk}/")
    kept = page.context["asked"].parts[1]
    assert kept.words
    save(desk, f"{VIEWS}{view.pk}/", row=["0", "1"], **{"kept-1": kept.kept})
    view.refresh_from_db()
    assert view.tree == due.tree


def test_agents_share_nothing_and_a_posted_choice_is_not_believed(desk, agent, preset):
    save(desk, seen="everyone")
    assert SavedView.objects.get(owner=agent).shared == "nobody"


def test_a_lead_shares_with_a_team_or_everyone(lead, supervisor, agent, team, preset):
    save(lead, seen=f"team:{team.pk}")
    view = SavedView.objects.get(owner=supervisor)
    assert (view.shared, view.shared_with) == ("some", [f"team:{team.pk}"])
    assert view in viewing.mine(agent)
    stranger = make_user("agent", team=TeamFactory(code="far"))
    assert view not in viewing.mine(stranger)
    save(lead, f"{VIEWS}{view.pk}/", seen="everyone")
    assert view in viewing.mine(stranger)


def test_a_lead_does_not_share_with_a_team_out_of_reach(lead, supervisor, preset):
    far = TeamFactory(code="far")
    assert save(lead, seen=f"team:{far.pk}").status_code == 422


def test_shared_views_are_copied_not_changed_by_agents(desk, agent, preset):
    mine = SavedView.objects.get(code="mine")
    assert save(desk, f"{VIEWS}{mine.pk}/").status_code == 403
    assert desk.post(f"{VIEWS}{mine.pk}/remove/").status_code == 403
    answer = desk.post(f"{VIEWS}{mine.pk}/copy/")
    copy = SavedView.objects.get(owner=agent)
    assert answer.url == f"{VIEWS}{copy.pk}/"
    assert (copy.tree, copy.shared) == (mine.tree, "nobody")


def test_what_others_keep_for_themselves_is_not_found(client, own, db):
    for person in (make_user("agent", team=TeamFactory(code="far")), make_user("administrator", is_superuser=True)):
        client.force_login(person)
        assert client.get(f"{VIEWS}{own.pk}/").status_code == 404
        assert own not in viewing.mine(person)


def test_renaming_keeps_the_other_language(desk, own, preset):
    save(desk, f"{VIEWS}{own.pk}/", name="急诉", other_name="Urgent complaints")
    own.refresh_from_db()
    assert (own.name_zh, own.name_en) == ("急诉", "Urgent complaints")


def test_deleting_has_an_undo_and_events(desk, own, agent):
    answer = desk.post(f"{VIEWS}{own.pk}/remove/")
    assert own not in viewing.mine(agent)
    page = desk.get(answer.url)
    assert page.context["gone"] == own
    desk.post(f"{VIEWS}{own.pk}/restore/")
    assert own in viewing.mine(agent)
    assert Event.objects.filter(type__in=["view.removed", "view.restored"]).count() == 2


def test_the_order_is_each_persons_own(desk, own, agent, supervisor, preset):
    for _step in range(6):
        desk.post(f"{VIEWS}{own.pk}/move/", {"way": "up"})
    agent.refresh_from_db()
    assert viewing.mine(agent)[0] == own
    assert [row.code for row in viewing.mine(supervisor)][:2] == ["mine", "unowned"]


def test_more_views_than_tabs_are_in_the_menu_and_nothing_is_lost(desk, agent, preset):
    extra = [SavedViewFactory(code="", owner=agent, shared="nobody", name_zh=f"视图{n}号") for n in range(9)]
    page = desk.get("/console/desk/")
    tabs = page.context["tabs"]
    assert len(tabs) == 15
    assert [tab.more for tab in tabs] == [False] * queues.MOST_VIEWS + [True] * (15 - queues.MOST_VIEWS)
    assert all(f"view=own-{view.pk}" in page.content.decode() for view in extra)
    last = desk.get(f"/console/desk/?view=own-{extra[-1].pk}").context["tabs"]
    assert [tab.code for tab in last if tab.current and not tab.more] == [f"own-{extra[-1].pk}"]
