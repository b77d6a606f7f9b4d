import pytest

from console.cases import config
from console.foundation import numbers
from tests.factories.cases import cn_bank
from tests.factories.staff import TeamFactory, make_user


@pytest.fixture(autouse=True)
def _forgetful():
    """Tests roll the database back; what is kept in memory must go with it."""
    config.forget()
    numbers.reset()
    yield
    config.forget()
    numbers.reset()


@pytest.fixture
def preset(db):
    cn_bank()


@pytest.fixture
def team(db):
    return TeamFactory()


@pytest.fixture
def agent(team):
    return make_user("agent", team=team)


@pytest.fixture
def supervisor(team):
    return make_user("supervisor", team=team)


@pytest.fixture
def officer(team):
    return make_user("complaint_officer", team=team)
