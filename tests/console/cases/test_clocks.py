"""The clock function held against a slow oracle that walks every minute."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from console.cases.clocks import History, Interval, Moment, Policy, compute
from console.foundation.calendars.engine import add_calendar_days, build

MINUTE = timedelta(minutes=1)
DAY = [["09:00", "12:00"], ["13:00", "18:00"]]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), DAY)
HOLIDAYS = {date(2026, 10, 1): [], date(2026, 10, 2): [], date(2026, 10, 10): DAY}
SHANGHAI = build("Asia/Shanghai", WEEK, HOLIDAYS)
# The clocks of Berlin go back on 25 October 2026, inside the period the histories cover.
BERLIN = build("Europe/Berlin", WEEK | {"sun": [["00:00", "24:00"]]})
START = datetime(2026, 9, 30, 1, 0, tzinfo=UTC)
CLASSES = ("new", "open", "waiting_customer", "waiting_other", "resolved")
PAUSES = frozenset({"waiting_customer"})
HEARD = {"told": "decided", "acceptance_told": "refused", "regulator_answered": "forwarded"}
EXCUSED = ("told", "acceptance_told")
FACTS = ("responded", "updated", "told", "excused", "decided", "reopened", "refused", "acceptance_told",
         "forwarded", "regulator_answered")  # fmt: skip


def at(minutes: int) -> datetime:
    return START + minutes * MINUTE


@st.composite
def histories(draw):
    """A case that moves through classes at whole minutes, with marks strewn over its life."""
    lengths = draw(st.lists(st.integers(1, 2000), min_size=0, max_size=5))
    edges = [0]
    for length in lengths:
        edges.append(edges[-1] + length)
    classes = draw(st.lists(st.sampled_from(CLASSES), min_size=len(edges), max_size=len(edges)))
    ends = [*edges[1:], None]
    if draw(st.booleans()):
        classes[-1] = "closed"
    intervals = tuple(
        Interval(name, at(begin), None if end is None else at(end))
        for name, begin, end in zip(classes, edges, ends, strict=True)
    )
    facts = st.sampled_from(FACTS)
    marks = draw(st.lists(st.tuples(facts, st.integers(0, edges[-1] + 3000)), max_size=5))
    moments = (Moment("reached", START), Moment("opened", at(3)), *(Moment(fact, at(when)) for fact, when in marks))
    given = draw(st.sampled_from([{}, {}, {"decision": at(700)}]))
    return History(
        intervals, moments, draw(st.sampled_from([None, 1, 3])), {"decision": draw(st.integers(0, 2))}, given
    )


@st.composite
def policies(draw):
    basis = draw(st.sampled_from(["calendar_days", "elapsed", "working_time"]))
    return Policy(
        kind=draw(st.sampled_from(["decision", "first_response"])),
        basis=basis,
        amount=draw(st.integers(1, 4)) if basis == "calendar_days" else draw(st.integers(1, 1200)),
        starts=draw(st.sampled_from(["reached", "opened"])),
        met_by=draw(st.sampled_from(["responded", "told", "updated", "acceptance_told", "regulator_answered"])),
        pauses=draw(st.sampled_from([frozenset(), PAUSES, PAUSES | {"waiting_other"}])),
        restarts=draw(st.booleans()),
        recurring=draw(st.booleans()),
        by_grade=draw(st.sampled_from([(), ((1, 2),)])),
    )


def oracle(policy, history, calendar, now):
    """The rule in its plainest words, one minute after the other."""
    wanted = {policy.starts} | ({"reopened"} if policy.restarts else set())
    wanted |= {policy.met_by} if policy.recurring else set()
    begin = max(moment.at for moment in history.moments if moment.fact in wanted)
    meets = {policy.met_by, "excused"} if policy.met_by in EXCUSED else {policy.met_by}
    met = sorted(m.at for m in history.moments if m.fact in meets and m.at >= begin and not policy.recurring)
    stop = met[0] if met else None
    last = history.intervals[-1]
    undecided = not any(m.fact == HEARD.get(policy.met_by) and m.at >= begin for m in history.moments)
    if not stop and last.state_class == "closed" and undecided:
        stop = max(last.start, begin)
    amount = dict(policy.by_grade).get(history.grade, policy.amount) + history.extensions.get(policy.kind, 0)
    left = amount
    if policy.basis == "calendar_days":
        left = (add_calendar_days(begin, amount, calendar.zone) - begin) // MINUTE
    if given := history.given.get(policy.kind):
        return stop, max(given, begin)
    return stop, walk(policy, history, calendar, begin, stop, left)


def class_at(history, moment):
    return next(
        item.state_class
        for item in reversed(history.intervals)
        if item.start <= moment and (item.end is None or moment < item.end)
    )


def walk(policy, history, calendar, begin, stop, left):
    moment, limit = begin, begin + timedelta(days=40)
    frozen = class_at(history, stop) if stop else None
    while left and moment < limit:
        name = frozen if stop and moment >= stop else class_at(history, moment)
        if name not in policy.pauses and (policy.basis != "working_time" or calendar.is_open(moment)):
            left -= 1
        elif name in policy.pauses and (stop or moment >= history.intervals[-1].start) and (not stop or moment >= stop):
            return None
        moment += MINUTE
    return moment


@settings(max_examples=250, deadline=None)
@given(histories(), policies(), st.sampled_from([SHANGHAI, BERLIN]), st.integers(0, 20_000))
def test_it_agrees_with_the_oracle(history, policy, calendar, later):
    now = at(later)
    reading = compute(policy, history, calendar, now)
    stop, due = oracle(policy, history, calendar, now)
    assert reading.stopped_at == stop
    if reading.due_at is None:
        assert due is None
        assert reading.state in ("paused", "met", "cancelled")
    else:
        assert reading.due_at == due
    late = due is not None and due < (stop or now)
    assert (reading.state == "breached") == late


@settings(max_examples=60, deadline=None)
@given(histories(), policies())
def test_reading_twice_gives_the_same(history, policy):
    now = at(5000)
    assert compute(policy, history, SHANGHAI, now) == compute(policy, history, SHANGHAI, now)


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(1, 600))
def test_a_longer_amount_is_never_due_earlier(history, more):
    short = Policy("first_response", "working_time", 300, pauses=PAUSES)
    long = replace(short, amount=300 + more)
    first, second = (compute(policy, history, SHANGHAI, at(0)) for policy in (short, long))
    if first.due_at and second.due_at:
        assert second.due_at > first.due_at


def simple(*intervals, moments=(), **values):
    return History(intervals, (Moment("reached", START), Moment("opened", START), *moments), **values)


RUNNING = simple(Interval("open", START))


def test_fifteen_calendar_days_do_not_pause_on_holidays():
    policy = Policy("decision", "calendar_days", 15, met_by="told")
    reading = compute(policy, RUNNING, SHANGHAI, START)
    assert reading.due_at == datetime(2026, 10, 15, 1, 0, tzinfo=UTC)


def test_working_time_skips_lunch_nights_and_the_holiday():
    policy = Policy("first_response", "working_time", 9 * 60)
    reading = compute(policy, RUNNING, SHANGHAI, START)
    # 30 September 09:00 to 18:00 are eight hours; 1 and 2 October are holidays, 3 and 4 a weekend.
    assert reading.due_at.astimezone(ZoneInfo("Asia/Shanghai")).isoformat() == "2026-10-05T10:00:00+08:00"


def test_a_make_up_saturday_counts():
    saturday = datetime(2026, 10, 10, 1, 0, tzinfo=UTC)
    history = History((Interval("open", saturday),), (Moment("reached", saturday),))
    reading = compute(Policy("first_response", "working_time", 60), history, SHANGHAI, saturday)
    assert reading.due_at == saturday + timedelta(hours=1)


def test_a_pause_moves_the_deadline_by_its_length():
    policy = Policy("first_response", "elapsed", 600, pauses=PAUSES)
    history = simple(
        Interval("open", at(0), at(100)), Interval("waiting_customer", at(100), at(400)), Interval("open", at(400))
    )
    assert compute(policy, history, None, at(500)).due_at == at(900)


def test_a_paused_clock_has_no_deadline_but_what_is_left():
    policy = Policy("first_response", "elapsed", 600, pauses=PAUSES)
    history = simple(Interval("open", at(0), at(100)), Interval("waiting_customer", at(100)))
    reading = compute(policy, history, None, at(5000))
    assert (reading.state, reading.due_at, reading.remaining) == ("paused", None, timedelta(minutes=500))


def test_an_automatic_receipt_is_no_first_response():
    policy = Policy("first_response", "elapsed", 60, met_by="responded")
    history = simple(Interval("open", START), moments=[Moment("acknowledged", at(1))])
    assert compute(policy, history, None, at(61)).state == "breached"


def test_reopening_starts_anew_when_the_policy_says_so():
    history = simple(
        Interval("open", at(0), at(50)),
        Interval("closed", at(50), at(5000)),
        Interval("open", at(5000)),
        moments=[Moment("responded", at(20)), Moment("reopened", at(5000))],
    )
    policy = Policy("first_response", "elapsed", 60)
    assert compute(policy, history, None, at(5001)).due_at == at(5060)
    assert compute(replace(policy, restarts=False), history, None, at(5001)).state == "met"


def test_a_graver_case_is_due_earlier_from_its_beginning():
    policy = Policy("first_response", "elapsed", 480, by_grade=((1, 60),))
    assert compute(policy, replace(RUNNING, grade=1), None, at(10)).due_at == at(60)
    assert compute(policy, replace(RUNNING, grade=3), None, at(10)).due_at == at(480)


def test_a_decision_whose_notice_came_back_runs_on_after_closing():
    policy = Policy("decision", "calendar_days", 15, met_by="told")
    history = simple(Interval("open", at(0), at(60)), Interval("closed", at(60)), moments=[Moment("decided", at(60))])
    assert compute(policy, history, SHANGHAI, at(100)).state == "running"


def test_closing_ends_what_nobody_needs_any_more():
    history = simple(Interval("open", at(0), at(60)), Interval("closed", at(60)))
    reading = compute(Policy("first_response", "elapsed", 480), history, None, at(5000))
    assert (reading.state, reading.stopped_at) == ("cancelled", at(60))


def test_an_extension_lengthens_its_own_clock_only():
    history = replace(RUNNING, extensions={"decision": 15})
    decide = compute(Policy("decision", "calendar_days", 15, met_by="told"), history, SHANGHAI, START)
    answer = compute(Policy("first_response", "elapsed", 60), history, SHANGHAI, START)
    assert decide.due_at == START + timedelta(days=30)
    assert answer.due_at == at(60)


def test_a_recurring_clock_counts_from_the_last_update():
    history = simple(Interval("open", START), moments=[Moment("updated", at(30)), Moment("updated", at(90))])
    policy = Policy("update", "elapsed", 60, met_by="updated", recurring=True)
    assert compute(policy, history, None, at(100)).due_at == at(150)


def test_a_clock_nothing_has_started_does_not_exist():
    assert compute(Policy("extension", "elapsed", 60, starts="extension_asked"), RUNNING, None, START) is None
