"""The API as a whole: tokens, scopes, the schema, and problem+json by every route."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from console.api import services
from console.staff.models import Membership, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    user = get_user_model().objects.create(username="root", is_active=True)
    Membership.objects.create(user=user, role=Role.objects.get(code="administrator"))
    from console.staff.services.sync import sync_access

    sync_access([user.pk])
    return get_user_model().objects.get(pk=user.pk)


def get(client, path: str, secret: str = ""):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.get(path, headers=headers)


def test_a_token_is_stored_hashed_and_recognised(admin):
    token, secret = services.issue_token(admin, "test", ["*"])
    assert secret not in str(vars(token))
    assert services.recognise(secret).pk == token.pk


@pytest.mark.parametrize("spoil", ["revoked", "expired", "left", "unknown"])
def test_a_dead_token_opens_nothing(client, admin, spoil):
    token, secret = services.issue_token(admin, "test", ["*"])
    if spoil == "revoked":
        services.revoke_token(token)
    elif spoil == "expired":
        type(token).objects.update(expires_at=timezone.now())
    elif spoil == "left":
        get_user_model().objects.update(is_active=False)
    else:
        secret += "x"
    answer = get(client, "/api/v1/cases/", secret)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


ROUTES = [
    "cases",
    "case-types",
    "conversations",
    "messages",
    "customers",
    "channels/accounts",
    "envelopes",
    "deliveries",
    "events",
    "blueprints",
    "articles",
]


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_asks_who_is_there(client, route):
    assert get(client, f"/api/v1/{route}/").status_code in (401, 403)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_answers_an_administrator_with_a_page(client, admin, route):
    _token, secret = services.issue_token(admin, "test", ["*"])
    answer = get(client, f"/api/v1/{route}/", secret)
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("route", ROUTES)
def test_a_token_without_the_scope_is_refused(client, admin, route):
    _token, secret = services.issue_token(admin, "test", ["nothing:read"])
    answer = get(client, f"/api/v1/{route}/", secret)
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_schema_is_openapi_3_1_and_holds_only_our_paths(client):
    schema = client.get("/api/schema/?format=json").json()
    assert schema["openapi"].startswith("3.1")
    assert {path.split("/")[2] for path in schema["paths"]} == {"v1"}


def test_documentation_page_loads_nothing_from_elsewhere(client):
    page = client.get("/api/docs/").content.decode()
    assert "//cdn" not in page
    assert "https://" not in page.replace("https://github.com", "")
