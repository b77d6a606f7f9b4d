"""Tokens in the hub: made, shown once, listed, revoked; one's own, or anybody's for who manages staff."""

import re

import pytest
from django.urls import reverse

from console.api.models import ApiToken
from console.api.services import issue_token, recognise
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db
ADD, LIST = reverse("admin:api_apitoken_add"), reverse("admin:api_apitoken_changelist")


@pytest.fixture
def supervisor(db):
    return make_user("supervisor", team=TeamFactory(), language="en")


def test_a_token_is_made_shown_once_and_revoked(client, supervisor):
    client.force_login(supervisor)
    page = client.get(ADD).content.decode()
    assert "cases:read" in page
    posted = {"user": supervisor.pk, "name": "report", "scopes": ["cases:read", "events:read"]}
    answer = client.post(ADD, posted, follow=True).content.decode()
    secret = re.search(r"hy_[\w-]+", answer)[0]
    token = recognise(secret)
    assert (token.user, token.scopes) == (supervisor, ["cases:read", "events:read"])
    assert secret not in client.get(LIST).content.decode()
    client.post(LIST, {"action": "revoke", "_selected_action": [token.pk]})
    assert recognise(secret) is None


def test_nobody_makes_or_sees_tokens_of_others(client, supervisor):
    other = make_user("administrator")
    issue_token(other, "secret work", ["*"])
    client.force_login(supervisor)
    assert "secret work" not in client.get(LIST).content.decode()
    client.post(ADD, {"user": other.pk, "name": "mine", "scopes": ["*"]})
    assert not ApiToken.objects.filter(name="mine").exists()


def test_an_administrator_sees_and_makes_tokens_for_all(client, supervisor):
    client.force_login(make_user("administrator", language="en"))
    client.post(ADD, {"user": supervisor.pk, "name": "for the report", "scopes": ["*"]})
    assert ApiToken.objects.get().user == supervisor
    assert "for the report" in client.get(LIST).content.decode()


def test_an_agent_has_no_such_page(client):
    client.force_login(make_user("agent", team=TeamFactory()))
    assert client.get(ADD).status_code == 403
