"""What the product says of itself is what is so."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from console.events import raise_alarm
from console.events.models import EventDelivery
from console.foundation import leases
from console.foundation.models import PumpSlot
from console.runtime import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def late_row():
    """Something that should have been done three minutes ago."""
    return EventDelivery.objects.create(
        event_id=uuid4(), event_type="x", consumer="y", next_attempt_at=timezone.now() - timedelta(minutes=3)
    )


def test_alive_is_alive(client):
    assert client.get("/healthz").content == b"ok"


def test_ready_when_nothing_waits(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": []})


def test_not_ready_when_work_is_due_and_nobody_does_it(client, late_row):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["queue"])


def test_a_long_queue_that_is_worked_off_is_no_reason_to_turn_customers_away(client, late_row):
    PumpSlot.objects.create(pump="events", busy_until=timezone.now() + timedelta(seconds=9), busy_by=leases.holder())
    assert client.get("/readyz").status_code == 200


def test_not_ready_before_the_migrations_ran(client, monkeypatch):
    from django.db.migrations.recorder import MigrationRecorder

    monkeypatch.setattr(health, "_migrated", False)
    MigrationRecorder.Migration.objects.filter(app="channels").order_by("-id")[:1].get().delete()
    assert client.get("/readyz").json()["problems"] == ["migrations"]


def test_metrics_count_what_waits_and_what_was_given_up(client, late_row):
    EventDelivery.objects.create(event_id=uuid4(), event_type="x", consumer="y", status="dead", next_attempt_at=None)
    raise_alarm("channels.store", "1", data={"account": 1, "error": "OSError"})
    told = client.get("/metrics").content.decode()
    assert 'huiyin_event_deliveries{status="dead"} 1.0' in told
    assert 'huiyin_event_deliveries{status="pending"} 1.0' in told
    assert 'huiyin_open_alarms{code="channels.store"} 1.0' in told
    [age] = [line.split()[1] for line in told.splitlines() if line.startswith("huiyin_oldest_due_seconds ")]
    assert 180 <= float(age) < 300


def test_metrics_are_for_the_machine_and_whom_it_names(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 403
    settings.HUIYIN_METRICS_FROM = ["10.1.2.3"]
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
