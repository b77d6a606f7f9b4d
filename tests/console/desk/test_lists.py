from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from console.cases import config, services
from console.cases.models import Case, FieldDef
from console.cases.search import index_cases
from tests.factories.cases import make_case
from tests.factories.staff import make_user


@pytest.fixture
def case(preset, agent, team):
    return make_case(team=team, owner=agent)


def as_(client, user):
    client.force_login(user)
    return client


def test_a_second_person_decides_and_the_first_cannot(client, case, agent, supervisor):
    rule = services.available_extensions(case)[0]
    extension = services.request_extension(case, rule.code, "需调取签约影像", agent)
    decide = reverse("desk:approval", args=[extension.approval_id])
    own = as_(client, agent).get("/console/desk/approvals/").content.decode()
    assert "需调取签约影像" in own
    assert decide not in own
    as_(client, supervisor).post(decide, {"verdict": "reject", "reason": ""})
    extension.approval.refresh_from_db()
    assert extension.approval.status == "pending"
    client.post(decide, {"verdict": "approve", "reason": ""})
    extension.approval.refresh_from_db()
    assert extension.approval.status == "approved"


def test_a_participant_sees_and_answers_the_task_they_were_given(client, case, agent):
    helper = make_user("participant")
    task = services.add_task(case, "请核实签约记录", agent, assignee=helper, due_at=timezone.now() + timedelta(days=1))
    page = as_(client, helper).get("/console/desk/tasks/").content.decode()
    assert "请核实签约记录" in page
    client.post(reverse("desk:task", args=[task.pk]), {"answer": "已核实,无签约"})
    task.refresh_from_db()
    assert (task.status, task.answer) == ("done", "已核实,无签约")


def test_words_inside_a_sentence_are_found_and_marked(desk, case):
    index_cases()
    page = desk.get("/console/desk/", {"q": "小额免密"}).content.decode()
    assert "<mark>小额免密</mark>" in page
    assert case.number in page


def test_a_customer_is_found_by_exact_phone_masked(desk, case):
    from console.customers.services.profile import add_identifier

    add_identifier(None, case.customer, "phone", "13912345678")
    page = desk.get("/console/desk/", {"q": "139 1234 5678"}).content.decode()
    assert reverse("desk:customer", args=[case.customer_id]) in page
    assert "13912345678" not in page.replace('value="139 1234 5678"', "")


def test_working_roles_land_at_the_desk_and_the_administrator_in_the_hub(client, agent, db):
    assert as_(client, agent).get("/console/").url == "/console/desk/"
    assert as_(client, make_user("participant")).get("/console/").url == "/console/desk/tasks/"
    assert as_(client, make_user("administrator")).get("/console/").status_code == 200


def test_templates_are_offered_and_filled_in(desk, case):
    page = desk.get(reverse("desk:case", args=[case.number])).content.decode()
    url = reverse("desk:template", args=[case.number, "reply-checking"])
    assert url in page
    assert case.number in desk.get(url).content.decode()


def test_opening_a_case_by_hand(htmx, preset, agent):
    answer = htmx("post", "/console/desk/new/", type="enquiry", subject="来电咨询年费", text="想问年费怎么免")
    assert "/console/desk/cases/" in answer["HX-Redirect"]


NEW = "/console/desk/new/"


def test_a_case_opened_by_hand_takes_its_types_fields_and_when_it_reached_us(htmx, preset, agent):
    assert 'name="f-amount"' in htmx("post", NEW, part="fields", type="complaint").content.decode()
    assert 'name="f-amount"' not in htmx("post", NEW, part="fields", type="enquiry").content.decode()
    yesterday = timezone.localtime(timezone.now() - timedelta(days=1)).replace(second=0, microsecond=0)
    sent = {"type": "complaint", "subject": "多收年费", "f-amount": "120.5", "f-branch": "城东支行"}
    htmx("post", NEW, **sent, reached_at=f"{yesterday:%Y-%m-%dT%H:%M}")
    case = Case.objects.get()
    assert (case.data["amount"], case.data["branch"]) == (120.5, "城东支行")
    assert case.reached_at == yesterday
    assert case.clocks.get(kind="decision").started_at == yesterday


def test_what_was_typed_stays_when_the_type_changes(htmx, preset):
    part = htmx("post", NEW, **{"part": "fields", "type": "complaint", "f-branch": "城东支行", "f-amount": "x"})
    page = part.content.decode()
    assert 'value="城东支行"' in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize("days", [-1, 91])
def test_a_case_reached_us_in_the_past_and_not_too_long_ago(htmx, preset, days):
    at = timezone.localtime(timezone.now() - timedelta(days=days))
    answer = htmx("post", NEW, type="enquiry", subject="年费", reached_at=f"{at:%Y-%m-%dT%H:%M}")
    assert answer.status_code == 422
    assert 'id="id_reached_at_error"' in answer.content.decode()
    assert not Case.objects.exists()


def test_a_field_the_first_state_requires_is_asked_for(htmx, preset):
    FieldDef.objects.filter(code="branch").update(required_in=["received"])
    config.forget()
    answer = htmx("post", NEW, type="complaint", subject="多收年费")
    assert answer.status_code == 422
    assert 'id="id_f-branch_error"' in answer.content.decode()
    htmx("post", NEW, **{"type": "complaint", "subject": "多收年费", "f-branch": "城东支行"})
    assert Case.objects.get().data == {"branch": "城东支行"}


@pytest.mark.parametrize("role", ["participant", "product_owner"])
def test_a_helper_opens_the_case_of_their_task_without_its_customer(client, preset, agent, team, role):
    case = make_case(team=team, owner=agent)
    helper = make_user(role, site=team.site)
    services.add_task(case, "请核实", agent, assignee=helper)
    client.force_login(helper)
    assert client.get(reverse("desk:case", args=[case.number])).status_code == 200
    side = client.get(reverse("desk:case-side", args=[case.number]))
    assert side.status_code == 200
    assert 'id="particulars"' in side.content.decode()
    assert 'id="side-customer"' not in side.content.decode()
    answer = client.post(reverse("desk:note", args=[case.number]), {"text": "默认规则见手册 3.2"})
    assert answer.status_code in (200, 302)
    assert case.conversation.entries.filter(kind="note").exists()
