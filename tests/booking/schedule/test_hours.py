"""Slot arithmetic against a naive minute-by-minute reading of the same rules, and the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.schedule.availability import Hours, Interval, clear_of, merge, opening, start_times, to_utc

START = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)

DUBLIN = ZoneInfo("Europe/Dublin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SANTIAGO = ZoneInfo("America/Santiago")
CAIRO = ZoneInfo("Africa/Cairo")
NUUK = ZoneInfo("America/Nuuk")
APIA = ZoneInfo("Pacific/Apia")
VANCOUVER = ZoneInfo("America/Vancouver")


def at(minutes):
    return START + timedelta(minutes=minutes)


def covered(intervals):
    """The naive way to say what is taken: every single minute."""
    return {minute for start, end in intervals for minute in range(minutes_of(start), minutes_of(end))}


def minutes_of(moment):
    return int((moment - START).total_seconds()) // 60


minutes = st.integers(min_value=0, max_value=600)
lengths = st.integers(min_value=1, max_value=120)
intervals = st.lists(st.builds(lambda start, length: Interval(at(start), at(start + length)), minutes, lengths))
candidates = st.lists(minutes.map(at), unique=True).map(sorted)


@settings(deadline=None)
@given(intervals)
def test_merged_intervals_cover_the_same_minutes(taken):
    assert covered(merge(taken)) == covered(taken)


@settings(deadline=None)
@given(intervals)
def test_merged_intervals_are_in_order_and_do_not_even_touch(taken):
    merged = merge(taken)
    assert [pair for pair in pairwise(merged) if pair[0].end >= pair[1].start] == []


@settings(deadline=None)
@given(intervals)
def test_merging_twice_changes_nothing(taken):
    assert merge(merge(taken)) == merge(taken)


@settings(deadline=None)
@given(intervals, candidates, lengths)
def test_the_clear_starts_are_exactly_those_whose_every_minute_is_untaken(taken, wanted, length):
    busy = covered(taken)
    clear = [start for start in wanted if busy.isdisjoint(covered([Interval(start, start + length * MINUTE)]))]
    assert clear_of(merge(taken), wanted, length * MINUTE) == clear


@settings(deadline=None)
@given(intervals, candidates, lengths)
def test_every_start_left_out_overlaps_something_taken(taken, wanted, length):
    clear = clear_of(merge(taken), wanted, length * MINUTE)
    innocent = [
        start
        for start in wanted
        if start not in clear and not any(one.start < start + length * MINUTE and one.end > start for one in taken)
    ]
    assert innocent == []


def test_a_start_may_touch_what_is_taken_before_and_after_it():
    taken = [Interval(at(0), at(30)), Interval(at(60), at(90))]
    assert clear_of(taken, [at(30)], timedelta(minutes=30)) == [at(30)]
    assert clear_of(taken, [at(31)], timedelta(minutes=30)) == []
    assert clear_of(taken, [at(29)], timedelta(minutes=30)) == []


def test_nothing_taken_leaves_everything_and_no_candidates_leave_nothing():
    assert clear_of([], [at(0), at(15)], QUARTER) == [at(0), at(15)]
    assert clear_of([Interval(at(0), at(30))], [], QUARTER) == []


@settings(deadline=None)
@given(minutes, st.integers(min_value=0, max_value=900), lengths, st.integers(min_value=1, max_value=90))
def test_starts_are_every_step_from_the_opening_that_ends_by_closing(opens, open_for, length, step):
    hours = Interval(at(opens), at(opens + open_for))
    naive = [at(start) for start in range(opens, opens + open_for + 1, step) if start + length <= opens + open_for]
    assert list(start_times(hours, hours.end, length * MINUTE, step * MINUTE)) == naive


def test_the_last_start_ends_at_closing_to_the_second():
    hours = Interval(at(0), at(60))
    assert list(start_times(hours, hours.end, timedelta(minutes=30), QUARTER)) == [at(0), at(15), at(30)]
    assert list(start_times(hours, hours.end, timedelta(minutes=30, seconds=1), QUARTER)) == [at(0), at(15)]


def test_hours_shorter_than_the_appointment_offer_nothing():
    assert list(start_times(Interval(at(0), at(29)), at(29), timedelta(minutes=30), QUARTER)) == []


GAPS = [
    # zone, day, the first and the last minute that clocks skip, and the instant at which they do
    pytest.param(DUBLIN, date(2027, 3, 28), "01:00", "01:59", datetime(2027, 3, 28, 1, tzinfo=UTC), id="Dublin"),
    pytest.param(NEW_YORK, date(2027, 3, 14), "02:00", "02:59", datetime(2027, 3, 14, 7, tzinfo=UTC), id="New York"),
    pytest.param(
        LORD_HOWE, date(2026, 10, 4), "02:00", "02:29", datetime(2026, 10, 3, 15, 30, tzinfo=UTC), id="Lord Howe"
    ),
    pytest.param(SANTIAGO, date(2026, 9, 6), "00:00", "00:59", datetime(2026, 9, 6, 4, tzinfo=UTC), id="Santiago"),
    pytest.param(CAIRO, date(2026, 4, 24), "00:00", "00:59", datetime(2026, 4, 23, 22, tzinfo=UTC), id="Cairo"),
    pytest.param(NUUK, date(2027, 3, 27), "23:00", "23:59", datetime(2027, 3, 28, 1, tzinfo=UTC), id="Nuuk"),
]


@pytest.mark.parametrize(("zone", "day", "first", "last", "moved"), GAPS)
def test_a_time_in_the_gap_moves_to_the_gaps_end(zone, day, first, last, moved):
    assert to_utc(day, time.fromisoformat(first), zone) == moved
    assert to_utc(day, time.fromisoformat(last), zone) == moved


@pytest.mark.parametrize(("zone", "day", "first", "last", "moved"), GAPS)
def test_the_times_around_the_gap_stay_where_they_are(zone, day, first, last, moved):
    before = datetime.combine(day, time.fromisoformat(first)) - MINUTE
    after = datetime.combine(day, time.fromisoformat(last)) + MINUTE
    assert to_utc(before.date(), before.time(), zone) == moved - MINUTE
    assert to_utc(after.date(), after.time(), zone) == moved


@pytest.mark.parametrize(("zone", "day", "first", "last", "moved"), GAPS)
def test_hours_wholly_inside_the_gap_have_no_length(zone, day, first, last, moved):
    hours = opening(day, time.fromisoformat(first), time.fromisoformat(last), zone)
    assert hours == Interval(moved, moved)
    assert list(start_times(hours, hours.end, timedelta(minutes=5), QUARTER)) == []


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"),
    [
        pytest.param(DUBLIN, date(2026, 10, 25), "01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="Dublin"),
        pytest.param(NEW_YORK, date(2026, 11, 1), "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), id="New York"),
        pytest.param(LORD_HOWE, date(2027, 4, 4), "01:45", datetime(2027, 4, 3, 14, 45, tzinfo=UTC), id="Lord Howe"),
        pytest.param(SANTIAGO, date(2027, 4, 3), "23:30", datetime(2027, 4, 4, 2, 30, tzinfo=UTC), id="Santiago"),
        pytest.param(CAIRO, date(2026, 10, 29), "23:30", datetime(2026, 10, 29, 20, 30, tzinfo=UTC), id="Cairo"),
        pytest.param(NUUK, date(2026, 10, 24), "23:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="Nuuk"),
    ],
)
def test_a_time_that_comes_twice_is_the_first(zone, day, clock, instant):
    assert to_utc(day, time.fromisoformat(clock), zone) == instant


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "length"),
    [
        pytest.param(DUBLIN, date(2027, 3, 28), "00:00", "03:00", 120, id="over the Dublin gap"),
        pytest.param(DUBLIN, date(2026, 10, 25), "00:00", "03:00", 240, id="over the Dublin fold"),
        pytest.param(DUBLIN, date(2026, 11, 2), "00:00", "03:00", 180, id="an ordinary day"),
        pytest.param(NEW_YORK, date(2027, 3, 14), "01:00", "04:00", 120, id="over the New York gap"),
        pytest.param(NEW_YORK, date(2026, 11, 1), "01:00", "04:00", 240, id="over the New York fold"),
        pytest.param(LORD_HOWE, date(2026, 10, 4), "01:00", "04:00", 150, id="over half an hour's gap"),
        pytest.param(LORD_HOWE, date(2027, 4, 4), "01:00", "04:00", 210, id="over half an hour's fold"),
        pytest.param(SANTIAGO, date(2026, 9, 6), "00:00", "03:00", 120, id="from a midnight that is skipped"),
        pytest.param(NUUK, date(2027, 3, 27), "22:00", "23:30", 60, id="until a closing that is skipped"),
        pytest.param(DUBLIN, date(2027, 3, 28), "01:30", "03:00", 60, id="opening inside the gap"),
        pytest.param(DUBLIN, date(2027, 3, 28), "00:00", "01:30", 60, id="closing inside the gap"),
        pytest.param(DUBLIN, date(2026, 10, 25), "01:30", "03:00", 150, id="opening inside the fold"),
        pytest.param(DUBLIN, date(2026, 10, 25), "00:00", "01:30", 90, id="closing inside the fold"),
        pytest.param(DUBLIN, date(2026, 10, 25), "01:15", "01:45", 30, id="wholly inside the fold"),
    ],
)
def test_hours_on_a_day_when_clocks_change_have_their_true_length(zone, day, opens, closes, length):
    hours = opening(day, time.fromisoformat(opens), time.fromisoformat(closes), zone)
    assert hours.end - hours.start == timedelta(minutes=length)
    assert len(list(start_times(hours, hours.end, QUARTER, QUARTER))) == length // 15


def test_over_the_gap_the_clock_jumps_but_the_steps_do_not():
    hours = opening(date(2027, 3, 28), time(0, 30), time(3), DUBLIN)
    found = list(start_times(hours, hours.end, timedelta(minutes=30), timedelta(minutes=30)))
    assert [f"{start.astimezone(DUBLIN):%H:%M}" for start in found] == ["00:30", "02:00", "02:30"]
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=30)}


def test_over_the_fold_the_same_clock_is_offered_twice():
    hours = opening(date(2026, 10, 25), time(0, 30), time(2, 30), DUBLIN)
    found = list(start_times(hours, hours.end, timedelta(minutes=30), timedelta(minutes=30)))
    shown = [f"{start.astimezone(DUBLIN):%H:%M}" for start in found]
    assert shown == ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=30)}


def test_a_date_that_the_zone_skipped_has_no_hours():
    hours = opening(date(2011, 12, 30), time(9), time(17), APIA)
    assert hours == Interval(datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2011, 12, 30, 10, tzinfo=UTC))


ZONES = st.sampled_from([DUBLIN, NEW_YORK, LORD_HOWE, SANTIAGO, CAIRO, NUUK, VANCOUVER, ZoneInfo("Asia/Kolkata")])


@settings(deadline=None)
@given(ZONES, st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.times(), st.times())
def test_hours_never_end_before_they_start(zone, day, one, other):
    opens, closes = sorted(clock.replace(fold=0, microsecond=0) for clock in (one, other))
    hours = opening(day, opens, closes, zone)
    assert hours.start <= hours.end


@settings(deadline=None)
@given(
    ZONES,
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.times().map(lambda clock: clock.replace(fold=0, second=0, microsecond=0)),
)
def test_an_instant_reads_on_the_wall_as_it_was_written_or_later_where_clocks_skipped_it(zone, day, clock):
    written = datetime.combine(day, clock)
    instant = to_utc(day, clock, zone)
    shown = instant.astimezone(zone).replace(tzinfo=None)
    skipped = instant.astimezone(zone).utcoffset() - (instant - MINUTE).astimezone(zone).utcoffset()
    assert shown == written or timedelta(0) < shown - written <= skipped


WEEK = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
        st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
    ),
    max_size=12,
)


def rows_begun(rows, zone, day):
    """When the rows of that day's weekday open and close, in UTC."""
    for weekday, opens, closes in rows:
        if weekday == day.weekday():
            closing_day = day if closes > opens else day + timedelta(days=1)
            yield to_utc(day, opens, zone), to_utc(closing_day, closes, zone)


