import pytest
from django.core.exceptions import ValidationError

from console.cases import config, services
from console.cases.models import CaseType, CaseTypeVersion, CategoryTree, ClockPolicy, State, Transition
from console.cases.services import editions, versions
from tests.factories.cases import make_case
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(preset):
    return versions.draft_of(CaseType.objects.get(code="complaint"))


def problems(draft):
    return " ".join(versions.problems(draft))


def test_a_sound_draft_has_no_problems(draft):
    assert versions.problems(draft) == []


def test_content_goes_out_and_comes_back_the_same(draft):
    before = versions.read(draft)
    versions.write(draft, before)
    assert versions.read(draft) == before


def test_a_state_nobody_reaches_is_found(draft):
    State.objects.create(version=draft, code="island", name="孤岛", state_class="open")
    assert "island" in problems(draft)


def test_a_dead_end_is_found(draft):
    State.objects.create(version=draft, code="trap", name="陷阱", state_class="open")
    Transition.objects.create(version=draft, code="fall", name="落入", sources=["received"], target="trap")
    assert "trap" in problems(draft)


def test_two_beginnings_are_found(draft):
    State.objects.filter(version=draft, code="investigating").update(is_initial=True)
    assert versions.problems(draft)


def test_a_target_that_does_not_exist_is_found(draft):
    Transition.objects.create(version=draft, code="lost", name="迷路", sources=["received"], target="nowhere")
    assert "nowhere" in problems(draft)


def test_a_required_field_that_does_not_exist_is_found(draft):
    Transition.objects.filter(version=draft, code="accept").update(requires=["ghost"])
    assert "ghost" in problems(draft)


def test_a_guard_that_means_nothing_is_found(draft):
    Transition.objects.filter(version=draft, code="accept").update(guard={"field": "ghost", "op": "eq", "value": 1})
    assert versions.problems(draft)


def test_a_clock_of_the_law_must_not_pause(draft):
    ClockPolicy.objects.filter(version=draft, kind="decision").update(pauses=["waiting_customer"])
    assert versions.problems(draft)


def test_it_pauses_where_a_rule_says_so(draft):
    ClockPolicy.objects.filter(version=draft, kind="decision").update(
        pauses=["waiting_customer"], pause_source="补充材料期间不计入期限"
    )
    assert versions.problems(draft) == []


def test_a_clock_of_the_law_names_the_law(draft):
    ClockPolicy.objects.filter(version=draft, kind="decision").update(source="")
    assert versions.problems(draft)


def test_extensions_stay_within_what_the_law_allows(draft):
    ClockPolicy.objects.filter(version=draft, kind="decision").update(max_extension=30)
    assert versions.problems(draft)


def test_working_time_needs_a_calendar(draft):
    draft.calendar = None
    draft.save()
    assert versions.problems(draft)


def test_an_unsound_draft_is_not_activated(draft):
    Transition.objects.filter(version=draft, target="closed").delete()
    with pytest.raises(services.CaseError) as refused:
        versions.activate(draft, None, "try")
    assert refused.value.code == "not_sound"


def test_activation_wants_a_reason(draft):
    with pytest.raises(services.CaseError):
        versions.activate(draft, None, " ")


def test_only_those_who_configure_may(draft, agent, officer):
    with pytest.raises(services.NotAllowed):
        versions.activate(draft, agent, "mine")
    assert versions.activate(draft, officer, "yearly review").state == "active"


def test_an_active_version_is_never_changed(preset):
    active = CaseTypeVersion.objects.get(type__code="complaint")
    for row in (active.states.first(), active.clock_policies.first(), active.fields.first()):
        with pytest.raises(ValidationError):
            row.save()
        with pytest.raises(ValidationError):
            row.delete()


def test_a_case_is_migrated_only_on_purpose(draft):
    case = make_case("complaint")
    ClockPolicy.objects.filter(version=draft, kind="decision").update(amount=20)
    versions.activate(draft, None, "longer")
    due = case.clocks.get(kind="decision").due_at
    services.recompute_clocks(case)
    assert case.clocks.get(kind="decision").due_at == due
    versions.migrate_case(case, draft)
    assert (case.clocks.get(kind="decision").due_at - due).days == 5
    assert case.version_id == draft.pk


def test_migrating_maps_states_that_are_gone(draft):
    case = make_case("complaint")
    State.objects.filter(version=draft, code="received").update(code="arrived")
    for move in Transition.objects.filter(version=draft):
        move.sources = ["arrived" if code == "received" else code for code in move.sources]
        move.target = "arrived" if move.target == "received" else move.target
        move.save()
    versions.activate(draft, None, "rename")
    with pytest.raises(services.CaseError):
        versions.migrate_case(case, draft)
    versions.migrate_case(case, draft, states={"received": "arrived"})
    assert case.state == "arrived"


def test_a_version_may_wait_for_its_day(draft):
    from datetime import timedelta

    from django.utils import timezone

    versions.activate(draft, None, "next year", timezone.now() + timedelta(days=30))
    config.forget()
    assert make_case("complaint").version.number == 1


def test_a_new_edition_of_a_tree_leaves_old_places_alone(preset, agent):
    case = make_case("complaint", categories={"product": "credit_card"})
    tree = editions.draft_of(CategoryTree.objects.get(code="product", state="active"))
    tree.categories.get(code="credit_card").delete()
    editions.activate(tree, None, "merged into cards")
    assert case.categories.get().path == "/cards/credit_card/"
    with pytest.raises(services.CaseError):
        services.set_category(case, "product", "credit_card")


def test_paths_follow_their_parents(preset):
    tree = editions.draft_of(CategoryTree.objects.get(code="product", state="active"))
    card, loans = tree.categories.get(code="credit_card"), tree.categories.get(code="loans")
    type(card).objects.filter(pk=card.pk).update(parent=loans)
    editions.renew_paths(tree)
    card.refresh_from_db()
    assert card.path == "/loans/credit_card/"


def test_a_stranger_may_not_draft(preset):
    with pytest.raises(services.NotAllowed):
        versions.draft_of(CaseType.objects.get(code="complaint"), make_user("agent"))
