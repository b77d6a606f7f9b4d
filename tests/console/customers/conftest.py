import pytest
from django.core.cache import caches

from console.events.models import Event
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
