"""How late the work is: the one figure that tells a busy queue from a hung one."""

from console.foundation import work


def oldest_due_seconds() -> float:
    """Age in seconds of the oldest row that is due in any pump; 0.0 when nothing waits."""
    return max(work.due_ages().values(), default=0.0)
