"""The one authentication backend: passwords only through the sign-in page, permissions only through roles."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from . import access, permissions

_at_the_front_door: ContextVar[bool] = ContextVar("staff_front_door", default=False)


@contextmanager
def front_door():
    """Password checks inside belong to allauth, which asks for the second factor afterwards."""
    token = _at_the_front_door.set(True)
    try:
        yield
    finally:
        _at_the_front_door.reset(token)


class StaffBackend(AuthenticationBackend):
    """Django's and Wagtail's questions about permissions, answered from the role table without a query."""

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """A password alone never signs in somebody who has a second factor, whatever view asks."""
        user = super().authenticate(request, **credentials)
        if user is not None and user.second_factor and not _at_the_front_door.get():
            return None
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        """Asked at sign-in and for every request."""
        return access.may_act(user)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set(self.get_all_permissions(user_obj, obj))

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str] | frozenset[str]:
        if obj is not None or not access.is_known(user_obj):
            return set()
        if user_obj.is_superuser:
            return access.doors_of(frozenset({"hub.administer"}))
        return access.doors_of(access.access_of(user_obj).permissions())

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        prefix = f"{app_label}."
        return any(door.startswith(prefix) for door in self.get_all_permissions(user_obj))

    def with_perm(self, perm: str, is_active: bool = True, include_superusers: bool = True, obj: Any = None):
        """Users who hold a Django permission: by the roles whose permissions open that door."""
        from django.db.models import Q

        from .models import RolePermission, User

        codes = [item.code for item in permissions.all_permissions() if perm in _doors(item.code)]
        roles = RolePermission.objects.filter(permission__in=codes, allowed=True).values("role_id")
        holders = Q(memberships__role__in=roles)
        if include_superusers:
            holders |= Q(is_superuser=True)
        return User.objects.filter(holders, is_active=is_active).distinct()


def _doors(code: str) -> frozenset[str]:
    return access.doors_of(frozenset({code}))
