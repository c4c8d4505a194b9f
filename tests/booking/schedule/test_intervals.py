"""Arithmetic with intervals of time is compared with a slow way to the same answer, minute by minute."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.schedule.availability import Interval, clear_of, merge, outside, start_times, within

START = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


def at(minutes):
    return START + timedelta(minutes=minutes)


def covered(intervals):
    """Return every single minute that is taken."""
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
    assert list(clear_of(merge(taken), wanted, length * MINUTE)) == clear


@settings(deadline=None)
@given(intervals, candidates, lengths)
def test_every_start_left_out_overlaps_something_taken(taken, wanted, length):
    clear = list(clear_of(merge(taken), wanted, length * MINUTE))
    innocent = [
        start
        for start in wanted
        if start not in clear and not any(one.start < start + length * MINUTE and one.end > start for one in taken)
    ]
    assert innocent == []


def test_a_start_may_touch_what_is_taken_before_and_after_it():
    taken = [Interval(at(0), at(30)), Interval(at(60), at(90))]
    assert list(clear_of(taken, [at(30)], timedelta(minutes=30))) == [at(30)]
    assert list(clear_of(taken, [at(31)], timedelta(minutes=30))) == []
    assert list(clear_of(taken, [at(29)], timedelta(minutes=30))) == []


def test_nothing_taken_leaves_everything_and_no_candidates_leave_nothing():
    assert list(clear_of([], [at(0), at(15)], QUARTER)) == [at(0), at(15)]
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


@settings(deadline=None)
@given(intervals, intervals)
def test_what_is_outside_and_what_is_taken_are_all_there_is(taken, of):
    left = outside(taken, merge(of))
    assert covered(left) == covered(of) - covered(taken)
    assert all(start < end for start, end in left)


@settings(deadline=None)
@given(intervals, minutes, lengths)
def test_within_a_time_is_what_both_cover(of, start, length):
    whole = Interval(at(start), at(start + length))
    assert covered(within(whole, of)) == covered(of) & covered([whole])
    assert all(part.start < part.end for part in within(whole, of))
