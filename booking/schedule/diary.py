"""One provider's diary for one length of time: which times are on offer, and which of them are free.

A time is on offer if a client could have it, were there no appointments. It is free if no appointment is in the way.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.in_force import in_force
from booking.models import Appointment, Provider
from booking.models.services import minutes
from booking.models.statements import DiaryRows, read_diaries, read_diary
from booking.schedule.availability import (
    DAY,
    Hours,
    Interval,
    clear_of,
    every_day,
    hours_of,
    merge,
    midnights,
    outside,
    start_times_on,
    whole_day,
    within,
)
from booking.zones import to_utc


class NotOnOffer(Exception):
    """No client could have this time. The message is a sentence for the client that says why."""


class Length(Protocol):
    """How long something takes: a service, or an appointment that keeps the length it was booked with."""

    @property
    def duration(self) -> timedelta: ...

    @property
    def occupies(self) -> timedelta:
        """The duration and the buffer after it."""


class Reach(NamedTuple):
    """How soon, and how far ahead, a time may be booked."""

    notice: timedelta
    horizon: timedelta

    @classmethod
    def of_clients(cls) -> Self:
        return cls(timedelta(minutes=in_force.NOTICE_MINUTES), timedelta(days=in_force.HORIZON_DAYS))

    @classmethod
    def of_staff(cls) -> Self:
        """Staff may book a time that begins in a minute, and one in a year."""
        return cls(timedelta(minutes=1), timedelta(days=max(366, in_force.HORIZON_DAYS)))


class FreeTimes(ABC):
    """The times at which something that takes so long is on offer, and those that are free.

    A day, when somebody asks for its times, is a day of `zone`. `reach` is that of clients if none is given.
    """

    def __init__(self, length: Length, now: datetime, zone: ZoneInfo, reach: Reach | None = None) -> None:
        self.length, self.now, self.zone = length, now, zone
        self.reach = reach or Reach.of_clients()
        self.earliest, self.latest = now + self.reach.notice, now + self.reach.horizon
        self.first_day, self.last_day = self.day_of(self.earliest), self.day_of(self.latest)

    @abstractmethod
    def on_offer(self, day: date) -> Sequence[datetime]:
        """The times on offer on that day, in order."""

    @abstractmethod
    def free(self, day: date) -> Sequence[datetime]:
        """The free times of that day, in order."""

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def days(self) -> Iterator[date]:
        """Every day on which a time may be on offer."""
        return every_day(self.first_day, self.last_day)

    def reaches(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def is_free(self, moment: datetime) -> bool:
        return moment in self.free(self.day_of(moment))

    def next_free(self) -> datetime | None:
        return next((moment for day in self.days() for moment in self.free(day)), None)

    def nearest_free(self, wanted: datetime, count: int = 3) -> list[datetime]:
        """The free times closest to `wanted`, before or after it, in order of time."""
        wanted = min(max(wanted, self.earliest), self.latest)
        middle = self.day_of(wanted)
        found: list[datetime] = []
        for day in sorted(self.days(), key=lambda day: abs(day - middle)):
            # All times of a day that is n days away are more than n - 1 days away, so all further days are too far.
            if len(found) == count and abs(day - middle) > abs(found[-1] - wanted) + timedelta(days=1):
                break
            found = sorted([*found, *self.free(day)], key=lambda moment: abs(moment - wanted))[:count]
        return sorted(found)

    def require_on_offer(self, moment: datetime) -> None:
        """Raise NotOnOffer, with a sentence for the client, if that moment is not on offer."""
        if moment <= self.now:
            raise NotOnOffer(_("That time is in the past. Choose a later one."))
        if moment < self.earliest:
            raise NotOnOffer(_("That time is too soon to book here. Choose a later one, or ask the practice."))
        if moment > self.latest:
            days = self.reach.horizon.days
            sentence = ngettext(
                "Times can be booked up to one day ahead. Choose an earlier one.",
                "Times can be booked up to %(days)d days ahead. Choose an earlier one.",
                days,
            )
            raise NotOnOffer(sentence % {"days": days})
        if moment not in self.on_offer(self.day_of(moment)):
            raise NotOnOffer(_("That time is not on offer. Choose one of the free times."))


class Diary(FreeTimes):
    """The times of a provider for a service, or for an appointment that is to be moved.

    Working hours are by the provider's clock. But a day is one of `zone`, which is the zone that the client reads times
    in, or the provider's own if none is given.

    Holds among `own_references` do not count as taken, since nobody is shut out by their own hold. Neither does the
    appointment that is `moving`, but it cannot take the very time that it has.

    `hours` are those that the provider has if none are given.

    Reading the diary takes one query, however many days are asked for. `only` is the one day that will be asked for, or
    `at` the one moment, so that no more than that day is read.
    """

    def __init__(
        self,
        provider: Provider,
        length: Length,
        now: datetime,
        own_references: Collection[str] = (),
        *,
        only: date | None = None,
        at: datetime | None = None,
        zone: ZoneInfo | None = None,
        moving: Appointment | None = None,
        reach: Reach | None = None,
        hours: Hours | None = None,
    ) -> None:
        super().__init__(length, now, zone or provider.zone, reach)
        self.provider, self.own_references, self.moving, self.other_hours = provider, own_references, moving, hours
        if at and self.earliest <= at <= self.latest:
            only = self.day_of(at)
        if only and self.reaches(only):
            self.first_day = self.last_day = only
        self.step = minutes(in_force.SLOT_STEP_MINUTES)
        self._on_offer: dict[date, Sequence[datetime]] = {}
        self._free: dict[date, Sequence[datetime]] = {}

    def on_offer(self, day: date) -> Sequence[datetime]:
        """The times on offer on that day, in order."""
        if day not in self._on_offer:
            self._on_offer[day] = self._read_off(day) if self.reaches(day) else ()
        return self._on_offer[day]

    def _read_off(self, day: date) -> Sequence[datetime]:
        starts = start_times_on(day, self.zone, self.week, self.length.duration, self.step)
        if not self.first_day < day < self.last_day:
            starts = starts[bisect_left(starts, self.earliest) : bisect_right(starts, self.latest)]
        return clear_of(self._time_off, starts, self.length.duration)

    def free(self, day: date) -> Sequence[datetime]:
        """The free times of that day, in order."""
        if day not in self._free:
            free = clear_of(self._taken, self.on_offer(day), self.length.occupies)
            present = self.moving and self.moving.appointment_time
            self._free[day] = [start for start in free if start != present] if present else free
        return self._free[day]

    def busy_days(self) -> set[date]:
        """The days on which something is booked or off, and the first and the last, of which some is out of reach."""
        first, last = self.first_day, self.last_day
        begins = midnights(first, last, self.zone)
        numbers = {0, (last - first).days}
        for start, end in chain(self._taken, self._time_off):
            reached = bisect_right(begins, start - self.length.occupies) - 1
            numbers.update(range(reached, bisect_left(begins, end)))
        return {first + number * DAY for number in numbers}

    def booked_on(self, day: date) -> timedelta:
        """How much of that day appointments occupy."""
        on_that_day = within(whole_day(day, self.zone), self._taken)
        return sum((end - start for start, end in on_that_day), timedelta())

    def of_length(self, length: Length, moving: Appointment | None = None) -> Self:
        """The same diary for another length, which is no longer than that of this one. It is not read again.

        An appointment that is `moving` has to be one of this provider's.
        """
        other = copy(self)
        other.length, other._on_offer, other._free, other._rows = length, {}, {}, self._rows
        if moving:
            other.moving = moving
            other._taken = outside([(moving.appointment_time, moving.blocked_until)], self._taken)
        return other

    @cached_property
    def _in_view(self) -> Interval:
        """The time that an appointment which starts on one of the diary's days could occupy."""
        last_midnight = to_utc(self.last_day + DAY, time(0), self.zone)
        return Interval(to_utc(self.first_day, time(0), self.zone), last_midnight + self.length.occupies)

    @cached_property
    def _rows(self) -> DiaryRows:
        moving = self.moving.pk if self.moving else None
        return read_diary(self.provider.pk, *self._in_view, self.now, moving)

    @cached_property
    def week(self) -> Hours:
        return self.other_hours or hours_of(self._rows.week, self.provider.zone)

    @cached_property
    def _time_off(self) -> list[Interval]:
        return merge(self._rows.away)

    @cached_property
    def _taken(self) -> list[Interval]:
        """The time that other appointments occupy, with their buffers."""
        taken = self._rows.taken
        return merge((start, end) for hold, start, end in taken if hold not in self.own_references)


def read_together(diaries: Sequence[Diary]) -> None:
    """Read what all of these diaries need with one query. They are of the same moment, and none is for moving.

    All of their first and last day is read, as `booked_on` counts what is over by now and what is beyond the horizon.
    """
    if not diaries:
        return
    since = min(whole_day(diary.first_day, diary.zone).start for diary in diaries)
    until = max(whole_day(diary.last_day, diary.zone).end + diary.length.occupies for diary in diaries)
    rows = read_diaries({diary.provider.pk for diary in diaries}, since, until, diaries[0].now)
    for diary in diaries:
        diary._rows = rows[diary.provider.pk]
