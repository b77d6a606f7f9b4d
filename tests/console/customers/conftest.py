import pytest
from django.core.cache import caches
from django.test import Client
from rest_framework.test import APIClient

from console.events.models import Event
from tests.factories.customers import make_customer
from tests.factories.staff import SiteFactory, TeamFactory, make_user


@pytest.fixture(autouse=True)
def _fresh_limits():
    caches["shared"].clear()


@pytest.fixture
def team(db):
    return TeamFactory()


@pytest.fixture
def agent(team):
    return make_user("agent", team=team)


@pytest.fixture
def stranger(db):
    """An agent of another site."""
    return make_user("agent", team=TeamFactory(site=SiteFactory()))


@pytest.fixture
def told():
    """Data of the events of one type, oldest first."""

    def look(event_type: str) -> list[dict]:
        return [event.data for event in Event.objects.filter(type=event_type).order_by("id")]

    return look


@pytest.fixture
def mine(team):
    return make_customer(display_name="林晚晴", phone="13800138000", site=team.site, team=team)


@pytest.fixture
def theirs(db):
    other = TeamFactory()
    return make_customer(display_name="周子航", phone="13900139000", site=other.site, team=other)


@pytest.fixture
def hub(agent):
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def api(agent):
    client = APIClient()
    client.force_authenticate(agent)
    return client
