"""The databases themselves refuse to change an event. See console/events/guard.py."""

from django.db import migrations

TABLE = "events_event"
MESSAGE = "events are append-only"
KEPT = (
    "id",
    "created_at",
    "stream",
    "type",
    "actor_kind",
    "actor_id",
    "actor_label",
    "correlation_id",
    "body",
)


def same(test: str) -> str:
    """A placed event is fixed; an unplaced one may only be given its place."""
    return " OR ".join(["OLD.seq IS NOT NULL", *(f"NEW.{name} {test} OLD.{name}" for name in KEPT)])


SQLITE = [
    f"""CREATE TRIGGER events_event_no_update BEFORE UPDATE ON {TABLE}
        WHEN huiyin_append_only() AND ({same("IS NOT")})
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
    f"""CREATE TRIGGER events_event_no_delete BEFORE DELETE ON {TABLE}
        WHEN huiyin_append_only()
        BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
]

POSTGRESQL = [
    f"""CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('huiyin.maintenance', true) = 'on' THEN
            IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF NOT ({same("IS DISTINCT FROM")}) THEN RETURN NEW; END IF;
        END IF;
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    f"""CREATE TRIGGER events_event_no_change BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION events_append_only()""",
    f"""CREATE TRIGGER events_event_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION events_append_only()""",
]

UNDO = {
    "sqlite": ["DROP TRIGGER events_event_no_update", "DROP TRIGGER events_event_no_delete"],
    "postgresql": [
        f"DROP TRIGGER events_event_no_change ON {TABLE}",
        f"DROP TRIGGER events_event_no_truncate ON {TABLE}",
        "DROP FUNCTION events_append_only()",
    ],
}


def run(statements):
    def code(apps, editor):
        for statement in statements.get(editor.connection.vendor, ()):
            editor.execute(statement, params=None)

    return code


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunPython(run({"sqlite": SQLITE, "postgresql": POSTGRESQL}), run(UNDO))]
