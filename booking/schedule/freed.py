"""Telling those who wait that a time is free by now: in the order in which they asked, one after the other.

Nobody notes that a time was given back, which happens in many ways: it was cancelled, moved or not paid, or somebody
works longer. Each round of `manage.py tick` looks anew at who waits, and at what is free. The day of one person may be
another's night, so no such mail is owed at night by the practice's clock.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from booking.models import Provider, WaitingEntry, WaitingOffer, offers
from booking.models.offers import offer_of
from booking.schedule.availability import Interval, clear_of, merge
from booking.schedule.diary import Diary, Length

# No mailbox has this name.
ANYBODY = ""


class Freed(NamedTuple):
    """A free time of which somebody can be told."""

    moment: datetime
    ends: datetime
    provider: Provider


def tell_waiting(now: datetime) -> int:
    """End what is over, forget what is old, and tell those who wait. Returns how many entries were taken up."""
    if not settings.MAIL_IS_SENT:
        return 0
    found = list(WaitingEntry.objects.seen_to(now))
    closed = close([entry for entry in found if not goes_on(entry, now)], now)
    turns = [entry for entry in found if goes_on(entry, now) and not rests(entry, now)] if is_day(now) else []
    return closed + (Round(turns, now).tell() if turns else 0)


def goes_on(entry: WaitingEntry, now: datetime) -> bool:
    return entry.state == "waiting" and not entry.ending_by_itself(now)


def close(entries: list[WaitingEntry], now: datetime) -> int:
    """End those that have nothing to wait for, and delete those that are old."""
    old = [entry.pk for entry in entries if entry.state != "waiting"]
    if old:
        WaitingEntry.objects.filter(pk__in=old).delete()
    for entry in entries:
        if entry.state == "waiting" and (ending := entry.ending_by_itself(now)):
            entry.end(ending, now)
    return len(entries)


def is_day(now: datetime) -> bool:
    first, last = settings.WAITING_HOURS
    return bool(first <= now.astimezone(ZoneInfo(settings.TIME_ZONE)).hour < last)


def rests(entry: WaitingEntry, now: datetime) -> bool:
    """Whether they were told of another time a moment ago, and have not had the time to look at it."""
    return bool(entry.told_at and entry.told_at > now - settings.WAITING_PAUSE)


class Round:
    """One look at all who wait. It takes two queries, and one more for each provider whom somebody waits for."""

    def __init__(self, waiting: list[WaitingEntry], now: datetime) -> None:
        self.waiting, self.now = waiting, now
        self._diaries: dict[int, Diary] = {}
        self._free: dict[tuple[int, timedelta, timedelta], list[datetime]] = {}

    def tell(self) -> int:
        """Tell each of the first time that they can have. Returns how many were told."""
        return sum(self.tell_one(entry) for entry in self.waiting)

    def tell_one(self, entry: WaitingEntry) -> bool:
        found = min(self.freed(entry), key=lambda one: one.moment, default=None)
        if not found:
            return False
        self.told[found.provider.pk, ANYBODY].append(Interval(found.moment, found.ends))
        return entry.tell(found.provider, found.moment, found.ends, self.now)

    def providers_of(self, entry: WaitingEntry) -> list[Provider]:
        """Those whom the entry waits for and who still offer the service."""
        own = entry.appointment
        if own and not own.is_movable:
            return []
        offered = self.offered.get(entry.service_id, [])
        return [provider for provider in offered if entry.provider_id in (None, provider.pk)]

    @cached_property
    def offered(self) -> dict[int, list[Provider]]:
        """The providers of each service, by its key."""
        found = defaultdict[int, list[Provider]](list)
        for provider, service in map(offer_of, offers.read_rows()):
            found[service.pk].append(provider)
        return found

    @cached_property
    def told(self) -> dict[tuple[int, str], list[Interval]]:
        """The times ahead of which somebody was told, by provider and mailbox; by ANYBODY those of a moment ago."""
        found = defaultdict[tuple[int, str], list[Interval]](list)
        facts = ("provider", "mailbox", "told_at", "appointment_time", "ends")
        for provider, mailbox, told_at, *time in WaitingOffer.objects.filter(ends__gt=self.now).values_list(*facts):
            found[provider, mailbox].append(Interval(*time))
            if told_at > self.now - settings.WAITING_PAUSE:
                found[provider, ANYBODY].append(Interval(*time))
        return found

    def freed(self, entry: WaitingEntry) -> Iterator[Freed]:
        """The first time of each provider that the entry can be told of."""
        for provider in self.providers_of(entry):
            if first := self.first_with(entry, provider):
                yield first

    def first_with(self, entry: WaitingEntry, provider: Provider) -> Freed | None:
        """The first free time of those asked for of which they were not told before, nor anybody else a moment ago."""
        length = entry.appointment or entry.service
        free = self.free(provider, length)
        asked_for = free[bisect_left(free, entry.since) : bisect_left(free, entry.until)]
        if not asked_for:
            return None
        barred = merge(self.told[provider.pk, entry.mailbox] + self.told[provider.pk, ANYBODY])
        first = next(iter(clear_of(barred, asked_for, length.duration)), None)
        return Freed(first, first + length.duration, provider) if first else None

    def free(self, provider: Provider, length: Length) -> list[datetime]:
        key = (provider.pk, length.duration, length.occupies)
        if key not in self._free:
            diary = self.diary(provider).of_length(length)
            self._free[key] = [moment for day in diary.days() for moment in diary.free(day)]
        return self._free[key]

    def diary(self, provider: Provider) -> Diary:
        """The provider's diary, read once as for the longest of what somebody waits for."""
        if provider.pk not in self._diaries:
            self._diaries[provider.pk] = Diary(provider, self.longest, self.now)
        return self._diaries[provider.pk]

    @cached_property
    def longest(self) -> Length:
        lengths: list[Length] = [entry.appointment or entry.service for entry in self.waiting]
        return max(lengths, key=lambda length: length.occupies)
