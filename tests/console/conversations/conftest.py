import pytest

from console.channels.models import ChannelAccount
from tests.console.channels.conftest import _forgetful, line  # noqa: F401  fixtures
from tests.factories.channels import AccountFactory
from tests.factories.staff import TeamFactory, make_user


@pytest.fixture
def team(db):
    return TeamFactory()


@pytest.fixture
def account(line, team) -> ChannelAccount:  # noqa: F811
    return AccountFactory(team=team, site=team.site)


@pytest.fixture
def agent(team):
    return make_user("agent", team=team)


@pytest.fixture
def outsider(db):
    return make_user("agent", team=TeamFactory())
