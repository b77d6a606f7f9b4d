"""Pumps and duties of this room; thin."""

from console.foundation.work import register_periodic, register_pump, ring_now

from .models import Challenge
from .services import codes, sessions, uploads

SWEEP_PUMP = "portal.sweep"


def register() -> None:
    """Called from ready()."""
    register_pump(codes.PUMP, codes.drain, codes.due)
    register_pump(SWEEP_PUMP, sweep, Challenge.objects.none, parallel=1)
    register_periodic(SWEEP_PUMP, 3600, lambda: ring_now(SWEEP_PUMP))


def sweep() -> int:
    """Forget files never sent, codes nobody can answer, and sessions that ended long ago."""
    return uploads.sweep() + codes.sweep() + sessions.sweep()
