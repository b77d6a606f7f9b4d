"""Wrong passwords, counted in rows: five in five minutes close an account, sixty in a minute an address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from console.events import emit
from console.foundation.crypto import keyed_hash
from console.foundation.text import normalise

from .models import FailedSignIn, User

ACCOUNT_FAILURES = 5
ACCOUNT_WINDOW = timedelta(minutes=5)
NETWORK_WINDOW = timedelta(minutes=1)
KEPT = timedelta(days=1)


def account_key(username: str) -> str:
    """What failures of an account are counted under; it tells nobody the name."""
    return keyed_hash(normalise(username).strip(), "sign-in")


def network_key(ip: str) -> str:
    return keyed_hash(ip, "sign-in-network")


def is_locked(username: str, ip: str) -> bool:
    """Whether this account or this address has to wait."""
    now = timezone.now()
    failures = FailedSignIn.objects
    of_account = failures.filter(account_hash=account_key(username), at__gt=now - ACCOUNT_WINDOW)
    if of_account.count() >= ACCOUNT_FAILURES:
        return True
    of_network = failures.filter(network_hash=network_key(ip), at__gt=now - NETWORK_WINDOW)
    return of_network.count() >= _per_network()


def _per_network() -> int:
    return int(settings.ACCOUNT_RATE_LIMITS["login_failed"].partition("/")[0])


def record_failure(username: str, ip: str) -> None:
    """Count a wrong password; the event names the member of staff only when there is one."""
    now = timezone.now()
    user_id = _user_id(username)
    with transaction.atomic():
        FailedSignIn.objects.filter(at__lt=now - KEPT).delete()
        FailedSignIn.objects.create(account_hash=account_key(username), network_hash=network_key(ip), at=now)
        emit(f"staff:{user_id or 'unknown'}", "staff.sign_in_failed", {"user_id": user_id})


def second_factor_locked(user: Any) -> bool:
    """Whether too many wrong codes were typed for this account, whoever knew its password."""
    since = timezone.now() - ACCOUNT_WINDOW
    rows = FailedSignIn.objects.filter(account_hash=_factor_key(user), at__gt=since)
    return rows.count() >= ACCOUNT_FAILURES


def record_second_factor_failure(user: Any) -> None:
    """Count a wrong code."""
    with transaction.atomic():
        FailedSignIn.objects.create(account_hash=_factor_key(user), network_hash="")
        emit(f"staff:{user.pk}", "staff.second_factor_failed", {"user_id": user.pk})


def _factor_key(user: Any) -> str:
    return keyed_hash(str(user.pk), "sign-in-factor")


def record_refusal(username: str) -> None:
    """An attempt on a closed account: one event for each five minutes, however often it is tried."""
    if not caches["shared"].add(f"staff.refused:{account_key(username)}", True, ACCOUNT_WINDOW.total_seconds()):
        return
    user_id = _user_id(username)
    with transaction.atomic():
        emit(f"staff:{user_id or 'unknown'}", "staff.sign_in_refused", {"user_id": user_id})


def forget(user: Any) -> int:
    """Forget the failures of an account, passwords and codes. How many there were."""
    keys = [account_key(user.username), _factor_key(user)]
    count, _rows = FailedSignIn.objects.filter(account_hash__in=keys).delete()
    caches["shared"].delete(f"staff.refused:{account_key(user.username)}")
    return count


def locked_usernames(users: Any) -> set[str]:
    """Which of these users have to wait now, in one query."""
    by_key = {account_key(user.username): user.username for user in users}
    since = timezone.now() - ACCOUNT_WINDOW
    rows = FailedSignIn.objects.filter(account_hash__in=by_key, at__gt=since)
    counts: dict[str, int] = {}
    for key in rows.values_list("account_hash", flat=True):
        counts[key] = counts.get(key, 0) + 1
    return {by_key[key] for key, count in counts.items() if count >= ACCOUNT_FAILURES}


def _user_id(username: str) -> int | None:
    return User.objects.filter(username__iexact=username.strip()).values_list("pk", flat=True).first()
