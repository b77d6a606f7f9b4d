from console.lowcode.conditions import context_for
from tests.factories.staff import TeamFactory, make_user


def test_my_teams_and_roles_are_those_of_the_memberships(db):
    team = TeamFactory()
    context = context_for(make_user("agent", team=team))
    assert context.team_ids == (team.pk,)
    assert context.roles == ("agent",)


def test_nobody_has_no_teams():
    assert context_for(None).team_ids == ()
