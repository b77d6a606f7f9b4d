"""Every address of the API by token, by wrong method and by wrong body, and every answer against its description."""

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from console.api.services import issue_token

from .bodies import body_of
from .table import ANY, Door, doors, patterns
from .visiting import Values, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.once]
API = "/api/v1/"
DOORS = [door for door in doors() if door.address.startswith(API)]
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
PROBLEM = "application/problem+json"


def scopes() -> set[str]:
    return {pattern.callback.cls.scope for route, pattern in patterns().items() if route.startswith(API.lstrip("/"))}


@pytest.fixture
def send(world, visitor):
    """A request of the administrator, by token or session."""

    def sending(method: str, address: str, *, token: list[str] | None = None, **more: Any) -> Visit:
        values = Values(world, world.near)
        headers = {}
        if token is not None:
            _row, secret = issue_token(world.people["m"], "walk", token)
            headers = {"Authorization": f"Bearer {secret}"}
            visitor.browsers["token"] = Client(headers=headers, raise_request_exception=False)
        who = "m" if token is None else "token"
        return visitor.visit(who, method, address.format_map(values), more.get("body", body_of(address, values)))

    return sending


def test_a_token_without_the_scope_opens_nothing(send):
    odd = {}
    for door in DOORS:
        visit = send(door.method, door.address, token=["nothing:read"])
        if (visit.status, visit.content_type) != (403, PROBLEM) or set(visit.writes) - {"api_apitoken"}:
            odd[str(door)] = str(visit)
    assert odd == {}


def test_a_token_that_reads_changes_nothing(send):
    reading = [f"{scope}:read" for scope in scopes()]
    odd = {}
    for door in DOORS:
        visit = send(door.method, door.address, token=reading)
        wanted = 200 if door.method == "GET" else 403
        if visit.status != wanted:
            odd[str(door)] = str(visit)
    assert odd == {}


def test_other_methods_are_refused_as_problems(send):
    odd = {}
    for address in {door.address for door in DOORS}:
        for method in METHODS - {door.method for door in DOORS if door.address == address}:
            visit = send(method, address)
            if (visit.status, visit.content_type) != (405, PROBLEM):
                odd[f"{method} {address}"] = str(visit)
    assert odd == {}


def test_what_is_no_json_is_refused_as_a_problem(world, visitor):
    client, odd = visitor.browsers["m"], {}
    for door in DOORS:
        if "requestBody" not in operation(door):
            continue
        address = visitor.address(door.address, world.near)
        for kind, body, status in (("text/plain", "x", 415), ("application/json", "{", 400)):
            answer = client.generic(door.method, address, body, content_type=kind)
            if (answer.status_code, answer.get("Content-Type")) != (status, PROBLEM):
                odd[f"{door} {kind}"] = answer.status_code
    assert odd == {}


def bare(address: str) -> str:
    """An address without the names of its parameters and without its query."""
    return ANY.sub("{}", address.partition("?")[0])


def operation(door: Door) -> dict[str, Any]:
    """How the description describes one door."""
    paths = {bare(path): methods for path, methods in description()["paths"].items()}
    return paths[bare(door.address)][door.method.lower()]


@cache
def description() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_description_is_valid_and_complete():
    validate_schema(description())
    there = {(method.upper(), path) for path, methods in description()["paths"].items() for method in methods}
    assert {(method, bare(path)) for method, path in there} == {(door.method, bare(door.address)) for door in DOORS}


def test_answers_are_as_described(send):
    """Every list and row of the world, as the administrator gets it."""
    odd = {}
    for door in DOORS:
        visit = send(door.method, door.address)
        answer = operation(door)["responses"].get(str(visit.status))
        if answer is None:
            odd[str(door)] = f"{visit.status} is not described: {visit.text[:200]}"
        elif shape := answer.get("content", {}).get("application/json", {}).get("schema"):
            odd |= {f"{door} {error.json_path}": error.message[:200] for error in errors(shape, visit.text)}
    assert odd == {}


def errors(shape: dict[str, Any], text: str) -> list[Any]:
    whole = {**shape, "components": description()["components"]}
    return list(jsonschema.Draft202012Validator(whole).iter_errors(json.loads(text)))[:3]
