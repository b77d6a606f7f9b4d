"""The API base, on a small viewset of calendars."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from rest_framework import exceptions, mixins, serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from console.foundation.api import ScopedViewSet, problems, register_problem
from console.foundation.api.idempotency import purge_expired
from console.foundation.api.views import _check
from console.foundation.models import BusinessCalendar, IdempotencyKey
from tests.factories.foundation import BusinessCalendarFactory

pytestmark = pytest.mark.django_db


class CalendarSerializer(serializers.ModelSerializer):
    class Meta:
        model = BusinessCalendar
        fields = ["id", "code", "name"]


class Calendars(mixins.CreateModelMixin, mixins.ListModelMixin, ScopedViewSet):
    queryset = BusinessCalendar.objects.all()
    serializer_class = CalendarSerializer
    permissions = {"create": "calendar.change"}
    authentication_classes = []
    permission_classes = []
    calls = 0
    fault: Exception | None = None

    def create(self, request, *args, **kwargs):
        Calendars.calls += 1
        if Calendars.fault:
            raise Calendars.fault
        response = super().create(request, *args, **kwargs)
        return Response(response.data, status=201, headers={"Location": f"/x/{response.data['id']}"})


@pytest.fixture(autouse=True)
def reset(settings):
    settings.HUIYIN_PERMISSION_CHECK = "tests.console.foundation.test_api.answer"
    Calendars.calls, Calendars.fault = 0, None
    granted.clear()
    granted.add("calendar.change")
    yield
    _check.cache_clear()


granted: set[str] = set()


def answer(user, permission, obj=None):
    return permission in granted


@pytest.fixture
def user():
    return get_user_model().objects.create(username="u")


def call(user, method="get", path="/calendars/", data=None, key="", view=None, **query):
    headers = {"Idempotency-Key": key} if key else {}
    make = getattr(APIRequestFactory(), method)
    request = make(
        path, data if data is not None else query, format="json" if data is not None else None, headers=headers
    )
    if user:
        force_authenticate(request, user)
    response = (view or Calendars).as_view({"get": "list", "post": "create"})(request)
    response.render()
    return response


def post(user, key="", **data):
    return call(user, "post", data={"code": "a", "name": "A", **data}, key=key)


def test_pages_by_cursor(user):
    BusinessCalendarFactory.create_batch(5)
    first = call(user, limit=2)
    ids = [row["id"] for row in first.data["results"]]
    assert ids == sorted(ids, reverse=True)
    cursor = first.data["next"].split("cursor=")[1].split("&")[0]
    second = call(user, path=f"/calendars/?limit=2&cursor={cursor}")
    assert max(row["id"] for row in second.data["results"]) < min(ids)
    assert len(call(user, limit=100_000).data["results"]) == 5


@pytest.mark.parametrize("cursor", ["nonsense", "cD14", "cD0lMDA=", "cj0xJnA9eA==", "%00"])
def test_an_edited_cursor_is_a_wrong_address(user, cursor):
    BusinessCalendarFactory()
    assert call(user, path=f"/calendars/?cursor={cursor}").status_code in (200, 404)


def test_the_scope_of_the_queryset_is_applied(user, monkeypatch):
    BusinessCalendarFactory.create_batch(2)
    scoped = type("Scoped", (BusinessCalendar.objects.all().__class__,), {})
    scoped.visible_to = lambda self, who: self.none() if who == user else self
    monkeypatch.setattr(Calendars, "queryset", scoped(BusinessCalendar))
    assert call(user).data["results"] == []


def test_who_may_not_is_told_so(user):
    assert call(None).status_code in (401, 403)
    granted.clear()
    response = post(user)
    assert response.status_code == 403
    assert response.data["type"] == "urn:huiyin:problem:permission_denied"
    assert response["Content-Type"] == "application/problem+json"


def test_validation_errors_name_the_fields(user):
    response = post(user, code="")
    assert (response.status_code, response.data["status"], list(response.data["errors"])) == (400, 400, ["code"])


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (ValidationError({"code": ["wrong"]}), 400, "invalid"),
        (ValidationError("wrong"), 400, "invalid"),
        (Http404(), 404, "not_found"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
    ],
)
def test_every_error_is_a_problem(user, fault, status, code):
    Calendars.fault = fault
    response = post(user)
    assert (response.status_code, response.data["type"]) == (status, f"urn:huiyin:problem:{code}")
    assert {"title", "status", "detail"} <= set(response.data)


def test_rooms_tell_their_own_errors(user, monkeypatch):
    class Refused(Exception):
        pass

    monkeypatch.setattr(problems, "_known", {})
    register_problem(Refused, 409, "refused", lambda error: {"detail": "No.", "allowed": ["mail"]})
    Calendars.fault = Refused("13812345678")
    response = post(user)
    assert (response.status_code, response.data["allowed"], response.data["detail"]) == (409, ["mail"], "No.")
    assert "138" not in str(response.data)


def test_our_own_fault_gives_a_reference_and_no_detail(user, caplog):
    Calendars.fault = RuntimeError("password=hunter2")
    response = post(user)
    assert response.status_code == 500
    assert response.data["reference"].startswith("ERR-")
    assert "hunter2" not in str(response.data)
    assert caplog.records[-1].reference == response.data["reference"]


def test_one_key_happens_once(user):
    first, second = post(user, "k1"), post(user, "k1")
    assert (Calendars.calls, BusinessCalendar.objects.count()) == (1, 1)
    assert (second.status_code, second.data, second["Location"]) == (201, first.data, first["Location"])
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first


def test_keys_belong_to_a_user_and_a_request(user):
    post(user, "k1")
    other = get_user_model().objects.create(username="other")
    assert post(other, "k1", code="b").status_code == 201
    assert post(user, "k1", code="c").status_code == 422
    assert BusinessCalendar.objects.count() == 2


def test_a_refused_request_may_be_corrected_under_its_key(user):
    assert post(user, "k1", code="").status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert post(user, "k1").status_code == 201


def test_a_fault_undoes_the_change_and_the_key(user):
    Calendars.fault = RuntimeError()
    assert post(user, "k1").status_code == 500
    Calendars.fault = None
    assert post(user, "k1").status_code == 201


def test_strange_keys_are_refused(user):
    assert post(user, "k" * 256).status_code == 400


def test_answers_are_stored_unreadable_and_expire(user):
    post(user, "k1", name="Zhang San")
    row = IdempotencyKey.objects.get()
    assert "Zhang" in row.body
    assert "Zhang" not in repr(IdempotencyKey.objects.values_list("body", flat=True).get().token)
    IdempotencyKey.objects.update(expires_at=timezone.now())
    assert post(user, "k1", code="z").status_code == 201
    IdempotencyKey.objects.update(expires_at=timezone.now())
    assert purge_expired() == 1
