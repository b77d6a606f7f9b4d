"""Facts about an account for a support file. Nothing personal, nothing secret."""

from __future__ import annotations

import ssl
from typing import Any

import nh3

from .settings import Settings

TOLD = (
    "transport",
    "imap_port",
    "imap_security",
    "imap_folder",
    "processed_folder",
    "failed_folder",
    "backlog",
    "smtp_port",
    "smtp_security",
    "auth",
    "verify_certificates",
    "thread_by",
    "verp",
    "trusted_hops",
    "max_mail_mb",
    "max_send_mb",
)


def report(settings: Settings) -> dict[str, Any]:
    """Configuration without hosts, names and passwords, and the versions below us."""
    facts: dict[str, Any] = {name: settings.account.config.get(name) for name in TOLD}
    facts["aliases"] = max(0, len(settings.own) - 1)
    facts["signs_in_to_smtp"] = bool(settings.get("smtp_user"))
    facts["libraries"] = {"nh3": nh3.__version__ if hasattr(nh3, "__version__") else "", "openssl": ssl.OPENSSL_VERSION}
    if settings.is_maildir:
        facts["waiting"] = _waiting(settings)
    return facts


def _waiting(settings: Settings) -> int:
    try:
        return sum(1 for _ in (settings.folder("maildir_in") / "new").iterdir())
    except OSError:
        return -1