def open_minutes(rows, zone, day):
    """The naive way to say when somebody works around that day: every single minute, row by row and day by day."""
    days = [day + timedelta(days=ahead) for ahead in range(-1, 4)]
    spans = [span for one in days for span in rows_begun(rows, zone, one)]
    return {start + passed * MINUTE for start, end in spans for passed in range(int((end - start) / MINUTE))}


@settings(deadline=None, max_examples=60)
@given(WEEK, ZONES, st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.sampled_from([15, 45, 90, 720]))
def test_an_appointment_fits_wherever_every_minute_of_it_is_open(rows, zone, day, length):
    """Over seams between rows, midnight, the week's end and days when clocks change."""
    is_open = open_minutes(rows, zone, day)
    begun = [*rows_begun(rows, zone, day - timedelta(days=1)), *rows_begun(rows, zone, day)]
    steps = {start + step * QUARTER for start, end in begun for step in range(100) if start + step * QUARTER < end}
    fitting = [start for start in steps if {start + passed * MINUTE for passed in range(length)} <= is_open]
    naive = sorted(start for start in fitting if start.astimezone(zone).date() == day)
    hours = Hours(rows, zone)
    assert hours.start_times(day, length * MINUTE, QUARTER) == naive
    assert [start for start in naive if not hours.cover(start, start + length * MINUTE)] == []


