"""Values, ownership, tasks, joining, recomputation, lists, search, conditions."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from console.cases import queries, search, services, subjects
from console.cases.models import NEVER, Case, CaseConversation, CaseIndex, CategoryIndex, Recompute
from console.cases.services import recomputing
from console.events.models import Event
from console.foundation.calendars import services as calendars
from console.foundation.models import BusinessCalendar
from console.foundation.search import engine
from console.lowcode import conditions
from tests.factories.cases import make_case, make_message
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(preset, team):
    return make_case("complaint", team=team)


def holds(tree, case):
    """In memory and in the database alike."""
    found = Case.objects.filter(conditions.to_q(tree, subjects.CASE), pk=case.pk).exists()
    assert subjects.holds(tree, Case.objects.get(pk=case.pk)) == found
    return found


def test_fields_are_set_emptied_and_filtered(case, agent):
    services.set_fields(case, {"amount": 500, "branch": "静安支行"}, agent)
    big = {"field": "data.amount", "op": "gte", "value": 100}
    assert holds(big, case)
    services.set_fields(case, {"amount": None}, agent)
    assert case.data == {"branch": "静安支行"}
    assert not holds(big, case)
    assert list(CaseIndex.objects.filter(case=case).values_list("field", flat=True)) == ["branch"]


def test_setting_the_same_again_is_no_event(case, agent):
    services.set_fields(case, {"amount": 500}, agent)
    services.set_fields(case, {"amount": 500}, agent)
    assert Event.objects.filter(stream=case.stream, type="case.fields_changed").count() == 1


def test_a_branch_of_a_tree_holds_what_lies_under_it(case, agent):
    services.set_category(case, "product", "credit_card", agent)
    assert holds({"field": "category.product", "op": "contains", "value": "cards"}, case)
    assert holds({"field": "category.product", "op": "in", "value": ["credit_card"]}, case)
    assert not holds({"field": "category.product", "op": "contains", "value": "loans"}, case)
    services.set_category(case, "product", "", agent)
    assert not CategoryIndex.objects.filter(case=case).exists()


def test_only_the_types_dimensions_are_taken(case, agent):
    with pytest.raises(services.CaseError):
        services.set_category(case, "mood", "sad", agent)
    with pytest.raises(services.CaseError):
        services.set_category(case, "product", "spaceships", agent)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"field": "type", "op": "eq", "value": "complaint"}, True),
        ({"field": "state_class", "op": "in", "value": ["new", "open"]}, True),
        ({"field": "is_open", "op": "eq", "value": False}, False),
        ({"field": "grade", "op": "lte", "value": 3}, True),
        ({"field": "owner", "op": "empty"}, True),
        ({"field": "next_due_at", "op": "within_next", "value": "4w"}, True),
        ({"field": "channel", "op": "eq", "value": "email"}, True),
        ({"not": {"field": "outcome", "op": "eq", "value": "upheld"}}, True),
    ],
)
def test_conditions_speak_of_columns(case, tree, expected):
    assert holds(tree, case) is expected


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize(
    ("op", "value"),
    [
        ("lt", "2026-11-30 12:00"),
        ("lte", "@now"),
        ("gt", "2026-11-01 12:00"),
        ("gte", "@now"),
        ("between", ["2020-01-01 00:00", "2090-01-01 00:00"]),
        ("within_next", "52w"),
        ("within_last", "2d"),
        ("empty", None),
        ("not_empty", None),
    ],
)
def test_the_lists_own_key_means_the_same_as_the_deadline(case, officer, op, value, negated):
    other = make_case("enquiry")
    Case.objects.filter(pk=other.pk).update(next_due_at=None, due_key=NEVER)
    leaf = {"field": "next_due_at", "op": op} | ({} if value is None else {"value": value})
    tree = {"any": [{"not": leaf} if negated else leaf]}
    plain = conditions.to_q(tree, subjects.CASE, conditions.context_for(officer))
    assert set(Case.objects.filter(queries.condition(tree, officer))) == set(Case.objects.filter(plain))


# Ownership


def test_transfer_to_another_site_leaves_the_clocks_alone(case, supervisor):
    other = TeamFactory()
    before = list(case.clocks.values_list("kind", "started_at", "due_at"))
    services.assign(case, supervisor, team=other, reason="属地处理")
    assert (case.team_id, case.site_id, case.owner_id) == (other.pk, other.site_id, None)
    assert list(case.clocks.values_list("kind", "started_at", "due_at")) == before


def test_an_agent_takes_a_case(case, agent):
    services.assign(case, agent, owner=agent)
    assert queries.open_of(agent).count() == 1


def test_a_reader_cannot_be_an_owner(case, supervisor):
    with pytest.raises(services.CaseError):
        services.assign(case, supervisor, owner=make_user("auditor"))


def test_open_work_of_a_leaver_goes_to_a_colleague(case, agent, supervisor, team):
    from console.staff.services import hand_over

    services.assign(case, agent, owner=agent)
    colleague = make_user("agent", team=team)
    hand_over(agent, colleague, supervisor)
    case.refresh_from_db()
    assert case.owner_id == colleague.pk


# Tasks and participants


def test_a_participant_sees_and_answers_one_case(case, agent):
    helper = make_user("participant", team=TeamFactory())
    assert not Case.objects.visible_to(helper).exists()
    task = services.add_task(case, "请核实签约记录", agent, assignee=helper)
    assert list(Case.objects.visible_to(helper)) == [case]
    assert list(queries.tasks_for(helper)) == [task]
    services.finish_task(task, helper, "已核实,无签约")
    assert task.status == "done"
    with pytest.raises(services.NotAllowed):
        services.transition(case, "accept", helper)


def test_a_finished_task_is_finished(case, agent):
    task = services.add_task(case, "x", agent)
    services.finish_task(task, agent, done=False)
    with pytest.raises(services.CaseError):
        services.finish_task(task, agent)


def test_approvals_are_listed_for_those_who_decide(case, agent, supervisor):
    services.request_extension(case, "complex", "需调取凭证", agent)
    assert queries.approvals_for(supervisor).count() == 1
    assert queries.approvals_for(agent).count() == 0


def test_redress_is_recorded_by_leads(case, agent, supervisor):
    with pytest.raises(services.NotAllowed):
        services.add_redress(case, "refund", agent, amount=Decimal("300"))
    assert services.add_redress(case, "refund", supervisor, amount=Decimal("300")).currency == "CNY"
    with pytest.raises(services.CaseError):
        services.add_redress(case, "cake", supervisor)


# Joining


@pytest.fixture
def twin(case, team):
    message = make_message(customer=case.customer, account=case.account)
    return make_case("complaint", team=team, message=message)


def test_a_duplicate_ends_in_the_other_and_comes_back(case, twin, agent):
    due = twin.next_due_at
    services.merge(twin, case, agent)
    assert (twin.is_open, twin.merged_into_id) == (False, case.pk)
    assert CaseConversation.objects.filter(case=case).count() == 2
    assert services.current_case(twin.conversation_id) == case
    services.unmerge(twin, agent)
    assert (twin.is_open, twin.merged_into_id, twin.next_due_at) == (True, None, due)
    assert CaseConversation.objects.filter(case=case).count() == 1
    assert services.current_case(twin.conversation_id) == twin


def test_a_reply_to_a_merged_case_lands_in_the_target(case, twin, agent):
    from console.cases.services import message_added

    services.merge(twin, case, agent)
    message = make_message(twin.conversation, account=case.account, customer=case.customer)
    assert message_added(twin.conversation_id, message.pk, is_new=False) == case


def test_merging_makes_no_circles(case, twin, agent):
    services.merge(twin, case, agent)
    for one, two in ((case, twin), (twin, case), (case, case)):
        with pytest.raises(services.CaseError):
            services.merge(one, two, agent)


def test_cases_of_different_customers_are_linked_not_merged(case, team, agent):
    other = make_case("complaint", team=team)
    with pytest.raises(services.CaseError):
        services.merge(other, case, agent)
    made = services.link(case, other, "related", agent)
    services.unlink(made, agent)
    assert case.links.count() == 0


# Recomputation


def test_a_corrected_calendar_recomputes_open_cases(case, agent, monkeypatch):
    monkeypatch.setattr(recomputing, "BATCH", 2)
    others = [make_case("complaint") for _ in range(3)]
    before = case.clocks.get(kind="first_response").due_at
    calendar = BusinessCalendar.objects.get(code="cn-bank")
    calendars.set_day(calendar, timezone.localtime(before).date(), "holiday", name="临时放假")
    while recomputing.drain():
        pass
    run = Recompute.objects.get()
    assert (run.done, bool(run.finished_at)) == (4, True)
    assert case.clocks.get(kind="first_response").due_at > before
    assert all(other.clocks.get(kind="first_response").due_at > before for other in others)
    assert case.clocks.get(kind="decision").due_at == case.reached_at + timedelta(days=15)


def test_a_run_goes_on_where_it_was_stopped(case, monkeypatch):
    monkeypatch.setattr(recomputing, "BATCH", 1)
    make_case("enquiry")
    recomputing.plan(reason="test")
    assert recomputing.drain() == 1
    cursor = Recompute.objects.get().cursor
    assert cursor == case.pk
    recomputing.drain()
    assert Recompute.objects.get().cursor > cursor


def test_closed_cases_are_history(case):
    Case.objects.filter(pk=case.pk).update(is_open=False)
    recomputing.plan(reason="test")
    assert recomputing.drain() == 0
    assert Recompute.objects.get().finished_at


# Lists and search


def test_pages_follow_each_other_without_gap_or_repeat(preset, officer):
    cases = [make_case("complaint", reached_at=timezone.now() - timedelta(minutes=i)) for i in range(7)]
    seen, after = [], ""
    for _ in range(4):
        page = queries.page(queries.listed(officer), "due", after, limit=2)
        seen += [row.pk for row in page.rows]
        after = page.next
    assert seen == [case.pk for case in sorted(cases, key=lambda case: (case.due_key, case.pk))]
    assert after == ""


def test_an_edited_cursor_gives_the_first_page(case, officer):
    assert queries.page(queries.listed(officer), "due", "nonsense").rows == [case]


@pytest.mark.parametrize("sort", ["due", "-opened", "-resolved"])
def test_every_order_works(case, officer, sort):
    assert len(queries.page(queries.listed(officer), sort).rows) == (0 if sort == "-resolved" else 1)


def test_lists_end_at_the_readers_scope(case, agent):
    assert queries.counted(queries.listed(agent)) == 1
    assert queries.counted(queries.listed(make_user("agent", team=TeamFactory()))) == 0


def test_the_case_page_asks_a_fixed_number_of_questions(case, officer, agent, django_assert_max_num_queries):
    for number in range(5):
        services.add_task(case, f"任务{number}", agent)
    with django_assert_max_num_queries(12):
        found = queries.case_for_page(officer, number=case.number)
        assert len(found.tasks.all()) == 5


def test_a_phrase_of_the_customer_finds_the_case(case, officer):
    make_message(case.conversation, text="我在手机银行找了半天没找到关闭的地方")
    case.indexed = False
    case.save()
    assert search.index_cases() == 1
    assert [hit.object_id for hit in engine.search("case", "找了半天")] == [case.pk]
    assert [hit.object_id for hit in engine.search("case", case.number)] == [case.pk]
    assert search.index_cases() == 0


def test_a_change_puts_the_case_on_the_list_again(case, agent):
    search.index_cases()
    services.retitle(case, "账单重复扣款", agent)
    assert search.index_cases() == 1
    assert [hit.object_id for hit in engine.search("case", "重复扣款")] == [case.pk]
