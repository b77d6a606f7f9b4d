"""Roles, permissions and scopes: who may do what, and to which rows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.customers.models import Customer
from console.staff import permissions
from console.staff.access import can, permissions_of, roles_of, scope_of
from console.staff.catalogue import ROLES
from console.staff.models import Membership, Role, RolePermission, User
from console.staff.services import assign, set_permissions
from tests.factories.customers import CustomerFactory
from tests.factories.staff import SiteFactory, TeamFactory, make_user

pytestmark = pytest.mark.django_db


def test_every_role_has_a_cell_for_every_permission():
    cells = RolePermission.objects.values_list("role__code", "permission")
    assert set(cells) == {
        (role.code, permission.code) for role in ROLES for permission in permissions.all_permissions()
    }


@pytest.mark.parametrize("role", [role.code for role in ROLES])
def test_matrix_is_what_was_shipped(role):
    user = make_user(role, team=TeamFactory())
    for permission in permissions.all_permissions():
        assert can(user, permission.code) is (role in permission.roles), permission.code


MATRIX = {
    "case.work": {"agent", "supervisor", "complaint_officer", "administrator"},
    "case.approve": {"supervisor", "complaint_officer", "administrator"},
    "case.configure": {"complaint_officer", "administrator"},
    "channel.configure": {"administrator"},
    "plugin.enable": {"administrator"},
    "message.decide_unknown": {"supervisor", "complaint_officer", "administrator"},
    "audit.read": {"auditor", "administrator"},
    "staff.manage": {"administrator"},
    "role.manage": {"administrator"},
    "customer.unmask": {"agent", "supervisor", "complaint_officer", "auditor", "administrator"},
    "customer.clear_document": set(),
    "knowledge.edit": {"knowledge_editor", "administrator"},
}


@pytest.mark.parametrize(("permission", "holders"), MATRIX.items())
def test_who_holds_what_matters_most(permission, holders):
    held = RolePermission.objects.filter(permission=permission, allowed=True)
    assert set(held.values_list("role__code", flat=True)) == holders


def test_unknown_permission_is_loud():
    with pytest.raises(permissions.UnknownPermission):
        can(make_user("agent"), "case.wrok")


def test_superuser_does_not_see_documents_in_clear():
    boss = make_user(is_superuser=True)
    assert can(boss, "channel.configure")
    assert not can(boss, "customer.clear_document")


@pytest.mark.parametrize(
    ("role", "own", "team", "site", "other"),
    [
        ("participant", False, False, False, False),
        ("agent", True, True, False, False),
        ("supervisor", True, True, True, False),
        ("complaint_officer", True, True, True, True),
    ],
)
def test_reach(role, own, team, site, other):
    home = TeamFactory()
    user = make_user(role, team=home)
    rows = {
        "own": CustomerFactory(manager=user),
        "team": CustomerFactory(site=home.site, team=home),
        "site": CustomerFactory(site=home.site, team=TeamFactory(site=home.site)),
        "other": CustomerFactory(),
    }
    seen = set(Customer.objects.visible_to(user))
    expected = {"own": own, "team": team, "site": site, "other": other}
    assert {name: row in seen for name, row in rows.items()} == expected
    assert {name: can(user, "customer.view", row) for name, row in rows.items()} == expected


def test_reach_counts_only_roles_that_hold_the_permission():
    """An auditor of everything who is also an agent of one team works only that team's cases."""
    team = TeamFactory()
    user = make_user("auditor")
    assign(None, user, "agent", team)
    assert scope_of(user, "case.view").everything
    assert scope_of(user, "case.work").teams == {team.pk}
    assert not scope_of(user, "case.work").everything


def test_anonymous_and_inactive_see_nothing():
    from django.contrib.auth.models import AnonymousUser

    CustomerFactory()
    gone = make_user("administrator", is_active=False)
    for user in (AnonymousUser(), gone, None):
        assert not Customer.objects.visible_to(user).exists()
        assert not can(user, "hub.use")


def test_temporary_role_ends():
    user = make_user()
    assign(None, user, "agent", TeamFactory(), until=timezone.localdate() - timedelta(days=1))
    assert roles_of(user) == set()
    assert permissions_of(user) == set()


def test_change_counts_for_other_processes_at_once():
    """Another process holds its own cached access; the stamp on the row it loads makes it stale."""
    user = make_user("agent", team=TeamFactory())
    elsewhere = User.objects.get(pk=user.pk)
    assert can(elsewhere, "case.work")
    set_permissions(None, Role.objects.get(code="agent"), {"case.work": False})
    assert not can(User.objects.get(pk=user.pk), "case.work")


def test_cached_access_needs_no_query(django_assert_num_queries):
    user = make_user("agent", team=TeamFactory())
    can(user, "case.work")
    again = User.objects.get(pk=user.pk)
    with django_assert_num_queries(0):
        assert can(again, "case.work")
        assert again.has_perm("customers.view_customer")
        assert not again.has_perm("staff.view_role")


def test_cold_access_needs_two_queries(django_assert_num_queries):
    user = make_user("agent", team=TeamFactory())
    User.objects.filter(pk=user.pk).update(access_version=77)
    fresh = User.objects.get(pk=user.pk)
    with django_assert_num_queries(2):
        assert can(fresh, "case.work")


@pytest.mark.parametrize(
    ("role", "door", "opens"),
    [
        ("agent", "customers.change_customer", True),
        ("agent", "staff.view_user", False),
        ("agent", "wagtailadmin.access_admin", False),
        ("knowledge_editor", "wagtailadmin.access_admin", True),
        ("auditor", "customers.view_customer", True),
        ("auditor", "customers.change_customer", False),
        ("administrator", "staff.change_user", True),
        ("participant", "customers.view_customer", False),
    ],
)
def test_roles_open_admin_doors(role, door, opens):
    assert make_user(role, team=TeamFactory()).has_perm(door) is opens


def test_users_with_a_django_permission_are_found_by_role():
    editor, agent = make_user("knowledge_editor"), make_user("agent")
    found = set(User.objects.with_perm("wagtailadmin.access_admin"))
    assert editor in found
    assert agent not in found


def test_hub_and_groups_follow_roles():
    user = make_user()
    assert not user.is_staff
    membership = assign(None, user, "knowledge_editor")
    user.refresh_from_db()
    assert user.is_staff
    assert user.groups.filter(name="role: knowledge_editor").exists()
    Membership.objects.filter(pk=membership.pk).delete()
    from console.staff.services.sync import sync_access

    sync_access([user.pk])
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.groups.exists()


def test_site_of_somebody_without_team_counts():
    site = SiteFactory()
    lead = make_user("supervisor", site=site)
    assert scope_of(lead).sites == {site.pk}


def test_scope_without_rows_is_no_rows():
    """A condition built from an empty scope must not turn into "everything"."""
    CustomerFactory()
    nobody = make_user()
    assert scope_of(nobody).nothing
    assert not Customer.objects.visible_to(nobody).exists()
