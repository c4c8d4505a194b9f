"""Which start times are free: pure arithmetic, no database.

Everything is an aware datetime in UTC; a provider's wall clock enters only through `opening`, once for each opening
and closing, so a day on which clocks change has its true length.

Hours that touch are one opening, over midnight and over the end of the week: an appointment may begin in one row of
working hours and end in the next.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.zones import to_utc

END = attrgetter("end")
DAY = timedelta(days=1)


class Interval(NamedTuple):
    """Half-open `[start, end)`, in UTC."""

    start: datetime
    end: datetime


def opening(day: date, opens: time, closes: time, zone: ZoneInfo) -> Interval:
    """From `opens` of that day on that zone's clock to the next `closes` after it, a day later if they are equal."""
    closing_day = day if closes > opens else day + DAY
    return Interval(to_utc(day, opens, zone), to_utc(closing_day, closes, zone))


def every_day(first: date, last: date) -> Iterator[date]:
    """Both ends included."""
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def starts(hours: Interval, closing: datetime, length: timedelta, step: timedelta) -> Iterator[datetime]:
    """Every start within the hours, a step apart from their beginning on, whose appointment ends by `closing`."""
    start = hours.start
    while start < hours.end and start + length <= closing:
        yield start
        start += step


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as disjoint intervals in order; what touches becomes one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Interval(start, end))
    return merged


def clear_of(taken: Sequence[Interval], candidates: Sequence[datetime], length: timedelta) -> list[datetime]:
    """The candidates whose `[start, start + length)` touches nothing taken.

    Candidates come in order, `taken` merged: one walk along both.
    """
    clear = []
    nearest = bisect_right(taken, candidates[0], key=END) if candidates else 0
    for start in candidates:
        while nearest < len(taken) and taken[nearest].end <= start:
            nearest += 1
        if nearest == len(taken) or taken[nearest].start >= start + length:
            clear.append(start)
    return clear


class Hours:
    """A week of working hours on the wall of a zone: rows of weekday (Monday is 0), opening and closing."""

    # One row lasts a day at most, and no appointment that begins in it outlasts the next one.
    REACH = 2 * DAY

    def __init__(self, rows: Iterable[tuple[int, time, time]], zone: ZoneInfo) -> None:
        """The rows are read when they are first needed."""
        self._rows, self.zone = rows, zone
        self._begun: dict[date, list[Interval]] = {}

    @cached_property
    def _week(self) -> dict[int, list[tuple[time, time]]]:
        week: dict[int, list[tuple[time, time]]] = {}
        for weekday, opens, closes in self._rows:
            week.setdefault(weekday, []).append((opens, closes))
        return week

    def begun_on(self, day: date) -> list[Interval]:
        """One for each row of that weekday; they may end on the next day."""
        if day not in self._begun:
            rows = self._week.get(day.weekday(), ())
            self._begun[day] = [opening(day, opens, closes, self.zone) for opens, closes in rows]
        return self._begun[day]

    def openings(self, first: date, last: date) -> list[Interval]:
        """The time that is open in the hours begun on these days: in order, and one where hours touch."""
        return merge(hours for day in every_day(first, last) for hours in self.begun_on(day))

    def starts_begun_on(self, day: date, length: timedelta, step: timedelta) -> Iterator[datetime]:
        """The starts in that day's rows, each counted from its own opening, ending in whatever hours touch these."""
        openings = self.openings(day, day + self.REACH)
        for hours in self.begun_on(day):
            closing = next(whole.end for whole in openings if whole.end >= hours.end)
            yield from starts(hours, closing, length, step)

    def starts(self, day: date, length: timedelta, step: timedelta) -> list[datetime]:
        """Those that the wall shows on that day, in order: the hours of the evening before may run into it."""
        begun = {start for begun in (day - DAY, day) for start in self.starts_begun_on(begun, length, step)}
        return sorted(start for start in begun if start.astimezone(self.zone).date() == day)

    def cover(self, start: datetime, end: datetime) -> bool:
        """Whether all of that time is open."""
        first, last = (moment.astimezone(self.zone).date() for moment in (start, end))
        return any(hours.start <= start and end <= hours.end for hours in self.openings(first - DAY, last))
