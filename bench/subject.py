"""Runs one subject in its own process: fresh database first, then `bench.<subject>.run(backend)`."""

import importlib
import json
import os
import sys
from dataclasses import asdict


def main() -> None:
    backend, database = os.environ["BENCH_BACKEND"], f"huiyin_bench_{os.getpid()}"
    if backend == "postgresql":
        os.environ["DATABASE_URL"] = _create(database)
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    try:
        import django

        django.setup()
        module = importlib.import_module(f"bench.{sys.argv[1]}")
        for figure in module.run(backend):
            print(json.dumps(asdict(figure), ensure_ascii=False), flush=True)
    finally:
        if backend == "postgresql":
            _drop(database)


def _create(name: str) -> str:
    import psycopg

    with psycopg.connect(os.environ["BENCH_PG"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return os.environ["BENCH_PG"].rsplit("/", 1)[0] + f"/{name}"


def _drop(name: str) -> None:
    import psycopg
    from django.db import connections

    connections.close_all()
    with psycopg.connect(os.environ["BENCH_PG"], autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


if __name__ == "__main__":
    main()