MONDAY = date(2026, 6, 1)


def fits(rows, *, day=MONDAY, minutes=60, zone=DUBLIN):
    """The clock times of that day at which an hour can begin."""
    starts = Hours(rows, zone).start_times(day, minutes * MINUTE, QUARTER)
    return [f"{start.astimezone(zone):%H:%M}" for start in starts]


def hours(*written, weekdays=range(7)):
    clocks = [tuple(map(time.fromisoformat, one.split("-"))) for one in written]
    return [(weekday, opens, closes) for weekday in weekdays for opens, closes in clocks]


def test_an_appointment_crosses_midnight_where_the_hours_before_and_after_it_touch():
    two_rows = hours("22:30-00:00", weekdays=[0]) + hours("00:00-02:00", weekdays=[1])
    assert fits(two_rows) == ["22:30", "22:45", "23:00", "23:15", "23:30", "23:45"]
    assert fits(two_rows, day=date(2026, 6, 2)) == ["00:00", "00:15", "00:30", "00:45", "01:00"]


def test_one_row_past_midnight_is_the_same_as_two_that_touch():
    two_rows = hours("22:30-00:00", weekdays=[0]) + hours("00:00-02:00", weekdays=[1])
    one_row = hours("22:30-02:00", weekdays=[0])
    for day in (MONDAY, date(2026, 6, 2), date(2026, 6, 3)):
        assert fits(one_row, day=day) == fits(two_rows, day=day)


