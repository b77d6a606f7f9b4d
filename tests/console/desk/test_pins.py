"""How many queries the two busiest pages may ask, with everything cold but the process."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from console.channels.models import Attachment, MessageParticipant, Receipt
from console.customers.models import Customer
from tests.console.desk.seeding import Desk
from tests.factories.staff import TeamFactory

CEILING = 15


@pytest.fixture
def full(preset):
    return Desk(cases=51)


@pytest.fixture
def busy(client, full):
    client.force_login(full.agent)
    return client


def queries(client, url, **headers):
    cache.clear()
    client.get(url, headers=headers)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url, headers=headers).status_code == 200
    return [row["sql"] for row in seen]


def test_the_queue_with_fifty_rows(busy):
    asked = queries(busy, "/console/desk/?view=team")
    assert len(asked) <= CEILING, "\n".join(asked)


def test_the_queue_with_fifty_rows_of_customers_elsewhere(busy, full):
    Customer.objects.update(site=TeamFactory(code="far").site, team=None)
    shown = busy.get("/console/desk/?view=team")
    asked = queries(busy, "/console/desk/?view=team")
    assert len(shown.context["rows"]) == 50
    assert len(asked) <= CEILING, "\n".join(asked)


def test_the_case_page_with_fifty_entries(busy, full):
    case, start = full.main, timezone.now() - timedelta(days=2)
    for number in range(46):
        if number % 2:
            full.note(case.conversation, full.agent, f"第 {number} 条备注", start + timedelta(minutes=number))
        else:
            full.answer(case.conversation, f"第 {number} 封答复", start + timedelta(minutes=number), "delivered")
    asked = queries(busy, reverse("desk:case", args=[case.number]))
    assert len(asked) <= CEILING, "\n".join(asked)


def test_more_entries_ask_no_more_queries(busy, full):
    url = reverse("desk:case", args=[full.main.number])
    few = len(queries(busy, url))
    for message in [entry.message for entry in full.main.conversation.entries.filter(message__isnull=False)]:
        Attachment.objects.create(
            message=message, name="a.pdf", content_type="application/pdf", size=1, sha256="0" * 64
        )
        MessageParticipant.objects.create(message=message, role="cc", label="x")
        if hasattr(message, "delivery"):
            Receipt.objects.create(account=full.account, delivery=message.delivery, status="delivered")
    assert len(queries(busy, url)) <= few
