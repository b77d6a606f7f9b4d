"""`/healthz`: this process answers. `/readyz`: database, migrations, and due work gets done."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from .queue_age import idle_while_due

READY_DUE_SECONDS = 120
_migrated = False


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 with {"ready": true}, or 503 naming what is not ready. No personal data, no versions."""
    try:
        problems = _problems()
    except Exception:
        problems = ["database"]
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def _problems() -> list[str]:
    problems = []
    if not _is_migrated():
        problems.append("migrations")
    if idle_while_due(READY_DUE_SECONDS):
        problems.append("queue")
    return problems


def _is_migrated() -> bool:
    """Asked of the database until it says yes once; a process does not outlive its migrations."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
