import pytest

from console.cases import config
from console.cases.models import CaseType, IntakeRule
from console.foundation import numbers
from console.outreach import rendering
from tests.console.channels.conftest import _forgetful, line  # noqa: F401  fixtures
from tests.factories.cases import cn_bank
from tests.factories.channels import AccountFactory
from tests.factories.staff import TeamFactory, make_user


@pytest.fixture(autouse=True)
def _forget_configuration():
    config.forget()
    numbers.reset()
    rendering.forget()
    yield
    config.forget()
    numbers.reset()
    rendering.forget()


@pytest.fixture
def team(db):
    return TeamFactory()


@pytest.fixture
def account(line, team):  # noqa: F811
    cn_bank()
    account = AccountFactory(team=team, site=team.site)
    IntakeRule.objects.create(name="mail", account=account, type=CaseType.objects.get(code="complaint"), team=team)
    return account


@pytest.fixture
def agent(team):
    return make_user("agent", team=team)


@pytest.fixture
def supervisor(team):
    return make_user("supervisor", team=team)
