"""Search index of what was said; thin."""

from console.channels.models import Delivery
from console.foundation.search.engine import Document, index_many
from console.foundation.search.kinds import Mode, register_kind
from console.foundation.work import register_periodic, register_pump, ring_now

from .models import Entry
from .services.base import INDEX_PUMP

BATCH = 100


def register() -> None:
    """Called from ready()."""
    register_kind("note", 3, Mode.PHRASE)
    register_pump(INDEX_PUMP, index_entries, Delivery.objects.none, parallel=1)
    register_periodic(INDEX_PUMP, 10, ring_if_due)


def index_entries(limit: int = BATCH) -> int:
    """Put new and moved messages and notes into the search index, many at a time. Idempotent."""
    rows = list(_to_index().select_related("conversation", "message", "note").order_by("pk")[:limit])
    if rows:
        index_many([document(row) for row in rows])
        Entry.objects.filter(pk__in=[row.pk for row in rows]).update(indexed=True)
    return len(rows)


def ring_if_due() -> None:
    """Periodic: what nobody rang for is indexed all the same."""
    if _to_index().exists():
        ring_now(INDEX_PUMP)


def document(entry: Entry) -> Document:
    """What is found of an entry: subject and words, masked as stored, for whoever may see the conversation.

    A message is found as "message" by its own id, a note as "note" by the id of its entry.
    """
    message, conversation = entry.message, entry.conversation
    fields = (
        {"subject": message.subject, "text": message.text, "quoted": message.quoted_text}
        if message
        else {"text": entry.note.text if entry.note else ""}
    )
    scope = {
        "site": conversation.site_id,
        "team": conversation.team_id,
        "owner": conversation.assignee_id,
        "customer": conversation.customer_id,
    }
    return Document("message", message.pk, fields, scope) if message else Document("note", entry.pk, fields, scope)


def _to_index():
    return Entry.objects.filter(indexed=False)