def test_an_appointment_crosses_the_end_of_the_week():
    sunday = date(2026, 6, 7)
    two_rows = hours("23:00-00:00", weekdays=[6]) + hours("00:00-01:00", weekdays=[0])
    assert fits(two_rows, day=sunday) == ["23:00", "23:15", "23:30", "23:45"]


def test_nothing_is_lost_between_a_morning_and_an_afternoon_that_touch():
    assert fits(hours("09:00-12:00", "12:00-13:00")) == fits(hours("09:00-13:00"))


def test_each_row_counts_its_steps_from_its_own_opening():
    assert fits(hours("09:00-09:40", "09:40-10:40"), minutes=30) == [
        "09:00",
        "09:15",
        "09:30",
        "09:40",
        "09:55",
        "10:10",
    ]


def test_whoever_never_closes_can_be_booked_at_every_step_of_the_day():
    assert len(fits(hours("00:00-00:00"), minutes=720)) == 96
    assert fits(hours("00:00-00:00"))[-3:] == ["23:15", "23:30", "23:45"]


def test_an_opening_that_clocks_skip_into_the_next_day_is_on_that_day():
    """In Nuuk 23:00 to 23:59 of 27 March 2027 does not come: hours from 23:30 begin at midnight."""
    rows = hours("23:30-01:00", weekdays=[5])
    assert fits(rows, day=date(2027, 3, 27), minutes=30, zone=NUUK) == []
    assert fits(rows, day=date(2027, 3, 28), minutes=30, zone=NUUK) == ["00:00", "00:15", "00:30"]


def test_vancouver_stays_on_summer_time_as_the_pinned_data_say():
    """The province abolished the change; a system's older data still put its clocks back on 1 November 2026."""
    assert to_utc(date(2026, 12, 1), time(9), VANCOUVER) == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert to_utc(date(2027, 6, 1), time(9), VANCOUVER) == datetime(2027, 6, 1, 16, tzinfo=UTC)
