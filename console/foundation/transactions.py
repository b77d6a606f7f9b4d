"""Network and plugin calls never happen while a transaction is open: this guard says so, loudly."""

from django.db import connections


class InsideTransaction(AssertionError):
    """Slow or foreign code was about to run while rows were locked."""


def in_transaction() -> bool:
    """Whether this thread holds an open transaction, not counting the one a test wraps itself in."""
    return any(
        not block._from_testcase
        for connection in connections.all(initialized_only=True)
        for block in connection.atomic_blocks
    )


def assert_no_transaction(what: str = "This call") -> None:
    """Raise InsideTransaction when called inside an atomic block."""
    if in_transaction():
        raise InsideTransaction(f"{what} must not run inside a database transaction.")
