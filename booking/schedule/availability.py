"""Which start times are free: pure arithmetic without a database.

Every moment is an aware datetime in UTC. Only `opening` turns times on the provider's wall clock into moments, once for
each time of opening and of closing. So a day on which clocks change has its true length.

Hours that touch each other count as one, also over midnight and over the end of the week: an appointment may begin in
one row of working hours and end in the next.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.functional import cached_property

from booking.zones import to_utc

DAY = timedelta(days=1)


class Interval(NamedTuple):
    """The time from `start` up to but not including `end`, both in UTC."""

    start: datetime
    end: datetime


def opening(day: date, opens: time, closes: time, zone: ZoneInfo) -> Interval:
    """The time from `opens` on that day to the next `closes`, by the zone's clock. Two equal times mean a whole day."""
    closing_day = day if closes > opens else day + DAY
    return Interval(to_utc(day, opens, zone), to_utc(closing_day, closes, zone))


@lru_cache(maxsize=1024)
def whole_day(day: date, zone: ZoneInfo) -> Interval:
    """The time from one midnight of the zone to the next, which may be 23 or 25 hours."""
    return Interval(*midnights(day, day, zone))


@lru_cache(maxsize=1024)
def midnights(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When each day from the first to the last begins in the zone, and when the last one ends."""
    return tuple(to_utc(day, time(0), zone) for day in every_day(first, last + DAY))


def every_day(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    return (first + ahead * DAY for ahead in range((last - first).days + 1))


def start_times(hours: Interval, closing: datetime, length: timedelta, step: timedelta) -> Iterator[datetime]:
    """Every time within the hours, one step after the other, at which an appointment can start and end by `closing`."""
    start = hours.start
    while start < hours.end and start + length <= closing:
        yield start
        start += step


def merge(intervals: Iterable[tuple[datetime, datetime]]) -> list[Interval]:
    """The intervals in order of time, where those that overlap or touch have become one."""
    starts: list[datetime] = []
    ends: list[datetime] = []
    for start, end in sorted(intervals):
        if ends and start <= ends[-1]:
            ends[-1] = max(end, ends[-1])
        else:
            starts.append(start)
            ends.append(end)
    return list(map(Interval, starts, ends))


def within(whole: Interval, intervals: Iterable[tuple[datetime, datetime]]) -> list[Interval]:
    """What of the intervals lies in the whole one."""
    return [
        Interval(max(start, whole.start), min(end, whole.end))
        for start, end in intervals
        if start < whole.end and end > whole.start
    ]


def outside(taken: Iterable[tuple[datetime, datetime]], intervals: Iterable[Interval]) -> list[Interval]:
    """What of the intervals no time that is taken overlaps."""
    parts, in_order = [], merge(taken)
    for start, end in intervals:
        for other in within(Interval(start, end), in_order):
            parts += [Interval(start, other.start)] if start < other.start else []
            start = other.end  # noqa: PLW2901 - what is left begins here
        parts += [Interval(start, end)] if start < end else []
    return parts


def clear_of(taken: Sequence[Interval], candidates: Sequence[datetime], length: timedelta) -> Sequence[datetime]:
    """The candidates at which a time of that length can start without overlapping anything that is taken, in order.

    The candidates have to be in order, and `taken` as `merge` returns it, so that whatever overlaps one interval stands
    together and is looked up. It takes as long as there are intervals among the candidates, however many these are.
    """
    if not (taken and candidates):
        return candidates
    clear: list[datetime] = []
    place = 0
    for start, end in among(taken, candidates[0], candidates[-1] + length):
        overlapping = bisect_right(candidates, start - length, place)
        clear += candidates[place:overlapping]
        place = bisect_left(candidates, end, overlapping)
    return [*clear, *candidates[place:]] if place else candidates


def among(taken: Sequence[Interval], since: datetime, until: datetime) -> Sequence[Interval]:
    """Those that share a moment with the time from `since` up to `until`. `taken` has to be as `merge` returns it."""
    behind = bisect_left(taken, (until,))
    first = bisect_left(taken, (since,), 0, behind)
    if first and taken[first - 1].end > since:
        first -= 1
    return taken[first:behind]


@lru_cache(maxsize=4096)
def spaced(starts: tuple[datetime, ...], apart: timedelta) -> tuple[datetime, ...]:
    """Those of the starts, which are in order, that lie so far apart: the first one, and then always the next.

    Of the times at which a visit of that length can start, the first one after each other visit is among them. Whatever
    was found before that visit ends before it begins. They are remembered, since on most days nobody has booked yet,
    and every page shows the same times then.
    """
    found: list[datetime] = []
    for start in starts:
        if not found or start - found[-1] >= apart:
            found.append(start)
    return tuple(found)


@dataclass(frozen=True)
class Hours:
    """A week of working hours by the clock of a zone.

    Each row is a weekday (Monday is 0), a time of opening and one of closing. Hours with the same rows are equal.
    """

    rows: tuple[tuple[int, time, time], ...]
    zone: ZoneInfo
    _openings: dict[date, list[Interval]] = field(default_factory=dict, init=False, repr=False, compare=False)

    # An appointment that begins in a row of one day ends in a row of at most so many days later. The first row lasts a
    # day at most, and so does the one that touches it, in which the appointment may end.
    REACH: ClassVar = 2 * DAY

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.rows, self.zone))

    @cached_property
    def _week(self) -> dict[int, list[tuple[time, time]]]:
        week: dict[int, list[tuple[time, time]]] = {}
        for weekday, opens, closes in self.rows:
            week.setdefault(weekday, []).append((opens, closes))
        return week

    def openings_of(self, day: date) -> list[Interval]:
        """The opening of each row of that weekday. It begins on that day, and may end on the next."""
        if day not in self._openings:
            rows = self._week.get(day.weekday(), ())
            self._openings[day] = [opening(day, opens, closes, self.zone) for opens, closes in rows]
        return self._openings[day]

    def open_between(self, first: date, last: date) -> list[Interval]:
        """The time that is open in the rows of these days: in order, and as one interval where rows touch."""
        return merge(hours for day in every_day(first, last) for hours in self.openings_of(day))

    def start_times_in_rows_of(self, day: date, length: timedelta, step: timedelta) -> Iterator[datetime]:
        """The start times in each row of that weekday, one step after the other from its opening on.

        An appointment may end in another row that touches this one.
        """
        open_time = self.open_between(day, day + self.REACH)
        for hours in self.openings_of(day):
            closing = next(whole.end for whole in open_time if whole.end >= hours.end)
            yield from start_times(hours, closing, length, step)

    def start_times(self, day: date, length: timedelta, step: timedelta) -> list[datetime]:
        """The start times that the zone's calendar has on that day, in order.

        Some of them may be in rows of the day before, which last past midnight.
        """
        found = {start for rows_of in (day - DAY, day) for start in self.start_times_in_rows_of(rows_of, length, step)}
        return sorted(start for start in found if start.astimezone(self.zone).date() == day)

    def cover(self, start: datetime, end: datetime) -> bool:
        """Whether all the time from start to end is within the hours."""
        first, last = (moment.astimezone(self.zone).date() for moment in (start, end))
        return any(hours.start <= start and end <= hours.end for hours in self.open_between(first - DAY, last))


@lru_cache(maxsize=1024)
def hours_of(rows: tuple[tuple[int, time, time], ...], zone: ZoneInfo) -> Hours:
    """The same Hours for the same rows and zone, so that they know their openings already when they are asked again."""
    return Hours(rows, zone)


@lru_cache(maxsize=4096)
def start_times_on(day: date, zone: ZoneInfo, hours: Hours, length: timedelta, step: timedelta) -> tuple[datetime, ...]:
    """The start times within the hours on a day of `zone`, in order. The hours may be those of another zone.

    They are remembered, since they are the same for everybody: nothing here depends on what is booked or what time it
    is. There is room for the two months ahead of 60 providers.
    """
    if zone == hours.zone:
        return tuple(hours.start_times(day, length, step))
    # The day touches two or three days of the other calendar, as zones are up to 26 hours apart.
    first, last = (midnight.astimezone(hours.zone).date() for midnight in whole_day(day, zone))
    around = (start for theirs in every_day(first, last) for start in hours.start_times(theirs, length, step))
    return tuple(sorted(start for start in around if start.astimezone(zone).date() == day))


@lru_cache(maxsize=4096)
def start_times_of_any(
    day: date, zone: ZoneInfo, weeks: frozenset[Hours], length: timedelta, step: timedelta
) -> tuple[datetime, ...]:
    """The same within the hours of any of several people, and equal ones once."""
    return tuple(sorted({start for hours in weeks for start in start_times_on(day, zone, hours, length, step)}))
