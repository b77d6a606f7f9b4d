"""Who holds a claim. Every claim names the process that made it; when that process is gone, its node frees what it
held within seconds. The end of a lease is for nodes that never come back.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

GONE = "ZX"
_holder = (0, "")


@dataclass(frozen=True)
class Lease:
    """Rows that can be held, and the columns that say by whom, until when, and when they are due (if ever)."""

    rows: Callable[[], QuerySet]
    by: str = "leased_by"
    until: str = "lease_until"
    due: str = "next_attempt_at"

    def free(self, gone: Callable[[str], bool], node: str) -> int:
        """Make due what processes of this node held that are gone; how many rows."""
        now = timezone.now()
        # A held row is due when its lease ends: asked that way, the index of due rows answers.
        held = self.rows().filter(**{f"{self.until}__gt": now, f"{self.by}__startswith": node})
        if self.due:
            held = held.filter(**{f"{self.due}__gt": now})
        names = set(held.order_by().values_list(self.by, flat=True).distinct())
        dead = [name for name in names if gone(name)]
        if not dead:
            return 0
        changes = {self.until: None} | ({self.due: now} if self.due else {})
        return held.filter(**{f"{self.by}__in": dead}).update(**changes)


_leases: list[Lease] = []


def register_lease(lease: Lease) -> None:
    """Called from AppConfig.ready() for rows held in another way than by `work.claim`."""
    _leases.append(lease)


def node() -> str:
    """The name of this machine. Two that share a database and a name would take each other for dead."""
    return f"{(settings.HUIYIN_NODE or socket.gethostname())[:60]}:"


def holder() -> str:
    """This process: node, process number, and when it began, because numbers are used again."""
    global _holder
    if _holder[0] != os.getpid():
        _holder = (os.getpid(), f"{node()}{os.getpid()}:{_began(os.getpid())}")
    return _holder[1]


def is_gone(name: str) -> bool:
    """Whether a holder of this node has ended."""
    _node, number, began = name.rsplit(":", 2)
    return _began(int(number)) != began


def free_dead(more: list[Lease]) -> int:
    """Free what ended processes of this node still hold; how many rows. The watchdog calls it with every sweep."""
    here = node()
    return sum(lease.free(is_gone, here) for lease in [*_leases, *more])


def _began(number: int) -> str:
    """When a process began, in the kernel's ticks; empty when there is none, or only its unburied remains."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return ""
    return "" if fields[0] in GONE else fields[19]
