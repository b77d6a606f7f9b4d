"""What a mail proves about its sender: next to nothing, and at most L1."""

from __future__ import annotations

import re

from console.plugin_api.channels import IdentityEvidence, IdentityLevel

from ..mime.headers import Headers

RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*pass\b([^;]*)", re.IGNORECASE)
DOMAIN = re.compile(
    r"(?:header\.from|header\.d|header\.i|smtp\.mailfrom)\s*=\s*@?(?:[^@\s;]*@)?([\w.-]+)", re.IGNORECASE
)


def read_evidence(headers: Headers, sender: str, authserv: str) -> IdentityEvidence:
    """L1 when our own server (`authserv`) found the sender's domain authentic; foreign results do not count."""
    if not authserv or not sender:
        return IdentityEvidence()
    domain = sender.rpartition("@")[2]
    for value in headers.all_text("authentication-results"):
        server, _, results = value.partition(";")
        if server.split()[:1] != [authserv]:
            continue
        for method, rest in RESULT.findall(results):
            if any(_aligned(found.lower(), domain) for found in DOMAIN.findall(rest)):
                return IdentityEvidence(level=IdentityLevel.L1, method=f"mail_{method.lower()}", subject=sender)
    return IdentityEvidence()


def _aligned(found: str, domain: str) -> bool:
    return found == domain or found.endswith(f".{domain}") or (domain.endswith(f".{found}") and "." in found)
