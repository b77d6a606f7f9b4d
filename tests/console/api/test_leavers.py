"""Tokens end with the people they belong to."""

import pytest

from console.api.services import issue_token, recognise
from console.staff.services import hand_over, suspend, unsuspend
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory()


def test_tokens_of_a_leaver_never_come_back(team):
    user, heir = make_user("agent", team=team), make_user("agent", team=team)
    _token, secret = issue_token(user, "script", ["*"])
    assert recognise(secret).user == user
    hand_over(user, heir, None)
    assert recognise(secret) is None
    unsuspend(None, user)
    assert recognise(secret) is None


def test_tokens_of_a_suspended_person_rest(team):
    user = make_user("agent", team=team)
    _token, secret = issue_token(user, "script", ["*"])
    suspend(None, user)
    assert recognise(secret) is None
    unsuspend(None, user)
    assert recognise(secret) is not None


def test_demo_tokens_work_in_the_demo_only(team, settings):
    _token, secret = issue_token(make_user("agent", team=team, is_demo=True), "script", ["*"])
    settings.HUIYIN_DEMO = False
    assert recognise(secret) is None
    settings.HUIYIN_DEMO = True
    assert recognise(secret) is not None
