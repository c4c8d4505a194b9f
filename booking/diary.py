"""One provider's diary for one service: which times are on offer, and which of them are free."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.conf import settings

from booking.availability import Interval, clear_of, merge, opening, starts, to_utc
from booking.models import Provider, Service


class NotOnOffer(Exception):
    """No client could have this time; the message says why."""


class Diary:
    """Three queries at most, however many days are asked for; `only` reads no more than one of them.

    Holds among `own_references` do not count as taken: the holder is never shut out by their own hold.
    """

    def __init__(
        self,
        provider: Provider,
        service: Service,
        now: datetime,
        own_references: Collection[str] = (),
        only: date | None = None,
    ) -> None:
        self.provider, self.service, self.now = provider, service, now
        self.own_references = own_references
        self.zone = provider.zone
        self.earliest = now + timedelta(minutes=settings.NOTICE_MINUTES)
        self.latest = now + timedelta(days=settings.HORIZON_DAYS)
        self.first_day, self.last_day = self.day_of(self.earliest), self.day_of(self.latest)
        if only and self.first_day <= only <= self.last_day:
            self.first_day = self.last_day = only
        self._free: dict[date, list[datetime]] = {}

    def day_of(self, moment: datetime) -> date:
        """The date on the provider's wall."""
        return moment.astimezone(self.zone).date()

    def days(self) -> Iterator[date]:
        """Every day on which a time may be on offer."""
        for ahead in range((self.last_day - self.first_day).days + 1):
            yield self.first_day + timedelta(days=ahead)

    def on_offer(self, day: date) -> list[datetime]:
        """The times a client could have, were there no appointments."""
        if not self.first_day <= day <= self.last_day:
            return []
        step = timedelta(minutes=settings.SLOT_STEP_MINUTES)
        every = {start for hours in self._openings(day) for start in starts(hours, self.service.duration, step)}
        bookable = [start for start in sorted(every) if self.earliest <= start <= self.latest]
        return clear_of(self._time_off, bookable, self.service.duration)

    def free(self, day: date) -> list[datetime]:
        if day not in self._free:
            self._free[day] = clear_of(self._appointments, self.on_offer(day), self.service.occupies)
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
            raise NotOnOffer("That time is not on offer. Choose one of the times shown for that day.")

    def is_free(self, moment: datetime) -> bool:
        return moment in self.free(self.day_of(moment))

    def _openings(self, day: date) -> list[Interval]:
        return [opening(day, opens, closes, self.zone) for opens, closes in self._hours.get(day.weekday(), ())]

    @cached_property
    def _hours(self) -> dict[int, list[tuple[time, time]]]:
        hours: dict[int, list[tuple[time, time]]] = {}
        for weekday, opens, closes in self.provider.working_hours.values_list("weekday", "opens", "closes"):
            hours.setdefault(weekday, []).append((opens, closes))
        return hours

    @cached_property
    def _in_view(self) -> Interval:
        """All that the appointments on these days could touch."""
        evening = to_utc(self.last_day + timedelta(days=1), time(0), self.zone)
        return Interval(to_utc(self.first_day, time(0), self.zone), evening + self.service.occupies)

    @cached_property
    def _time_off(self) -> list[Interval]:
        away = self.provider.time_off.filter(ends__gt=self._in_view.start, starts__lt=self._in_view.end)
        return merge(Interval(*row) for row in away.values_list("starts", "ends"))

    @cached_property
    def _appointments(self) -> list[Interval]:
        taken = self.provider.appointments.live(self.now).overlapping(*self._in_view)
        others = taken.exclude(status="held", reference__in=self.own_references) if self.own_references else taken
        return merge(Interval(*row) for row in others.values_list("appointment_time", "blocked_until"))
