"""Scopes as conditions and in memory agree, for every shape of a model."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.customers.models import Customer, Identity
from console.staff.access import reaches
from console.staff.models import Team, User
from console.staff.scopes import Scope, ScopeFields, fields_of, scope_q
from tests.factories.customers import CustomerFactory
from tests.factories.staff import SiteFactory, TeamFactory, make_user

IDS = st.frozensets(st.integers(1, 3), max_size=3)
SCOPES = st.builds(Scope, user_id=st.just(1), sites=IDS, teams=IDS, own=st.booleans(), everything=st.booleans())


def _holds(condition, row) -> bool:
    """A tiny interpreter of the conditions scope_q makes."""
    results = []
    for child in condition.children:
        if not isinstance(child, tuple):
            results.append(_holds(child, row))
            continue
        path, value = child
        name, _sep, lookup = path.partition("__")
        here = getattr(row, f"{name}_id" if name != "pk" else "pk", None)
        results.append(here in value if lookup == "in" else (here is None) is value if lookup else here == value)
    return all(results) if condition.connector == "AND" else any(results)


@given(
    SCOPES, st.sampled_from([None, 1, 2]), st.sampled_from([None, 1, 2]), st.sampled_from([None, 1, 2]), st.booleans()
)
def test_condition_and_memory_agree(scope, site, team, owner, shared):
    fields = ScopeFields(owners=("owner",), shared_without_site=shared)
    row = SimpleNamespace(pk=7, site_id=site, team_id=team, owner_id=owner)
    kind = type("Row", (SimpleNamespace,), {"scope_fields": fields})
    thing = kind(**vars(row))
    assert _holds(scope_q(fields, scope), row) is reaches(scope, thing, user=None)


def test_models_without_a_declaration_use_their_own_columns():
    class Meta:
        @staticmethod
        def get_fields():
            return [SimpleNamespace(name=name) for name in ("id", "site", "assignee")]

    model = type("Odd", (), {"_meta": Meta})
    assert fields_of(model) == ScopeFields(site="site", team="", owners=("assignee",))


@pytest.mark.django_db
def test_rows_reached_twice_come_once():
    site = SiteFactory()
    one, two = TeamFactory(site=site), TeamFactory(site=site)
    lead = make_user("supervisor", team=one)
    both = make_user("agent", team=one)
    from console.staff.services import assign

    assign(None, both, "agent", two)
    assert list(User.objects.visible_to(lead).filter(pk=both.pk)) == [both]


@pytest.mark.django_db
def test_children_follow_their_customer():
    team = TeamFactory()
    agent = make_user("agent", team=team)
    mine = CustomerFactory(site=team.site, team=team)
    for customer in (mine, CustomerFactory()):
        Identity.objects.create(
            customer=customer, channel_kind="email", address="a@b.cn", address_hash=f"h{customer.pk}"
        )
    assert [row.customer for row in Identity.objects.visible_to(agent)] == [mine]


@pytest.mark.django_db
def test_visible_rows_cost_one_query(django_assert_num_queries):
    team = TeamFactory()
    agent = make_user("agent", team=team)
    CustomerFactory(site=team.site, team=team)
    list(Customer.objects.visible_to(agent))
    with django_assert_num_queries(1):
        assert len(Customer.objects.visible_to(agent)) == 1


@pytest.mark.django_db
def test_teams_are_seen_by_their_people():
    team = TeamFactory()
    TeamFactory()
    assert list(Team.objects.visible_to(make_user("agent", team=team))) == [team]
