"""Opening hours on days when clocks skip an hour or show it twice."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.schedule.availability import Interval, opening, start_times, to_utc
from tests.booking.schedule.places import ANY, APIA, CAIRO, DUBLIN, LORD_HOWE, NEW_YORK, NUUK, SANTIAGO, VANCOUVER

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
GAPS = [
    # Each has a zone, a day, the first and the last minute that clocks skip, and the instant at which they do so.
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


@settings(deadline=None)
@given(ANY, st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.times(), st.times())
def test_hours_never_end_before_they_start(zone, day, one, other):
    opens, closes = sorted(clock.replace(fold=0, microsecond=0) for clock in (one, other))
    hours = opening(day, opens, closes, zone)
    assert hours.start <= hours.end


@settings(deadline=None)
@given(
    ANY,
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.times().map(lambda clock: clock.replace(fold=0, second=0, microsecond=0)),
)
def test_an_instant_reads_on_the_wall_as_it_was_written_or_later_where_clocks_skipped_it(zone, day, clock):
    written = datetime.combine(day, clock)
    instant = to_utc(day, clock, zone)
    shown = instant.astimezone(zone).replace(tzinfo=None)
    skipped = instant.astimezone(zone).utcoffset() - (instant - MINUTE).astimezone(zone).utcoffset()
    assert shown == written or timedelta(0) < shown - written <= skipped


def test_vancouver_stays_on_summer_time_as_the_pinned_data_say():
    """The province no longer changes its clocks. Older data of a system would put them back on 1 November 2026."""
    assert to_utc(date(2026, 12, 1), time(9), VANCOUVER) == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert to_utc(date(2027, 6, 1), time(9), VANCOUVER) == datetime(2027, 6, 1, 16, tzinfo=UTC)
