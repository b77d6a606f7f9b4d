"""Runs one subject in its own process: fresh database first, then `bench.<subject>.run(backend)`.

With `--stock` it only makes a migrated database, which the subjects of one run copy instead of migrating each.
"""

import importlib
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

EMPTY = {"startup", "doorbell"}
"""Subjects that begin with nothing: the one measures migrating, the other makes tables of its own."""


def main() -> None:
    backend, subject = os.environ["BENCH_BACKEND"], sys.argv[1]
    stock, keep = os.environ["BENCH_STOCK"], subject == "--stock"
    database = stock if keep else f"huiyin_bench_{os.getpid()}"
    template = "" if keep or subject in EMPTY else stock
    if backend == "postgresql":
        os.environ["DATABASE_URL"] = _create(database, template)
    elif template:
        shutil.copy(template, Path(os.environ["HUIYIN_HOME"]) / "huiyin.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    try:
        import django

        django.setup()
        if keep:
            _migrate(backend, stock)
            return
        module = importlib.import_module(f"bench.{subject}")
        for figure in module.run(backend):
            print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
    finally:
        if backend == "postgresql" and not keep:
            drop(database)


def _migrate(backend: str, stock: str) -> None:
    from django.db import connection

    from console.runtime.migrating import migrate

    migrate()
    if backend == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [stock])


def _create(name: str, template: str) -> str:
    import psycopg

    with psycopg.connect(os.environ["BENCH_PG"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    return os.environ["BENCH_PG"].rsplit("/", 1)[0] + f"/{name}"


def drop(name: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["BENCH_PG"], autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


if __name__ == "__main__":
    main()
