"""Persons and firms, their identities, identifiers, consents. What other rooms need is importable from here."""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "resolve_identity": "services.identities",
    "resolve_identities": "services.identities",
    "AddressSeen": "services.identities",
    "find_by_identifier": "services.finding",
    "open_customer": "services.opening",
    "grant_for_work": "services.opening",
    "may_see": "services.opening",
    "unmask": "services.opening",
    "masked": "queries",
    "customer_panel": "queries",
    "has_consent": "services.consents",
    "consenting": "services.consents",
    "NeedsReason": "errors",
    "NotAllowed": "errors",
    "TooManyLooks": "errors",
}


def __getattr__(name: str) -> Any:
    """Load on first use: models cannot be imported before the apps are ready."""
    if name in _PUBLIC:
        return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    raise AttributeError(name)
