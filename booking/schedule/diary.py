"""One provider's diary for one length of time: which times are on offer, and which of them are free."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings

from booking.models import Appointment, Provider
from booking.schedule.availability import DAY, Hours, Interval, clear_of, every_day, merge
from booking.zones import to_utc


class NotOnOffer(Exception):
    """No client could have this time; the message says why."""


class Length(Protocol):
    """What takes time: a service, or an appointment that keeps the length it was booked with."""

    @property
    def duration(self) -> timedelta: ...

    @property
    def occupies(self) -> timedelta:
        """The duration and the buffer after it."""


class Diary:
    """Three queries at most, however many days are asked for; `only` reads no more than one of them.

    A day is one of `zone`, the provider's own unless another is given: hours are kept on the provider's wall, and
    read on the client's.
    Holds among `own_references` do not count as taken: the holder is never shut out by their own hold. Nor does an
    appointment that is `moving`, to any time but its own.
    """

    def __init__(
        self,
        provider: Provider,
        length: Length,
        now: datetime,
        own_references: Collection[str] = (),
        *,
        only: date | None = None,
        zone: ZoneInfo | None = None,
        moving: Appointment | None = None,
    ) -> None:
        self.provider, self.length, self.now = provider, length, now
        self.own_references, self.moving = own_references, moving
        self.zone = zone or provider.zone
        self.earliest = now + timedelta(minutes=settings.NOTICE_MINUTES)
        self.latest = now + timedelta(days=settings.HORIZON_DAYS)
        self.first_day, self.last_day = self.day_of(self.earliest), self.day_of(self.latest)
        if only and self.first_day <= only <= self.last_day:
            self.first_day = self.last_day = only
        self._hours = Hours(provider.week, provider.zone)
        self._offered: dict[date, list[datetime]] = {}
        self._free: dict[date, list[datetime]] = {}

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def days(self) -> Iterator[date]:
        """Every day on which a time may be on offer."""
        return every_day(self.first_day, self.last_day)

    def on_offer(self, day: date) -> list[datetime]:
        """The times a client could have, were there no appointments."""
        if not self.first_day <= day <= self.last_day:
            return []
        if self.zone == self.provider.zone:
            return self._on_offer_at_providers(day)
        around = (start for theirs in self._providers_days(day) for start in self._on_offer_at_providers(theirs))
        return [start for start in around if self.day_of(start) == day]

    def free(self, day: date) -> list[datetime]:
        if day not in self._free:
            free = clear_of(self._appointments, self.on_offer(day), self.length.occupies)
            self._free[day] = (
                [start for start in free if start != self.moving.appointment_time] if self.moving else free
            )
        return self._free[day]

    def next_free(self) -> datetime | None:
        return next((moment for day in self.days() for moment in self.free(day)), None)

    def nearest_free(self, wanted: datetime, count: int = 3) -> list[datetime]:
        """The free times closest to `wanted`, before or after, in order of time."""
        wanted = min(max(wanted, self.earliest), self.latest)
        middle = self.day_of(wanted)
        found: list[datetime] = []
        for day in sorted(self.days(), key=lambda day: abs(day - middle)):
            if len(found) == count and abs(day - middle) > abs(found[-1] - wanted) + timedelta(days=1):
                break
            found = sorted([*found, *self.free(day)], key=lambda moment: abs(moment - wanted))[:count]
        return sorted(found)

    def require_on_offer(self, moment: datetime) -> None:
        """Raises NotOnOffer, with a sentence for the client."""
        if moment <= self.now:
            raise NotOnOffer("That time is in the past. Choose a later one.")
        if moment < self.earliest:
            raise NotOnOffer("That time is too soon to book here. Choose a later one, or call the practice.")
        if moment > self.latest:
            raise NotOnOffer(f"Times can be booked up to {settings.HORIZON_DAYS} days ahead. Choose an earlier one.")
        if moment not in self.on_offer(self.day_of(moment)):
            raise NotOnOffer("That time is not on offer. Choose one of the free times.")

    def is_free(self, moment: datetime) -> bool:
        return moment in self.free(self.day_of(moment))

    def _providers_days(self, day: date) -> Iterator[date]:
        """Those that a reader's day touches: zones are up to 26 hours apart."""
        ends = (to_utc(midnight, time(0), self.zone) for midnight in (day, day + DAY))
        first, last = (end.astimezone(self.provider.zone).date() for end in ends)
        return every_day(first, last)

    def _on_offer_at_providers(self, day: date) -> list[datetime]:
        """Of that day on the provider's own wall."""
        if day not in self._offered:
            every = self._hours.starts(day, self.length.duration, timedelta(minutes=settings.SLOT_STEP_MINUTES))
            bookable = [start for start in every if self.earliest <= start <= self.latest]
            self._offered[day] = clear_of(self._time_off, bookable, self.length.duration)
        return self._offered[day]

    @cached_property
    def _in_view(self) -> Interval:
        """All that the appointments on these days could touch."""
        evening = to_utc(self.last_day + DAY, time(0), self.zone)
        return Interval(to_utc(self.first_day, time(0), self.zone), evening + self.length.occupies)

    @cached_property
    def _time_off(self) -> list[Interval]:
        away = self.provider.time_off.filter(ends__gt=self._in_view.start, starts__lt=self._in_view.end)
        return merge(Interval(*row) for row in away.values_list("starts", "ends"))

    @cached_property
    def _appointments(self) -> list[Interval]:
        others = self.provider.appointments.live(self.now).overlapping(*self._in_view)
        if self.own_references:
            others = others.exclude(status="held", reference__in=self.own_references)
        if self.moving:
            others = others.exclude(pk=self.moving.pk)
        return merge(Interval(*row) for row in others.values_list("appointment_time", "blocked_until"))
