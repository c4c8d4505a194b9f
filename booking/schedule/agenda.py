"""A day of a provider as staff look at it: who comes, when the provider is away, and which time is free.

The day is one of the provider's own calendar, by their own clock. When clocks change it has 23 or 25 hours.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.utils.functional import cached_property

from booking.in_force import in_force
from booking.models import Appointment, Provider, TimeOff, WorkingHours
from booking.models.appointment.queryset import AppointmentQuerySet
from booking.schedule.availability import DAY, Hours, Interval, every_day, outside, within
from booking.schedule.who_waits import WhoWaits
from booking.zones import to_utc

HOUR = timedelta(hours=1)
CANCELLED = Appointment.Status.CANCELLED


@dataclass(frozen=True)
class Agenda:
    provider: Provider
    date: date
    week: tuple[tuple[int, time, time], ...]
    """The provider's working hours: weekday, opening and closing of each row."""
    times_off: tuple[Interval, ...]
    booked: tuple[Appointment, ...]
    """Appointments of these days in order of time, live and cancelled."""
    now: datetime
    waiting: int
    """How many people wait for a time to become free on that day."""

    @cached_property
    def whole(self) -> Interval:
        """The day from one midnight to the next."""
        return day_of(self.provider, self.date, self.date)

    @cached_property
    def hours(self) -> Hours:
        """Nobody can book with an inactive provider, who so has no hours."""
        return Hours(self.week if self.provider.active else (), self.provider.zone)

    @cached_property
    def open(self) -> list[Interval]:
        return within(self.whole, self.hours.open_between(self.date - DAY, self.date))

    @cached_property
    def away(self) -> list[Interval]:
        return within(self.whole, self.times_off)

    @cached_property
    def live(self) -> list[Appointment]:
        """Those who come: held or confirmed. Some may have begun the day before, or end the day after."""
        return [one for one in self._of_the_day if one.status != CANCELLED]

    @cached_property
    def cancelled(self) -> list[Appointment]:
        return [one for one in self._of_the_day if one.status == CANCELLED]

    @property
    def has_something(self) -> bool:
        return bool(self.open or self.live or self.cancelled)

    @property
    def _of_the_day(self) -> Iterable[Appointment]:
        return (one for one in self.booked if one.appointment_time < self.whole.end and one.end > self.whole.start)

    @cached_property
    def free(self) -> list[Interval]:
        """The gaps: time ahead that is open and that nobody occupies, from the first time at which one can begin."""
        gaps = (self._begins_in(gap) for gap in self._unoccupied)
        return [Interval(begins[0], gap.end) for begins, gap in zip(gaps, self._unoccupied, strict=True) if begins]

    def hourly(self, gap: Interval) -> list[Interval]:
        """The gap in parts, each of which begins at the first time of an hour at which one can begin."""
        hours = groupby(self._begins_in(gap), key=lambda moment: (moment - self.whole.start) // HOUR)
        firsts = [next(begins) for _, begins in hours]
        return list(map(Interval, firsts, [*firsts[1:], gap.end]))

    def _begins_in(self, gap: Interval) -> list[datetime]:
        return [begin for begin in self._steps if gap.start <= begin and begin + self._step <= gap.end]

    @cached_property
    def _unoccupied(self) -> list[Interval]:
        occupied = ((one.appointment_time, one.blocked_until) for one in self.booked if one.status != CANCELLED)
        over = [Interval(self.whole.start, self.now)] if self.now > self.whole.start else []
        return outside([*over, *self.away, *occupied], self.open)

    @property
    def _step(self) -> timedelta:
        return timedelta(minutes=in_force.SLOT_STEP_MINUTES)

    @cached_property
    def _steps(self) -> list[datetime]:
        return self.hours.start_times(self.date, self._step, self._step)


def day_of(provider: Provider, first: date, last: date) -> Interval:
    """The time from the first midnight of these days to the last, by the provider's clock."""
    return Interval(to_utc(first, time(0), provider.zone), to_utc(last + DAY, time(0), provider.zone))


def read_agendas(
    providers: Sequence[Provider],
    first: date,
    last: date,
    appointments: AppointmentQuerySet[Appointment],
    now: datetime,
) -> list[Agenda]:
    """An agenda for each provider and day, all read in four queries. `appointments` are all that may be seen.

    If anybody waits for a time to become free on these days, that takes one query more.
    """
    if not providers:
        return []
    ends = [day_of(provider, first, last) for provider in providers]
    in_view = Interval(min(end.start for end in ends), max(end.end for end in ends))
    week: dict[int, list[tuple[int, time, time]]] = defaultdict(list)
    times_off: dict[int, list[Interval]] = defaultdict(list)
    booked: dict[int, list[Appointment]] = defaultdict(list)
    for row in WorkingHours.objects.filter(provider__in=providers).order_by("weekday", "opens"):
        week[row.provider_id].append((row.weekday, row.opens, row.closes))
    for off in TimeOff.objects.filter(provider__in=providers, starts__lt=in_view.end, ends__gt=in_view.start):
        times_off[off.provider_id].append(Interval(off.starts, off.ends))
    known = {provider.pk: provider for provider in providers}
    for one in appointments.filter(provider__in=providers).in_agenda(*in_view, now).select_related(None):
        one.provider = known[one.provider_id]
        booked[one.provider_id].append(one)
    who_waits = WhoWaits(in_view, now)
    return [
        Agenda(
            provider,
            day,
            tuple(week[provider.pk]),
            tuple(times_off[provider.pk]),
            tuple(booked[provider.pk]),
            now,
            who_waits.count(provider, day_of(provider, day, day)),
        )
        for provider in providers
        for day in every_day(first, last)
    ]
