"""Two matters in one case: one act makes the second a case of its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.cases import services
from console.cases.models import Case
from console.cases.services import CaseError
from console.conversations.models import Entry
from tests.factories.cases import make_case, make_message
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(preset, agent):
    return make_case(owner=agent)


def second_message(case, **values):
    earlier = timezone.now() - timedelta(hours=5)
    message = make_message(
        case.conversation, customer=case.customer, subject="另外", text="另外年费也收错了", reached_at=earlier, **values
    )
    return Entry.objects.get(message=message)


def test_the_message_goes_along_and_its_clock_counts_from_when_it_came(case, agent):
    entry = second_message(case)
    fresh = services.split(case, "年费收错", agent, type="enquiry", entry=entry)
    entry.refresh_from_db()
    assert entry.conversation_id == fresh.conversation_id != case.conversation_id
    assert (fresh.type.code, fresh.customer, fresh.owner, fresh.team) == ("enquiry", case.customer, agent, case.team)
    assert fresh.reached_at == entry.message.reached_at
    assert services.current_case(fresh.conversation_id) == fresh
    assert services.current_case(case.conversation_id) == case
    assert fresh.links.get().kind == "split"


def test_without_a_message_a_note_says_where_it_came_from(case, agent):
    fresh = services.split(case, "年费收错", agent)
    note = Entry.objects.get(conversation=fresh.conversation, kind="note").note
    assert case.number in note.text
    assert fresh.reached_at == case.origin.reached_at
    assert fresh.type == case.type


def test_the_first_message_stays(case, agent):
    first = Entry.objects.get(message_id=case.origin_id)
    with pytest.raises(CaseError):
        services.split(case, "年费收错", agent, entry=first)
    assert Case.objects.count() == 1


def test_merging_takes_it_back(case, agent):
    entry = second_message(case)
    fresh = services.split(case, "年费收错", agent, entry=entry)
    services.merge(fresh, case, agent)
    assert case.conversation_links.filter(conversation=fresh.conversation).exists()
    assert services.current_case(fresh.conversation_id) == case


def test_who_may_not_merge_may_not_split(case):
    with pytest.raises(services.NotAllowed):
        services.split(case, "年费收错", make_user("participant"))
