"""What an interest hides stays hidden by every door: lists, rows, API, search, the customer's page, downloads."""

import pytest
from rest_framework.test import APIClient

from console.cases import queries, search, services
from console.cases.models import Case
from console.channels.models import Attachment, Delivery, Envelope, Message
from console.conversations import services as conversations
from console.conversations.models import Conversation, Entry
from console.desk.finding import find
from console.outreach.models import SurveyAnswer
from console.staff.access import can
from tests.console.cases.test_telling import tell
from tests.factories.cases import make_account, make_case, make_message
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db
WORDS = "小额免密关不掉，经办人是其亲属"


@pytest.fixture
def case(preset, team):
    account = make_account(site=team.site, team=team)
    envelope = Envelope.objects.create(account=account, sha256="0" * 64, public_ref="EN-00000-00000-0", size=1)
    conversation = Conversation.objects.create(account=account, team=team, site=team.site, subject=WORDS)
    message = make_message(conversation, text=WORDS, envelope=envelope)
    Conversation.objects.filter(pk=conversation.pk).update(customer=message.customer)
    Attachment.objects.create(message=message, name="合同.pdf", size=1, stored_as="x", state="clean")
    case = make_case("complaint", message=message, team=team, site=team.site)
    tell(case)
    SurveyAnswer.objects.create(case=case, score=1, text=WORDS)
    return case


def api(user, path):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"/api/v1/{path}")


def rows_of(case):
    """Every kind of row in which words of the case stand."""
    message = case.origin
    return {
        Case: case,
        Conversation: case.conversation,
        Entry: message.entry,
        Message: message,
        Attachment: message.attachments.get(),
        Envelope: message.envelope,
        Delivery: Delivery.objects.get(message__entry__conversation=case.conversation),
        SurveyAnswer: case.survey_answers.get(),
    }


def places(case):
    rows = rows_of(case)
    return [
        f"cases/{case.number}/",
        f"conversations/{rows[Conversation].pk}/",
        f"conversations/{rows[Conversation].pk}/timeline/",
        f"messages/{rows[Message].pk}/",
        f"messages/{rows[Message].pk}/attachments/{rows[Attachment].pk}/",
    ]


@pytest.mark.parametrize("rank", [False, True])
def test_every_row_is_closed_whatever_the_reach_and_rank(case, team, rank):
    user = make_user("supervisor", "complaint_officer", "administrator", team=team, is_superuser=rank)
    rows = rows_of(case)
    seen = {model for model, row in rows.items() if model.objects.visible_to(user).filter(pk=row.pk).exists()}
    assert seen == set(rows)
    interest = services.declare_interest(case, user, "亲属", user)
    for model, row in rows.items():
        assert not model.objects.visible_to(user).filter(pk=row.pk).exists(), model
        permission = getattr(model, "scope_permission", None) or "case.view"
        assert not can(user, permission, row), model
    services.end_interest(interest, None, "登记有误")
    assert all(model.objects.visible_to(user).filter(pk=row.pk).exists() for model, row in rows.items())


def test_the_api_answers_as_if_there_were_none(case, officer):
    found = [api(officer, place).status_code for place in places(case)]
    assert found[:4] == [200] * 4
    services.declare_interest(case, officer, "亲属", officer)
    assert [api(officer, place).status_code for place in places(case)] == [404] * 5
    for place in ("cases/", "conversations/", "messages/", "deliveries/", "survey-answers/"):
        assert api(officer, place).json()["results"] == [], place


def test_search_lists_and_the_customers_page_say_nothing(client, case, officer):
    search.index_cases()
    assert find(officer, "经办人").cases == [case]
    services.declare_interest(case, officer, "亲属", officer)
    search.index_cases()
    assert (find(officer, "经办人").cases, find(officer, case.number).exact) == ([], None)
    assert find(officer, case.public_ref).exact is None
    assert list(queries.listed(officer)) == []
    client.force_login(officer)
    page = client.get(f"/console/desk/customers/{case.customer_id}/").content.decode()
    assert WORDS not in page
    message = case.origin
    for path in (
        f"/console/desk/cases/{case.number}/",
        f"/console/desk/messages/{message.pk}/",
        f"/console/desk/attachments/{message.attachments.get().pk}/",
        f"/console/attachments/{message.attachments.get().pk}/",
    ):
        assert client.get(path).status_code == 404, path
    admin = client.get("/console/conversations/conversation/")
    assert WORDS not in admin.content.decode()


def test_nor_do_they_write_there_by_the_conversations_own_door(case, officer):
    services.declare_interest(case, officer, "亲属", officer)
    with pytest.raises(conversations.NotAllowed):
        conversations.add_note(case.conversation, officer, "x")


def test_who_may_look_still_reads(preset, team, agent):
    case = make_case("enquiry", team=team)
    Conversation.objects.filter(pk=case.conversation_id).update(team=team)
    services.declare_interest(case, agent, "亲属", agent)
    assert Conversation.objects.visible_to(agent).get() == case.conversation


def test_a_recheck_hides_its_own_words_and_not_the_first_case(client, case, officer):
    TeamFactory(code="recheck")
    services.accept(case, officer)
    services.transition(case, "decide", officer, {"outcome": "upheld", "root_cause": "rules", "decision": "好"})
    services.settle_delivery(tell(case).delivery_id, "accepted")
    case.refresh_from_db()
    services.ask_for_recheck(case, "不服", None)
    make_message(case.conversation, text="只说给核查团队听的话", account=case.account)
    client.force_login(officer)
    for page in (
        client.get(f"/console/desk/cases/{case.number}/").content.decode(),
        client.get(f"/console/desk/customers/{case.customer_id}/").content.decode(),
        api(officer, "messages/").content.decode(),
    ):
        assert WORDS in page
        assert "只说给核查团队听的话" not in page


def test_those_without_an_interest_lose_nothing(case, agent, officer):
    services.declare_interest(case, officer, "亲属", officer)
    for model, row in rows_of(case).items():
        if model is not Envelope:
            assert model.objects.visible_to(agent).filter(pk=row.pk).exists(), model
