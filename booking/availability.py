"""Which start times are free: pure arithmetic, no database.

Everything is an aware datetime in UTC; a provider's wall clock enters only through `opening`, once for each opening
and closing, so a day on which clocks change has its true length.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

END = attrgetter("end")


class Interval(NamedTuple):
    """Half-open `[start, end)`, in UTC."""

    start: datetime
    end: datetime


def opening(day: date, opens: time, closes: time, zone: ZoneInfo) -> Interval:
    """The hours `opens` to `closes` of that day on that zone's clock; closing at 00:00 is the end of the day."""
    closing_day = day if closes > opens else day + timedelta(days=1)
    return Interval(to_utc(day, opens, zone), to_utc(closing_day, closes, zone))


def to_utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The first of two when clocks go back; the end of the gap for a time that clocks going forward skip."""
    local = datetime.combine(day, clock, zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        return gap_end(local.replace(fold=1).astimezone(UTC), instant, zone)
    return instant


def gap_end(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between `before` and `after` at which the zone's clocks go forward."""
    new_offset = after.astimezone(zone).utcoffset()
    seconds = range(int((after - before).total_seconds()) + 1)
    moved = bisect_left(
        seconds,
        True,
        key=lambda passed: (before + timedelta(seconds=passed)).astimezone(zone).utcoffset() == new_offset,
    )
    return before + timedelta(seconds=moved)


def starts(hours: Interval, length: timedelta, step: timedelta) -> Iterator[datetime]:
    """Every start, a step apart from the opening on, whose appointment ends by closing."""
    start, last = hours.start, hours.end - length
    while start <= last:
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
