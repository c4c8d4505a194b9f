"""When an appointment can begin within a week of opening hours, whose rows may touch each other or cross midnight."""

from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.schedule.availability import Hours, to_utc
from tests.booking.schedule.places import ANY, DUBLIN, NUUK

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
WEEK = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
        st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
    ),
    max_size=12,
)


def rows_begun(rows, zone, day):
    """Yield, for each row of that day, the moments in UTC at which it opens and closes."""
    for weekday, opens, closes in rows:
        if weekday == day.weekday():
            closing_day = day if closes > opens else day + timedelta(days=1)
            yield to_utc(day, opens, zone), to_utc(closing_day, closes, zone)


def open_minutes(rows, zone, day):
    """Return every single minute at which somebody works around that day, found row by row and day by day."""
    days = [day + timedelta(days=ahead) for ahead in range(-1, 4)]
    spans = [span for one in days for span in rows_begun(rows, zone, one)]
    return {start + passed * MINUTE for start, end in spans for passed in range(int((end - start) / MINUTE))}


@settings(deadline=None, max_examples=60)
@given(WEEK, ANY, st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.sampled_from([15, 45, 90, 720]))
def test_an_appointment_fits_wherever_every_minute_of_it_is_open(rows, zone, day, length):
    """This holds where rows touch, at midnight, at the end of the week and on days when clocks change."""
    is_open = open_minutes(rows, zone, day)
    begun = [*rows_begun(rows, zone, day - timedelta(days=1)), *rows_begun(rows, zone, day)]
    steps = {start + step * QUARTER for start, end in begun for step in range(100) if start + step * QUARTER < end}
    fitting = [start for start in steps if {start + passed * MINUTE for passed in range(length)} <= is_open]
    naive = sorted(start for start in fitting if start.astimezone(zone).date() == day)
    hours = Hours(tuple(rows), zone)
    assert hours.start_times(day, length * MINUTE, QUARTER) == naive
    assert [start for start in naive if not hours.cover(start, start + length * MINUTE)] == []


MONDAY = date(2026, 6, 1)


def fits(rows, *, day=MONDAY, minutes=60, zone=DUBLIN):
    """Return the clock times of that day at which an appointment of so many minutes can begin."""
    starts = Hours(tuple(rows), zone).start_times(day, minutes * MINUTE, QUARTER)
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
    """In Nuuk clocks skip from 23:00 to midnight on 27 March 2027, so hours from 23:30 begin at midnight."""
    rows = hours("23:30-01:00", weekdays=[5])
    assert fits(rows, day=date(2027, 3, 27), minutes=30, zone=NUUK) == []
    assert fits(rows, day=date(2027, 3, 28), minutes=30, zone=NUUK) == ["00:00", "00:15", "00:30"]
