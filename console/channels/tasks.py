"""Pumps and duties of this room; thin, everything they call stands in services."""

from datetime import timedelta

from django.utils import timezone

from console.foundation.leases import Lease, register_lease
from console.foundation.work import register_periodic, register_pump, ring_now

from . import poller, vault
from .models import Attachment, ChannelAccount, Envelope
from .models.account import WORKING
from .services import fetching, parsing, pump, scanning
from .services.accounts import POLL_PUMP, check_health
from .services.attachments import SCAN_PUMP
from .services.fetching import MEDIA_PUMP
from .services.intake import PARSE_PUMP
from .services.sending import SEND_PUMP
from .services.unknown import ask_providers
from .services.windows import forget_old

HEALTH_PUMP = "channels.health"
SWEEP_PUMP = "channels.sweep"
HEALTH_EVERY = timedelta(minutes=5)
STRAY_AGE_SECONDS = 24 * 3600


def register() -> None:
    """Called from ready()."""
    register_pump(PARSE_PUMP, parsing.parse_pending, parsing.due)
    register_pump(SEND_PUMP, pump.send_pending, pump.due)
    register_pump(POLL_PUMP, poller.poll_due, poller.due, parallel=1)
    register_pump(SCAN_PUMP, scanning.scan_pending, _never, parallel=1)
    register_pump(MEDIA_PUMP, fetching.fetch_pending, fetching.due, parallel=2)
    register_pump(HEALTH_PUMP, look_after, _never, parallel=1)
    register_pump(SWEEP_PUMP, sweep_vault, _never, parallel=1)
    register_lease(Lease(ChannelAccount.objects.all, by="poll_leased_by", until="poll_lease_until", due=""))
    register_periodic("channels.poll", 1, poller.ring_if_due)
    register_periodic("channels.scan", 15, _ring_scan)
    register_periodic("channels.health", 30, _ring_health)
    register_periodic(SWEEP_PUMP, 24 * 3600, _ring_sweep)


def look_after() -> int:
    """Health of accounts, fate of unknown deliveries, stray files: what needs plugins or disks, off the watchdog."""
    settled = ask_providers()
    for account in _unwatched()[:10]:
        check_health(account)
    return settled


def sweep_vault(older_than: float = STRAY_AGE_SECONDS) -> int:
    """Remove files no row names: left by a process killed between the file and its commit. Returns how many.

    Windows that ended long ago go with them.
    """
    forget_old()
    removed = 0
    for name in vault.names(older_than):
        known = Attachment.objects.filter(stored_as=name).exists() or Envelope.objects.filter(stored_as=name).exists()
        if not known:
            vault.delete(name)
            removed += 1
    return removed


def _unwatched():
    before = timezone.now() - HEALTH_EVERY
    rows = ChannelAccount.objects.filter(state__in=(*WORKING, "auth_failed"))
    return rows.exclude(health_at__gt=before).order_by("health_at")


def _never():
    """These pumps are rung by their own duty; the sweeper has nothing to find."""
    return Envelope.objects.none()


def _ring_scan() -> None:
    if scanning.due().filter(scan_after__lte=timezone.now()).exists():
        ring_now(SCAN_PUMP)


def _ring_sweep() -> None:
    ring_now(SWEEP_PUMP)


def _ring_health() -> None:
    ring_now(HEALTH_PUMP)
