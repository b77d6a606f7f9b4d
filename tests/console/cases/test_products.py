"""Whoever answers for a product sees its cases, by every door, and nobody else's."""

import pytest
from django.contrib.admin.sites import site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from console.cases import search, services
from console.cases.models import Case, ProductOwner
from console.cases.services import NotAllowed
from console.cases.services.base import CaseError
from console.desk.finding import find
from console.events.models import Event
from console.staff.access import access_of, can
from console.staff.services import hand_over
from tests.factories.cases import make_case
from tests.factories.staff import SiteFactory, TeamFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(preset):
    return make_user("product_owner", team=TeamFactory())


@pytest.fixture
def case(preset, team):
    case = make_case("complaint", subject="小额免密关不掉", team=team, site=team.site)
    services.set_category(case, "product", "credit_card")
    return case


def seen(person) -> list[Case]:
    return list(Case.objects.visible_to(person))


def test_a_product_opens_its_cases_and_those_of_its_branches(case, person, team):
    other = make_case("complaint", team=team, site=team.site)
    services.set_category(other, "product", "wealth")
    assert seen(person) == []
    assert not can(person, "case.view", case)
    row = services.give_product(person, "cards")
    assert seen(person) == [case]
    assert can(person, "case.view", case)
    assert not can(person, "case.view", other)
    assert not can(person, "case.work", case)
    services.set_category(case, "product", "savings")
    assert seen(person) == []
    assert not can(person, "case.view", case)
    services.set_category(case, "product", "debit_card")
    assert seen(person) == [case]
    services.take_product(row)
    assert seen(person) == []


def test_another_dimension_with_the_same_code_opens_nothing(case, person):
    services.give_product(person, "credit_card")
    case.category_rows.update(field="category.reason")
    assert seen(person) == []
    assert not can(person, "case.view", case)


def test_without_a_role_that_sees_cases_a_product_opens_nothing_by_any_door(case, client):
    editor = make_user("knowledge_editor", team=TeamFactory())
    services.give_product(editor, "cards")
    client.force_login(editor)
    assert client.get(reverse("desk:case", args=[case.number])).status_code == 403
    api = APIClient()
    api.force_authenticate(editor)
    assert api.get("/api/v1/cases/").status_code == 403


def test_an_interest_closes_it_again(case, person):
    services.give_product(person, "cards")
    services.declare_interest(case, person, "亲属", person)
    assert seen(person) == []
    assert not can(person, "case.view", case)


def test_desk_api_and_search_agree(case, person, client):
    search.index_cases()
    client.force_login(person)
    api = APIClient()
    api.force_authenticate(person)

    def doors():
        return (
            client.get(reverse("desk:case", args=[case.number])).status_code,
            case.number in client.get(reverse("desk:home")).content.decode(),
            api.get(f"/api/v1/cases/{case.number}/").status_code,
            [row["number"] for row in api.get("/api/v1/cases/").json()["results"]],
            find(person, "小额免密").cases,
            find(person, case.number).exact,
        )

    assert doors() == (404, False, 404, [], [], None)
    services.give_product(person, "cards")
    assert doors() == (200, True, 200, [case.number], [case], case)


def test_a_task_is_found_by_its_words_too(case, agent, preset):
    helper = make_user("participant", team=TeamFactory())
    search.index_cases()
    assert find(helper, "小额免密").cases == []
    services.add_task(case, "查日志", None, assignee=helper)
    assert find(helper, "小额免密").cases == [case]


def test_the_list_costs_no_query_more(case, person):
    services.give_product(person, "cards")
    access_of(person)
    with CaptureQueriesContext(connection) as queries:
        assert seen(person) == [case]
    assert len(queries) == 1
    if connection.vendor == "sqlite":
        assert "case_category_text" in Case.objects.visible_to(person).explain()


def test_who_may_say_it_and_what_is_kept_of_it(case, person, supervisor, officer):
    for by in (supervisor, officer, person):
        with pytest.raises(NotAllowed):
            services.give_product(person, "cards", by)
    keeper = make_user("administrator", team=TeamFactory())
    with pytest.raises(CaseError):
        services.give_product(person, "no-such", keeper)
    row = services.give_product(person, "cards", keeper)
    assert services.give_product(person, "cards", keeper) == row
    with pytest.raises(NotAllowed):
        services.take_product(row, officer)
    services.take_product(row, keeper)
    told = Event.objects.filter(stream=f"staff:{person.pk}", type__startswith="staff.product").order_by("seq")
    assert [(event.type, event.data["code"]) for event in told] == [
        ("staff.product_given", "cards"),
        ("staff.product_taken", "cards"),
    ]


def test_who_leaves_answers_for_nothing(case, person):
    services.give_product(person, "cards")
    hand_over(person, make_user("product_owner"), None)
    assert not ProductOwner.objects.exists()


def test_the_hub_page(case, person, officer, client):
    keeper = make_user("administrator", team=TeamFactory(site=SiteFactory()))
    add = reverse("admin:cases_productowner_add")
    client.force_login(officer)
    assert client.get(reverse("admin:cases_productowner_changelist")).status_code == 200
    assert client.get(add).status_code == 403
    client.force_login(keeper)
    page = client.get(add).content.decode()
    assert "银行卡 / 信用卡" in page
    answer = client.post(add, {"user": person.pk, "code": "credit_card"})
    assert answer.status_code == 302, answer.content.decode()
    row = ProductOwner.objects.get()
    assert (row.user, row.code) == (person, "credit_card")
    again = client.post(add, {"user": person.pk, "code": "credit_card"})
    assert again.status_code == 200
    assert ProductOwner.objects.count() == 1
    assert client.post(reverse("admin:cases_productowner_delete", args=[row.pk]), {"post": "yes"}).url == reverse(
        "admin:cases_productowner_changelist"
    )
    assert not ProductOwner.objects.exists()
    assert site.is_registered(ProductOwner)
