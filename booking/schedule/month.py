"""A calendar month of a diary: which of its days have free times."""

from calendar import Calendar
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from booking.schedule.availability import DAY, every_day
from booking.schedule.diary import Diary


class Day(NamedTuple):
    """A day of the month, with the number of its times that are free."""

    date: date
    free: int
    is_today: bool

    @property
    def number(self) -> int:
        return self.date.day

    @property
    def iso(self) -> str:
        return self.date.isoformat()

    @property
    def label(self) -> str:
        """The day for a screen reader: `Tuesday 1 December, 8 free times`."""
        times = "time" if self.free == 1 else "times"
        return f"{self.date:%A} {self.date.day} {self.date:%B}, {self.free} free {times}"


class Month:
    """The month of the diary that `day` is in. `first` is its first day."""

    def __init__(self, diary: Diary, day: date) -> None:
        self.diary = diary
        self.first = day.replace(day=1)
        self.today = diary.day_of(diary.now)

    @cached_property
    def bookable(self) -> list[date]:
        """The days of the month that are neither too soon to be booked nor beyond the horizon."""
        last = self._first_of_next - DAY
        return list(every_day(max(self.first, self.diary.first_day), min(last, self.diary.last_day)))

    @property
    def first_free(self) -> date | None:
        return next((day for day in self.bookable if self.diary.free(day)), None)

    @property
    def weeks(self) -> tuple[tuple[Day | None, ...], ...]:
        """The weeks from Monday to Sunday, without those that are over. Days of a neighbouring month are None."""
        weeks = Calendar().monthdatescalendar(self.first.year, self.first.month)
        ahead = (week for week in weeks if week[-1] >= self.today)
        return tuple(tuple(map(self._day, week)) for week in ahead)

    def _day(self, date: date) -> Day | None:
        if date.month != self.first.month:
            return None
        return Day(date, len(self.diary.free(date)), is_today=date == self.today)

    @property
    def previous(self) -> date | None:
        """The first day of the month before, if some of it can be booked."""
        before = (self.first - DAY).replace(day=1)
        return before if self.first > self.diary.first_day else None

    @property
    def next(self) -> date | None:
        """The first day of the month after, if some of it can be booked."""
        return self._first_of_next if self._first_of_next <= self.diary.last_day else None

    @property
    def _first_of_next(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1)
