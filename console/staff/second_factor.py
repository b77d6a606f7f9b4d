"""Whether a session has shown the second factor its user needs; asked for every request, by any door."""

from __future__ import annotations

from enum import Enum
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from . import access
from .models import User

PROVED_HERE = "second_factor_set_up_here"
REAL = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class Proof(Enum):
    FINE = "fine"
    MISSING = "missing"  # their role needs one and they have none yet
    UNPROVEN = "unproven"  # they have one and this session never showed it


def is_required(user: Any) -> bool:
    """Whether one of somebody's roles must have a second factor."""
    wanted = set(settings.HUIYIN_REQUIRE_MFA)
    if not wanted:
        return False
    return "*" in wanted or user.is_superuser or bool(wanted & access.roles_of(user))


def proof_of(request: HttpRequest) -> Proof:
    """How this request's session stands. No query: the user row says whether there is a second factor."""
    user = request.user
    if not (user.second_factor or is_required(user)):
        return Proof.FINE
    methods = {record.get("method") for record in get_authentication_records(request, user)}
    if "mfa" in methods or request.session.get(PROVED_HERE) == user.pk:
        return Proof.FINE
    if "socialaccount" in methods and settings.HUIYIN_OIDC_IS_SECOND_FACTOR:
        return Proof.FINE
    return Proof.UNPROVEN if user.second_factor else Proof.MISSING


def sync(user: User) -> None:
    """Note on the user row whether they have a second factor (recovery codes alone are none)."""
    user.second_factor = Authenticator.objects.filter(user_id=user.pk, type__in=REAL).exists()
    User.objects.filter(pk=user.pk).update(second_factor=user.second_factor)
