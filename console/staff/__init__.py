"""People, teams, sites, roles, data scopes. The names other rooms need are importable from here."""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "can": "access",
    "scope_of": "access",
    "as_actor": "access",
    "roles_of": "access",
    "may_act": "access",
    "permissions_of": "access",
    "Scope": "scopes",
    "ScopeFields": "scopes",
    "ScopedQuerySet": "scopes",
    "Reach": "scopes",
    "hand_over": "services",
    "register_open_work": "services",
}


def __getattr__(name: str) -> Any:
    """Load on first use: models cannot be imported before the apps are ready."""
    if name in _PUBLIC:
        return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    raise AttributeError(name)
