"""How often: counted by network and by address in the cache all processes share; no third party is asked."""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from django.core.cache import caches
from django.http import HttpRequest

from console.foundation.crypto import keyed_hash

HOUR = 3600


def network_of(request: HttpRequest) -> str:
    """Where a request comes from, as a name that tells nobody the address."""
    return keyed_hash(get_adapter().get_client_ip(request) or "", "portal-network")[:32]


def over(what: str, who: str, most: int, seconds: int = HOUR) -> bool:
    """Count one and say whether it was too many within the running window. A cache that is away lets everybody in."""
    key = f"portal:{what}:{who}:{int(time.time() / seconds)}"
    try:
        caches["shared"].add(key, 0, seconds)
        return caches["shared"].incr(key) > most
    except Exception:
        return False
