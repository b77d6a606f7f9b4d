"""How allauth behaves here: nobody signs up, failures are counted in rows, secrets are encrypted."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from console.foundation import crypto

from . import brute_force, idle
from .backends import StaffBackend, front_door
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by username and password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Instead of allauth's counter, which each process keeps for itself."""
        self._login_failed_rl_usage = None
        if brute_force.is_locked(self._name(credentials), self.get_client_ip(request)):
            brute_force.record_refusal(self._name(credentials))
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        with front_door():
            return super().authenticate(request, **credentials)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Called for every way of signing in: who may not come in is told so and gets no session."""
        if not StaffBackend().user_can_authenticate(user):
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever signed in a minute ago need not do it again to set up a second factor."""
        signed_in_at = context.request.session.get(idle.SIGNED_IN_AT, 0)
        if time.time() - signed_in_at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        brute_force.record_failure(self._name(credentials), self.get_client_ip(request))

    @staticmethod
    def _name(credentials: dict[str, Any]) -> str:
        return credentials.get("username") or credentials.get("email") or ""


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of second factors rest encrypted like any credential."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: Any) -> str:
        return user.get_username()


class SocialAdapter(DefaultSocialAccountAdapter):
    """Single sign-on for people who have an account here; the directory vouches, it does not hire."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """First sign-in by this way: connect the account that carries the same username."""
        if sociallogin.is_existing:
            return
        claims = sociallogin.account.extra_data
        claims = claims.get("userinfo", claims)
        name = claims.get(settings.HUIYIN_OIDC_USERNAME_CLAIM)
        user = User.objects.filter(username__iexact=name, is_active=True, left_at=None).first() if name else None
        if user is not None:
            sociallogin.connect(request, user)
