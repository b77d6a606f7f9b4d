"""The database itself refuses to change or remove what happened, whoever asks.

Triggers stand on both databases (migration 0002). The one way around them is `maintenance()`, used where a whole
database is emptied (Django's flush) and nowhere else. On SQLite the trigger asks a function that only our
connections know, so a bare sqlite3 shell cannot change an event without first dropping the trigger.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection as default_connection
from django.db.backends.signals import connection_created

FUNCTION = "huiyin_append_only"
SETTING = "huiyin.maintenance"
_open: ContextVar[bool] = ContextVar("huiyin_events_maintenance", default=False)


def install() -> None:
    """Called once from AppConfig.ready()."""
    connection_created.connect(_prepare, dispatch_uid="huiyin.events.guard")


def _prepare(sender, connection, **kwargs) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, 0, lambda: 0 if _open.get() else 1)
    if not getattr(connection.ops, "_flush_is_guarded", False):
        _let_flush_through(connection)


def _let_flush_through(connection) -> None:
    flush = connection.ops.execute_sql_flush

    def execute_sql_flush(sql_list):
        with maintenance(connection):
            return flush(sql_list)

    connection.ops.execute_sql_flush = execute_sql_flush
    connection.ops._flush_is_guarded = True


@contextmanager
def maintenance(connection=default_connection) -> Iterator[None]:
    """Let event rows be removed inside: for emptying a database as a whole."""
    token = _open.set(True)
    try:
        _tell_server(connection, "on")
        yield
    finally:
        _open.reset(token)
        _tell_server(connection, "")


def _tell_server(connection, value: str) -> None:
    if connection.vendor != "postgresql" or connection.needs_rollback:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, value])
