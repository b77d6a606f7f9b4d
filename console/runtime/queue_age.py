"""How late the work is, and whether anybody is at it: a busy queue is late, a hung one is idle as well."""

from console.foundation import work


def oldest_due_seconds() -> float:
    """Age in seconds of the oldest row that is due in any pump; 0.0 when nothing waits."""
    return max(work.due_ages().values(), default=0.0)


def idle_while_due(seconds: float, node: str = "") -> bool:
    """Something has been due for so long and no pump is at work, on this node or (without one) on any."""
    return oldest_due_seconds() > seconds and not work.busy(node)
