"""Until when a time is kept for a caller who has not paid yet."""

from zoneinfo import ZoneInfo

import pytest

from booking import deadlines
from tests.booking.clock import NOW, dublin, instant

DUBLIN = ZoneInfo("Europe/Dublin")


@pytest.mark.parametrize(
    ("begins", "names", "preferred"),
    [
        (dublin(10, "10:00"), ["2 hours", "tonight", "tomorrow", "3 days", "begins"], "tomorrow"),
        (dublin(2, "10:00"), ["2 hours", "tonight", "begins"], "tonight"),
        (dublin(1, "15:00"), ["2 hours", "begins"], "2 hours"),
        (dublin(1, "12:30"), ["begins"], "begins"),
    ],
)
def test_only_deadlines_before_it_begins_are_offered(begins, names, preferred):
    offered = deadlines.choices(begins, NOW, DUBLIN)
    assert (list(offered), deadlines.preferred(offered)) == (names, preferred)


def test_evenings_are_those_of_the_providers_clock():
    offered = deadlines.choices(dublin(10, "10:00"), NOW, ZoneInfo("America/New_York"))
    assert offered["tonight"] == instant("2026-06-01T20:00-04:00")


def test_tonight_is_not_offered_once_it_is_over():
    assert "tonight" not in deadlines.choices(dublin(10, "10:00"), dublin(1, "20:00"), DUBLIN)


@pytest.mark.parametrize(
    ("deadline", "sentence"),
    [
        (NOW, "That deadline is over. Choose a later one."),
        (dublin(3, "10:01"), "The appointment begins before that deadline. Choose an earlier one."),
    ],
)
def test_a_deadline_is_ahead_and_not_after_it_begins(deadline, sentence):
    with pytest.raises(deadlines.NoDeadline, match=sentence):
        deadlines.require(deadline, dublin(3, "10:00"), NOW)


@pytest.mark.parametrize("text", ["2026-06-02T18:00", "2026-06-02 18:00"])
def test_a_typed_deadline_is_by_the_providers_clock(text):
    assert deadlines.typed(text, DUBLIN) == dublin(2, "18:00")


@pytest.mark.parametrize("text", ["", "tomorrow", "9999-12-31T23:59", "0001-01-01T00:00", "2026-06-31T10:00"])
def test_what_is_no_day_and_time_is_refused_in_a_sentence(text):
    zone = ZoneInfo("America/New_York" if text.startswith("9999") else "Asia/Tokyo")
    with pytest.raises(deadlines.NoDeadline, match="Enter the day and the time of the deadline"):
        deadlines.typed(text, zone)


def test_the_same_deadline_for_another_appointment_is_never_after_it_begins():
    begins, other = dublin(3, "10:00"), dublin(10, "10:00")
    assert deadlines.alike(begins, begins, other) == other
    assert deadlines.alike(dublin(2, "20:00"), begins, other) == dublin(2, "20:00")
    assert deadlines.alike(dublin(2, "20:00"), begins, dublin(2, "10:00")) == dublin(2, "10:00")
