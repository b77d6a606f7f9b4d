"""The promise of the condition language: one meaning, in the database and in memory, and `not` is the complement."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.lowcode.conditions import Context, matches, to_q, validate
from console.lowcode.fields import sync_index

from .sample import SPECS, Place, Thing, ThingIndex, make_subject
from .strategies import NOW, ROWS, hashed, trees

ABOUT = make_subject()
QUERYABLE = [field for field in ABOUT.fields().values() if field.queryable]
CONTEXTS = st.builds(
    Context, user_id=st.none() | st.integers(1, 3), team_ids=st.sampled_from([(), (1,), (1, 2)]), now=st.just(NOW)
)
quiet = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


def store(row: dict) -> Thing:
    row = dict(row)
    place = row.pop("place")
    row["place"] = Place.objects.create(name=place) if place is not None else None
    row["phone_hash"] = hashed(row.pop("phone"))
    thing = Thing.objects.create(**row)
    sync_index(ThingIndex, thing, SPECS, thing.data, fresh=True)
    return thing


@pytest.fixture
def things(sample_tables, db):
    """Forty rows, the same in every run, that meet every value a tree may ask for."""
    rows: list[dict] = []

    @settings(deadline=None, database=None, derandomize=True, max_examples=40)
    @given(ROWS)
    def collect(row):
        rows.append(row)

    collect()
    for row in rows:
        store(row)
    return list(Thing.objects.select_related("place"))


@quiet
@given(tree=trees(QUERYABLE), context=CONTEXTS)
def test_database_and_memory_agree_and_not_is_the_complement(things, tree, context):
    found = set(Thing.objects.filter(to_q(tree, ABOUT, context)).values_list("pk", flat=True))
    assert found == {thing.pk for thing in things if matches(tree, ABOUT, thing, context)}
    rest = set(Thing.objects.filter(to_q({"not": tree}, ABOUT, context)).values_list("pk", flat=True))
    assert (found | rest, found & rest) == ({thing.pk for thing in things}, set())


@pytest.mark.parametrize("field", QUERYABLE, ids=lambda field: field.name)
def test_every_operator_of_every_field(things, field):
    from .strategies import leaf

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(tree=leaf(field), context=CONTEXTS)
    def check(tree, context):
        found = set(Thing.objects.filter(to_q(tree, ABOUT, context)).values_list("pk", flat=True))
        assert found == {thing.pk for thing in things if matches(tree, ABOUT, thing, context)}

    check()


@quiet
@given(tree=trees(QUERYABLE), row=ROWS, context=CONTEXTS)
def test_the_written_form_means_the_same(tree, row, context):
    facts = {name: row.get(name) for name in ABOUT.fields()} | {"owner": row["owner_id"], "team": row["team_id"]}
    facts |= {f"data.{code}": value for code, value in row["data"].items()} | {"phone": hashed(row["phone"])}
    normal = validate(tree, ABOUT)
    assert validate(normal, ABOUT) == normal
    assert matches(normal, ABOUT, facts, context) == matches(tree, ABOUT, facts, context)
