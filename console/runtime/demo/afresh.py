"""Empties an installation: what migrations and first start lay is then laid again, as on a new machine.

Emptying every table is not enough: roots of trees, languages and groups come from migrations and would not come back.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections

OUR_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE pg_depend.objid = pg_proc.oid AND deptype = 'e')
"""
FOLDERS = ("vault", "media", "mail", "cache")


def empty() -> None:
    """Drop every table, and the files that belong to rows. Secrets and keys stay. Nothing may run meanwhile."""
    if connection.vendor == "sqlite":
        _remove_file(Path(connection.settings_dict["NAME"]))
    else:
        _drop_everything()
    for name in FOLDERS:
        shutil.rmtree(Path(settings.HUIYIN_HOME) / name, ignore_errors=True)
    for name in settings.CACHES:
        caches[name].clear()


def _remove_file(database: Path) -> None:
    connections.close_all()
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _drop_everything() -> None:
    """Tables with their triggers, then the functions that migrations made; extensions stay, their owner is another."""
    with connection.cursor() as cursor:
        tables = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        if tables:
            cursor.execute(f"DROP TABLE {', '.join(tables)} CASCADE")
        cursor.execute(OUR_FUNCTIONS)
        for (function,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION {function}")
