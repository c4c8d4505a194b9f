"""A calendar month of a diary: which of its days have free times."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from booking.schedule.availability import DAY
from booking.schedule.diary import Diary


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    free: int
    """How many times are free."""
    is_today: bool

    @property
    def number(self) -> int:
        return self.date.day

    @property
    def iso(self) -> str:
        return self.date.isoformat()

    @property
    def label(self) -> str:
        """`Tuesday 1 December, 8 free times`"""
        times = "time" if self.free == 1 else "times"
        return f"{self.date:%A} {self.date.day} {self.date:%B}, {self.free} free {times}"


class Month:
    def __init__(self, diary: Diary, day: date) -> None:
        """The month that `day` is in."""
        self.diary = diary
        self.first = day.replace(day=1)
        self.today = diary.day_of(diary.now)

    @cached_property
    def bookable(self) -> list[date]:
        """Its days between the minimum notice and the horizon."""
        after = self.first + timedelta(days=32)
        first, last = max(self.first, self.diary.first_day), min(after.replace(day=1), self.diary.last_day + DAY)
        return [first + timedelta(days=ahead) for ahead in range((last - first).days)]

    @property
    def first_free(self) -> date | None:
        return next((day for day in self.bookable if self.diary.free(day)), None)

    @property
    def weeks(self) -> list[list[Day | None]]:
        """Monday to Sunday, without weeks that are over, and with None in the place of a neighbouring month's days."""
        weeks = Calendar().monthdatescalendar(self.first.year, self.first.month)
        ahead = (week for week in weeks if week[-1] >= self.today)
        return [[self._day(day) if day.month == self.first.month else None for day in week] for week in ahead]

    def _day(self, day: date) -> Day:
        return Day(day, len(self.diary.free(day)), day == self.today)

    @property
    def previous(self) -> date | None:
        before = (self.first - DAY).replace(day=1)
        return before if self.first > self.diary.first_day else None

    @property
    def next(self) -> date | None:
        after = (self.first + timedelta(days=32)).replace(day=1)
        return after if after <= self.diary.last_day else None
