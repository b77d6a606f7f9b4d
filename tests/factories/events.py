"""Events, deliveries and alarms for tests."""

from __future__ import annotations

import factory

from console.events import emit
from console.events.models import Alarm, AlarmRoute, Event, EventDelivery
from console.foundation.ids import uuid7


def make_event(type: str = "case.opened", stream: str = "case:1", **data) -> Event:
    """An event as any service emits it."""
    return emit(stream, type, data)


class EventDeliveryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EventDelivery

    event_id = factory.LazyFunction(uuid7)
    event_type = "case.opened"
    consumer = "tests.listener"


class DeadDeliveryFactory(EventDeliveryFactory):
    status = EventDelivery.DEAD
    next_attempt_at = None
    attempts = 8
    last_error = "ValueError: no"


class AlarmFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Alarm

    code = "channel.down"
    key = factory.Sequence(lambda n: f"account-{n}")
    owner = "administrator"
    text = "The mail server does not answer."


class AlarmRouteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AlarmRoute

    name = factory.Sequence(lambda n: f"route {n}")
    kind = AlarmRoute.Kind.MAIL
    target = "ops@bank.example"
    language = "en"
