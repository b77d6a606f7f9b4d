"""Words for columns that many tables share, said once: a field without a name of its own gets the one listed here."""

from django.apps import apps
from django.db.models import Field
from django.utils.translation import gettext_lazy as _

SHARED = {
    "account": _("channel account"),
    "added_at": _("added at"),
    "added_by": _("added by"),
    "approval": _("approval"),
    "at": _("at"),
    "author": _("author"),
    "calendar": _("calendar"),
    "case": _("case"),
    "category": _("category"),
    "cause": _("cause"),
    "changed": _("changed"),
    "changed_at": _("changed at"),
    "clock": _("clock"),
    "conversation": _("conversation"),
    "correlation_id": _("correlation id"),
    "created_at": _("created at"),
    "created_by": _("created by"),
    "customer": _("customer"),
    "decided_at": _("decided at"),
    "delivery": _("delivery"),
    "delivery_key": _("key of the delivery"),
    "done": _("done"),
    "done_at": _("done at"),
    "done_by": _("done by"),
    "ended_at": _("ended at"),
    "entry": _("timeline entry"),
    "envelope": _("envelope"),
    "fact": _("what happened"),
    "finished_at": _("finished at"),
    "id": _("id"),
    "identity": _("identity"),
    "in_reply_to": _("in reply to"),
    "inbound": _("from the customer"),
    "inline": _("inside the text"),
    "key": _("key"),
    "kind": _("kind"),
    "language": _("language"),
    "locale": _("language"),
    "marked_at": _("marked at"),
    "marked_by": _("marked by"),
    "merged_from": _("merged from"),
    "merged_into": _("merged into"),
    "message": _("message"),
    "moved_by": _("moved by"),
    "note": _("note"),
    "number": _("number"),
    "origin": _("first message"),
    "other": _("other case"),
    "owner": _("owner"),
    "parent": _("parent"),
    "path": _("path"),
    "payload": _("what is asked"),
    "policy": _("policy"),
    "provider_message_id": _("provider's id"),
    "reason": _("reason"),
    "recorded_at": _("recorded at"),
    "recorded_by": _("recorded by"),
    "requested_at": _("asked at"),
    "requested_by": _("asked by"),
    "revoked_at": _("revoked at"),
    "round": _("round"),
    "rule": _("rule"),
    "settled_at": _("settled at"),
    "sha256": _("fingerprint (SHA-256)"),
    "since": _("since"),
    "site": _("site"),
    "source": _("source"),
    "started_at": _("started at"),
    "state": _("state"),
    "state_class": _("class of state"),
    "step": _("step"),
    "target": _("target"),
    "team": _("team"),
    "template": _("template"),
    "touchpoint": _("touchpoint"),
    "traceback": _("trace of the error"),
    "tree": _("tree"),
    "uid": _("fixed id"),
    "undone_at": _("undone at"),
    "updated_at": _("updated at"),
    "user": _("user"),
    "version": _("version"),
    "wire_id": _("Message-ID"),
}
OURS = ("console.", "cms.", "plugins.")


def name_shared_fields() -> None:
    """Called when applications are ready. Only what is shown changes: neither the schema nor its migrations."""
    for model in apps.get_models():
        if model.__module__.startswith(OURS):
            for field in model._meta.local_fields:
                if field.name in SHARED and _is_unnamed(field):
                    field.verbose_name = SHARED[field.name]


def _is_unnamed(field: Field) -> bool:
    return field._verbose_name is None
