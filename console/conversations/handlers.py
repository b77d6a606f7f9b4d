"""What this room listens to."""

from console.channels.fresh import message_with_participants
from console.channels.services.storing import register_taker
from console.events import subscribe

from .models import Conversation
from .services import attaching
from .services.base import line


def register() -> None:
    """Called from ready()."""
    register_taker(attaching.attach_many)
    subscribe(["delivery.queued", "delivery.held"], "conversations.sent", add_sent, order=10, batch=True)
    subscribe("staff.left", "conversations.hand_over", hand_over, order=50)


def add_sent(events) -> None:
    messages = [message_with_participants(event.data["message_id"])[0] for event in events]
    attaching.sent_many([message for message in messages if message.thread])


def hand_over(event) -> None:
    """Open conversations of somebody who leaves go to the colleague named."""
    rows = Conversation.objects.filter(assignee_id=event.data["user_id"], status="open")
    for conversation in rows:
        line(conversation, "assigned", from_user_id=event.data["user_id"], user_id=event.data.get("to_id"))
    rows.update(assignee_id=event.data.get("to_id"))


def open_work(user) -> int:
    return Conversation.objects.filter(assignee=user, status="open").count()
