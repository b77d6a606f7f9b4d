"""What a receiver gets: the event as `/api/v1/events/` shows it, ids and codes. Details are asked for over the API."""

from typing import Any

from console.events.api import EventSerializer
from console.events.models import Event

TEST = "webhook.test"


def payload_of(event: Event) -> dict[str, Any]:
    """Plain JSON values."""
    return dict(EventSerializer(event).data)
