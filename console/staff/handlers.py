"""News from Django's and allauth's signals, put on record."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth_signals
from django.db import transaction
from django.db.models import signals as model_signals
from django.dispatch import receiver

from console.events import emit

from . import brute_force, idle, presence, second_factor
from .access import as_actor


def _tell(user: Any, type_: str, **data: Any) -> None:
    with transaction.atomic():
        emit(f"staff:{user.pk}", type_, {"user_id": user.pk, **data}, actor=as_actor(user))


@receiver(auth_signals.user_logged_in, dispatch_uid="staff.stamp_session")
def stamp_session(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Where the idle time-out counts from until the first deed, whoever signed the user in."""
    if hasattr(request, "session"):
        request.session[idle.SIGNED_IN_AT] = time.time()


@receiver(account_signals.user_logged_in, dispatch_uid="staff.signed_in")
def signed_in(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    methods = sorted({record.get("method", "") for record in get_authentication_records(request, user)})
    _tell(user, "staff.signed_in", methods=methods)


@receiver(auth_signals.user_logged_out, dispatch_uid="staff.signed_out")
def signed_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if user is not None and user.pk:
        presence.leave(user.pk)
        _tell(user, "staff.signed_out")


@receiver([model_signals.post_save, model_signals.post_delete], sender=Authenticator, dispatch_uid="staff.factor_sync")
def factor_row_changed(sender: Any, instance: Authenticator, created: bool = False, **kwargs: Any) -> None:
    """The flag on the user row follows the factors in the same transaction, whoever adds or removes one.

    Setting one up shows it: the session that did need not sign in again.
    """
    second_factor.sync(instance.user)
    request = context.request
    if created and request is not None and request.user.pk == instance.user_id:
        request.session[second_factor.PROVED_HERE] = instance.user_id


@receiver(mfa_signals.authenticator_added, dispatch_uid="staff.factor_added")
def factor_added(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    _tell(user, "staff.second_factor_added", kind=str(authenticator.type))


@receiver(mfa_signals.authenticator_removed, dispatch_uid="staff.factor_removed")
def factor_removed(sender: Any, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    _tell(user, "staff.second_factor_removed", kind=str(authenticator.type))


@receiver(mfa_signals.authentication_failed, dispatch_uid="staff.factor_failed")
def factor_failed(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    brute_force.record_second_factor_failure(user)


@receiver(account_signals.password_changed, dispatch_uid="staff.password_changed")
@receiver(account_signals.password_set, dispatch_uid="staff.password_set")
@receiver(account_signals.password_reset, dispatch_uid="staff.password_reset")
def password_changed(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    _tell(user, "staff.password_changed")
