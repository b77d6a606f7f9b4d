"""Working time against a slow oracle that looks at every minute."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from console.events.models import Event
from console.foundation.calendars import engine, services
from console.foundation.calendars.hours import DAYS, HoursError, parse_hours, parse_weekly, zone_of
from console.foundation.calendars.signals import calendar_changed
from console.foundation.models import BusinessCalendar, CalendarDay
from tests.factories.foundation import BusinessCalendarFactory

MINUTE = timedelta(minutes=1)
BANK = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in DAYS[:5]}
# Zones with odd offsets, changes at midnight, half-hour changes, and a day that never was.
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
         "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "America/St_Johns", "Asia/Beirut"]  # fmt: skip
CHANGES = [
    datetime(2026, 3, 28), datetime(2026, 10, 24), datetime(2026, 3, 7), datetime(2026, 10, 31), datetime(2018, 11, 3),
    datetime(2018, 2, 17), datetime(2011, 12, 29), datetime(2006, 10, 28), datetime(2024, 4, 25), datetime(2026, 4, 4),
    datetime(2026, 10, 3), datetime(2026, 6, 1),
]  # fmt: skip


def shanghai(day, time="00:00"):
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone_of("Asia/Shanghai"))


class Oracle:
    """The definition, minute by minute."""

    def __init__(self, calendar):
        self.calendar = calendar

    def open(self, at):
        local = at.astimezone(self.calendar.zone)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.calendar.hours_of(local.date()))

    def between(self, start, end):
        count, at = 0, start
        while at < end:
            count, at = count + self.open(at), at + MINUTE
        return count * MINUTE

    def add(self, start, amount):
        at = start
        while amount > timedelta(0):
            amount, at = amount - MINUTE * self.open(at), at + MINUTE
        return at

    def subtract(self, end, amount):
        at = end
        while amount > timedelta(0):
            at -= MINUTE
            amount -= MINUTE * self.open(at)
        return at


@st.composite
def hours(draw):
    cuts = sorted(draw(st.lists(st.integers(0, 1440), min_size=0, max_size=6, unique=True)))
    return [
        [f"{a // 60:02}:{a % 60:02}", f"{b // 60:02}:{b % 60:02}"] for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]


@st.composite
def calendars(draw):
    week = {day: draw(hours()) for day in draw(st.sets(st.sampled_from(DAYS), min_size=3))}
    week["wed"] = [["01:15", "02:45"], ["10:07", "23:59"]]
    around = draw(st.sampled_from(CHANGES))
    days = {(around + timedelta(days=n)).date(): draw(hours()) for n in draw(st.sets(st.integers(0, 4), max_size=3))}
    return engine.build(draw(st.sampled_from(ZONES)), week, days), around.replace(tzinfo=UTC)


@settings(max_examples=120, deadline=None)
@given(calendars(), st.integers(0, 3 * 1440), st.integers(0, 3 * 1440))
def test_working_between_is_what_the_minutes_say(made, first, length):
    calendar, around = made
    start = around + first * MINUTE
    end = start + length * MINUTE
    assert calendar.working_between(start, end) == Oracle(calendar).between(start, end)
    assert calendar.working_between(end, start) == -calendar.working_between(start, end)


@settings(max_examples=120, deadline=None)
@given(calendars(), st.integers(0, 3 * 1440), st.integers(1, 900))
def test_add_working_is_what_the_minutes_say(made, first, amount):
    calendar, around = made
    start = around + first * MINUTE
    due = calendar.add_working(start, amount * MINUTE)
    assert due == Oracle(calendar).add(start, amount * MINUTE)
    assert calendar.working_between(start, due) == amount * MINUTE
    assert calendar.add_working(start, -amount * MINUTE) == Oracle(calendar).subtract(start, amount * MINUTE)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.integers(0, 4 * 86400), st.integers(0, 10**9), st.integers(0, 10**9))
def test_adding_up_and_taking_apart_agree(made, first, one, two):
    calendar, around = made
    start = around + timedelta(seconds=first)
    one, two = timedelta(microseconds=one * 7), timedelta(microseconds=two * 7)
    assert calendar.add_working(calendar.add_working(start, one), two) == calendar.add_working(start, one + two)
    assert calendar.add_working(start, one) <= calendar.add_working(start, one + two)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.integers(0, 4 * 1440))
def test_open_and_next_open(made, first):
    calendar, around = made
    at = around + first * MINUTE
    assert calendar.is_open(at) == Oracle(calendar).open(at)
    opening = calendar.next_open(at)
    assert calendar.is_open(opening)
    assert calendar.working_between(at, opening) == timedelta(0)


def test_lunch_nights_and_weekends_do_not_count():
    bank = engine.build("Asia/Shanghai", BANK)
    friday = shanghai("2026-06-05", "17:00")
    assert bank.add_working(friday, timedelta(hours=2)) == shanghai("2026-06-08", "10:00")
    assert bank.add_working(shanghai("2026-06-08", "11:30"), timedelta(hours=1)) == shanghai("2026-06-08", "13:30")
    assert bank.add_working(friday, timedelta(hours=1)) == shanghai("2026-06-05", "18:00")
    assert bank.add_working(shanghai("2026-06-06"), timedelta(0)) == shanghai("2026-06-06")


def test_a_closed_calendar_says_so():
    never, start = engine.build("UTC", {}), shanghai("2026-01-01")
    for call in (
        lambda: never.add_working(start, MINUTE),
        lambda: never.add_working(start, -MINUTE),
        lambda: never.add_working_days(start.date(), 1),
        lambda: never.next_open(start),
    ):
        with pytest.raises(engine.NoWorkingTime):
            call()


def test_calendar_days_keep_the_wall_clock_over_daylight_saving():
    berlin = zone_of("Europe/Berlin")
    start = datetime(2026, 3, 28, 2, 30, tzinfo=berlin)
    assert engine.add_calendar_days(start, 2, "Europe/Berlin") == datetime(2026, 3, 30, 2, 30, tzinfo=berlin)
    # 02:30 does not exist on the 29th: an hour later by the clock, the same instant a day on.
    assert engine.add_calendar_days(start, 1, berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert engine.end_of_day(shanghai("2026-06-05", "08:00"), "Asia/Shanghai") == shanghai("2026-06-06")


@pytest.mark.parametrize(
    "bad", [[["9:00", "12:00"]], [["12:00", "09:00"]], [["09:00", "12:00"], ["11:00", "13:00"]], "x", [["09:00"]],
            [["09:60", "10:00"]], [["09:00", "24:01"]], [[9, 12]]]
)  # fmt: skip
def test_hours_that_make_no_sense_are_refused(bad):
    with pytest.raises(HoursError):
        parse_hours(bad)


def test_weeks_and_zones_that_make_no_sense_are_refused():
    for week in ({"monday": []}, []):
        with pytest.raises(HoursError):
            parse_weekly(week)
    for zone in ("Asia/Nowhere", "../etc/passwd", ""):
        with pytest.raises(HoursError):
            zone_of(zone)


# What the State Council announced for 2025 and 2026.
OFF = {
    2025: ["01-01", "01-28", "02-03", "02-04", "04-04", "05-01", "05-02", "05-05", "06-02", "10-01", "10-07", "10-08"],
    2026: ["01-01", "01-02", "02-16", "02-20", "02-23", "04-06", "05-01", "05-04", "05-05", "06-19", "09-25", "10-07"],
}
WORKED = {
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2025, 2026])
def test_chinese_holidays_and_make_up_days(year):
    calendar = BusinessCalendarFactory(country="CN")
    loaded = services.load_public_holidays(calendar, year)
    assert loaded.announced
    made = engine.load(calendar)
    assert [day for day in OFF[year] if made.is_working_day(date.fromisoformat(f"{year}-{day}"))] == []
    worked = set(calendar.days.filter(kind="workday").values_list("date", flat=True))
    assert worked == {date.fromisoformat(f"{year}-{day}") for day in WORKED[year]}
    assert all(made.hours_of(day) == made.hours_of(date(year, 6, 9)) for day in worked)


@pytest.mark.django_db
def test_the_fifteen_days_of_spring_festival():
    calendar = BusinessCalendarFactory(country="CN")
    services.load_public_holidays(calendar, 2026)
    made = engine.load(calendar)
    assert made.add_working_days(date(2026, 2, 12), 2) == date(2026, 2, 14)
    assert made.add_working_days(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert made.add_working_days(date(2026, 2, 24), -2) == date(2026, 2, 13)
    due = made.add_working(shanghai("2026-02-14", "17:00"), timedelta(hours=2))
    assert due == shanghai("2026-02-24", "10:00")


@pytest.mark.django_db
def test_days_set_by_hand_outlive_a_load():
    calendar = BusinessCalendarFactory(country="CN")
    services.set_day(calendar, date(2026, 10, 1), "workday", [["10:00", "16:00"]], "branch opening")
    first = services.load_public_holidays(calendar, 2026)
    again = services.load_public_holidays(calendar, 2026)
    assert (first.kept, again.added, again.changed, again.removed) == (1, 0, 0, 0)
    assert engine.load(calendar).hours_of(date(2026, 10, 1)) == ((600, 960),)
    assert services.clear_day(calendar, date(2026, 10, 1))
    assert not services.clear_day(calendar, date(2026, 10, 1))
    assert engine.load(calendar).is_working_day(date(2026, 10, 1))


@pytest.mark.django_db
def test_a_wrong_loaded_day_is_corrected_by_the_next_load():
    calendar = BusinessCalendarFactory(country="CN")
    services.load_public_holidays(calendar, 2026)
    calendar.days.filter(date=date(2026, 10, 1)).update(kind="workday")
    CalendarDay.objects.create(calendar=calendar, date=date(2026, 3, 3), kind="holiday", source="loaded")
    done = services.load_public_holidays(calendar, 2026)
    assert (done.changed, done.removed) == (1, 1)


@pytest.mark.django_db
def test_a_change_is_heard_and_the_engine_rebuilt(django_assert_num_queries):
    calendar = BusinessCalendarFactory()
    heard = []
    calendar_changed.connect(lambda calendar, **kwargs: heard.append(calendar.code), weak=False, dispatch_uid="test")
    try:
        before = engine.load(calendar)
        with django_assert_num_queries(0):
            assert engine.load(calendar) is before
        services.set_day(calendar, date(2026, 6, 9), "holiday")
        assert not engine.load(calendar).is_working_day(date(2026, 6, 9))
        assert heard == [calendar.code]
    finally:
        calendar_changed.disconnect(dispatch_uid="test")


@pytest.mark.django_db
def test_rows_refuse_what_the_engine_could_not_use():
    calendar = BusinessCalendarFactory.build(time_zone="Mars/Base", weekly_hours={"mon": [["18:00", "09:00"]]})
    with pytest.raises(ValidationError) as caught:
        calendar.clean()
    assert set(caught.value.message_dict) == {"time_zone", "weekly_hours"}
    with pytest.raises(ValidationError):
        services.set_day(BusinessCalendarFactory(), date(2026, 1, 1), "workday", [["18:00", "09:00"]])


@pytest.mark.django_db
def test_the_command(capsys):
    BusinessCalendarFactory(code="bj", country="CN")
    call_command("calendar", "load", "CN", "2026")
    assert "bj 2026: 28 added" in capsys.readouterr().out
    call_command("calendar", "load", "CN", "2031", "--calendar", "bj")
    assert "not known yet" in capsys.readouterr().err
    call_command("calendar", "show", "bj")
    assert "2026-02-14 workday" in capsys.readouterr().out
    for wrong in (("FR", "2026"), ("QQ", "2026", "--calendar", "bj")):
        with pytest.raises(CommandError):
            call_command("calendar", "load", *wrong)


@pytest.mark.django_db
def test_other_countries_and_regions():
    assert services.public_days("DE-BY", 2026)[date(2026, 1, 6)][0] == "holiday"
    with pytest.raises(services.UnknownCountry):
        services.public_days("XX", 2026)


@pytest.mark.django_db
def test_the_pages_in_the_hub(admin_client):
    calendar = BusinessCalendarFactory(country="CN")
    assert admin_client.get("/console/foundation/businesscalendar/").status_code == 200
    assert admin_client.get(f"/console/foundation/businesscalendar/{calendar.pk}/change/").status_code == 200
    data = {"action": "load_holidays", "_selected_action": [calendar.pk]}
    admin_client.post("/console/foundation/businesscalendar/", data)
    assert calendar.days.filter(kind="workday").exists()
    assert Event.objects.filter(type="calendar.changed", actor_kind="staff").exists()
    form = {"calendar": calendar.pk, "date": "2026-06-09", "kind": "holiday", "hours": "", "name": "flood"}
    assert admin_client.post("/console/foundation/calendarday/add/", form).status_code == 302
    calendar = BusinessCalendar.objects.get()
    assert not engine.load(calendar).is_working_day(date(2026, 6, 9))
    day = calendar.days.get(date=date(2026, 6, 9))
    assert day.source == "manual"
    admin_client.post(f"/console/foundation/calendarday/{day.pk}/delete/", {"post": "yes"})
    assert engine.load(BusinessCalendar.objects.get()).is_working_day(date(2026, 6, 9))


@pytest.mark.django_db
def test_hours_are_written_as_people_write_them(admin_client):
    days = {"mon": "9:00-12:00，13:00～18:00", "tue": "10：00至16：00", "sat": ""}
    inline = {f"days-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    form = {"name": "Branch", "code": "branch", "time_zone": "Asia/Shanghai", "country": "CN", **days, **inline}
    assert admin_client.post("/console/foundation/businesscalendar/add/", form).status_code == 302
    calendar = BusinessCalendar.objects.get()
    assert calendar.weekly_hours == {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "tue": [["10:00", "16:00"]]}
    page = admin_client.get(f"/console/foundation/businesscalendar/{calendar.pk}/change/").content.decode()
    assert 'value="09:00-12:00, 13:00-18:00"' in page
    for wrong in ("9-12", "12:00-09:00", "09:00-12:00, 11:00-13:00"):
        answer = admin_client.post("/console/foundation/businesscalendar/add/", {**form, "code": "b", "wed": wrong})
        assert answer.status_code == 200
    assert BusinessCalendar.objects.count() == 1
