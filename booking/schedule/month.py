"""A calendar month of a diary: which of its days have free times, and how many of what could be.

Weeks that are over are left out. When the present month ends, the next one is shown below it, as long as both need no
more weeks than the longest of months does.
"""

from calendar import Calendar
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import ngettext

from booking import customs
from booking.schedule.availability import DAY, every_day
from booking.schedule.diary import FreeTimes

MOST_WEEKS = 6
Thinning = Callable[[Sequence[datetime]], Sequence[datetime]]
"""Which of the times of a day are shown, and so counted."""


class Day(NamedTuple):
    """A day of the month, with the number of its times that are free, and of those that would be if nobody came."""

    date: date
    free: int
    offered: int
    is_today: bool
    begins_month: bool
    """Whether a month begins in the middle of what is shown, so that it has to be named."""

    @property
    def number(self) -> int:
        return self.date.day

    @property
    def iso(self) -> str:
        return self.date.isoformat()

    @property
    def strength(self) -> str:
        """How much of the day is free, for the eye: `few` up to a third of it, `some` up to two thirds, or `many`."""
        thirds = -(-3 * self.free // self.offered)
        return ("few", "some", "many")[thirds - 1]

    @property
    def label(self) -> str:
        """The day for a screen reader: `Tuesday 1 December, 8 free times`."""
        sentence = ngettext("%(day)s, %(count)d free time", "%(day)s, %(count)d free times", self.free)
        return sentence % {"day": customs.day_of_year(self.date), "count": self.free}


Week = tuple[Day | None, ...]


class Month:
    """The month of the diary that `day` is in, and maybe its neighbour. `first_weekday` is 0 for Monday."""

    def __init__(self, diary: FreeTimes, day: date, thinned: Thinning, first_weekday: int = 0) -> None:
        self.diary, self.thinned = diary, thinned
        self.calendar = Calendar(first_weekday)
        self.today = diary.day_of(diary.now)
        self.asked = day.replace(day=1)
        self.first, self.last = self._months_shown()

    def _months_shown(self) -> tuple[date, date]:
        """The first days of the first and the last month that are shown."""
        present = self.diary.first_day.replace(day=1)
        pair = present, after(present)
        if self.asked in pair and pair[1] <= self.diary.last_day and len(self._dates(pair)) <= MOST_WEEKS:
            return pair
        return self.asked, self.asked

    def _dates(self, months: Sequence[date]) -> list[list[date]]:
        """The weeks of the months that are not over, each once. Two months may share a week."""
        weeks = [week for month in months for week in self.calendar.monthdatescalendar(month.year, month.month)]
        return sorted(
            week for number, week in enumerate(weeks) if week[-1] >= self.today and week not in weeks[:number]
        )

    @cached_property
    def bookable(self) -> list[date]:
        """The days of the month that was asked for that are neither too soon to be booked nor beyond the horizon."""
        last = after(self.asked) - DAY
        return list(every_day(max(self.asked, self.diary.first_day), min(last, self.diary.last_day)))

    @property
    def first_free(self) -> date | None:
        return next((day for day in self.bookable if self.diary.free(day)), None)

    @property
    def weekdays(self) -> tuple[date, ...]:
        """A day for each column, of which only the weekday counts."""
        return tuple(self.calendar.monthdatescalendar(self.first.year, self.first.month)[0])

    @property
    def weeks(self) -> tuple[Week, ...]:
        """The weeks that are not over. Days of months that are not shown are None."""
        months = sorted({self.first, self.last})
        return tuple(tuple(map(self._day, week)) for week in self._dates(months))

    def _day(self, date: date) -> Day | None:
        if not self.first <= date < after(self.last):
            return None
        free = self.diary.free(date)
        count = len(self.thinned(free))
        return Day(date, count, self._offered(date, free, count), date == self.today, date == self.last != self.first)

    def _offered(self, date: date, free: Sequence[datetime], count: int) -> int:
        """How many times the day would have if nobody came. If nobody has booked, they are counted already."""
        on_offer = self.diary.on_offer(date) if free else ()
        return count if on_offer == free else len(self.thinned(on_offer))

    @property
    def previous(self) -> date | None:
        """The first day of the month before, if some of it can be booked."""
        return before(self.first) if self.first > self.diary.first_day else None

    @property
    def next(self) -> date | None:
        """The first day of the month after, if some of it can be booked."""
        return after(self.last) if after(self.last) <= self.diary.last_day else None


def before(first: date) -> date:
    """The first day of the month before the one that has this first day."""
    return (first - DAY).replace(day=1)


def after(first: date) -> date:
    """The first day of the month after the one that has this first day."""
    return (first + timedelta(days=32)).replace(day=1)
