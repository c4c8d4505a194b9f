"""Telling those who wait that a time is free by now: in the order in which they asked, one after the other.

Nobody notes that a time was given back, which happens in many ways: it was cancelled, moved or not paid, or somebody
works longer. Each round of `manage.py tick` looks anew at who waits, and at what is free. The day of one person may be
another's night, so no such mail goes at night by the practice's clock.
"""

import logging
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from django.conf import settings
from django.utils.functional import cached_property

from booking.in_force import in_force
from booking.models import Appointment, Mail, Provider, WaitingEntry, WaitingOffer, offers
from booking.models.offers import offer_of
from booking.outage import is_away
from booking.schedule.availability import clear_of, every_day, merge
from booking.schedule.diary import Diary, Length

logger = logging.getLogger(__name__)


def see_to_who_waits(now: datetime) -> int:
    """Forget what is old, end what is over, and tell those who wait. Returns how many entries were taken up."""
    if not settings.MAIL_IS_SENT:
        return 0
    found = list(WaitingEntry.objects.seen_to(now))
    waiting = [entry for entry in found if entry.state == "waiting"]
    forgotten = WaitingEntry.objects.forget(now) if len(waiting) < len(found) else 0
    ended = one_by_one(waiting, partial(end_if_over, now=now))
    return forgotten + ended + tell_in_turn(waiting, now)


def one_by_one(entries: list[WaitingEntry], work: Callable[[WaitingEntry], bool]) -> int:
    """Do that for each of them, though it fails for another. Returns for how many there was something to do."""
    done = 0
    for entry in entries:
        try:
            done += work(entry)
        except Exception as error:
            if is_away(error):
                raise
            logger.exception("Who waits by entry %s was not seen to", entry.pk)
    return done


def end_if_over(entry: WaitingEntry, now: datetime) -> bool:
    ending = entry.ending_by_itself(now)
    if ending:
        entry.end(ending, now)
    return bool(ending)


def tell_in_turn(waiting: list[WaitingEntry], now: datetime) -> int:
    """Tell each who waits of the first time that they can have. Returns how many were told."""
    turns = [entry for entry in waiting if not entry.ending_by_itself(now) and not rests(entry, now)]
    return one_by_one(turns, Look(turns, now).tell) if turns and is_day(now) else 0


def is_day(now: datetime) -> bool:
    first, last = settings.WAITING_HOURS
    return bool(first <= now.astimezone(in_force.zone).hour < last)


def rests(entry: WaitingEntry, now: datetime) -> bool:
    """Whether they were told of another time a moment ago, and have not had the time to look at it."""
    return bool(entry.told_at and entry.told_at > now - settings.WAITING_PAUSE)


def holds_good(mail: Mail, now: datetime) -> bool:
    """Whether its reader can still have the time that this mail tells of, and may be told of it now."""
    offer = WaitingOffer.objects.select_related("provider").filter(pk=mail.facts["offer"]).first()
    entry = WaitingEntry.objects.seen_to(now).filter(pk=mail.waiting_id or 0).first()
    if not offer or not entry or entry.ending_by_itself(now) or not is_day(now):
        return False
    return Look([entry], now).is_free_for(entry, offer)


class Look:
    """One look at those who wait and at what is free. It takes two queries, and one more for each provider."""

    def __init__(self, waiting: list[WaitingEntry], now: datetime) -> None:
        self.waiting, self.now = waiting, now
        self._diaries: dict[int, Diary] = {}
        self._free: dict[tuple[int, timedelta, timedelta], list[datetime]] = {}

    def tell(self, entry: WaitingEntry) -> bool:
        """Tell them of the first time that they can have. Returns False if there is none, or if it is not their turn.

        Nobody else is told of that time in this round, even if another process was first to tell somebody.
        """
        offer = min(self.offers_to(entry), key=lambda one: one.appointment_time, default=None)
        if not offer or not self.can_be_mailed(entry):
            return False
        told = entry.tell(offer, self.now)
        self.offered[offer.provider_id].append(offer)
        return told

    def can_be_mailed(self, entry: WaitingEntry) -> bool:
        """Whether a mail to them would go at once: the next one who asked does not wait for somebody's mail."""
        offered = chain.from_iterable(self.offered.values())
        still_owed = any(one.entry_id == entry.pk and one.mailed_at is None for one in offered)
        return not still_owed and not entry.has_enough_mail(self.now)

    def offers_to(self, entry: WaitingEntry) -> Iterator[WaitingOffer]:
        """The first time with each provider, as an unsaved offer."""
        for provider in self.providers_for(entry):
            if offer := self.first_offer(entry, provider):
                yield offer

    def providers_for(self, entry: WaitingEntry) -> list[Provider]:
        """Those whom the entry waits for and who still have the service."""
        own = entry.appointment
        if own and not own.is_movable:
            return []
        return [one for one in self.providers_of[entry.service_id] if entry.provider_id in (None, one.pk)]

    @cached_property
    def providers_of(self) -> dict[int, list[Provider]]:
        """The providers of each service, by its key."""
        found = defaultdict[int, list[Provider]](list)
        for provider, service in map(offer_of, offers.read_rows()):
            found[service.pk].append(provider)
        return found

    @cached_property
    def offered(self) -> dict[int, list[WaitingOffer]]:
        """What was offered so far of the times ahead, by the key of the provider."""
        found = defaultdict[int, list[WaitingOffer]](list)
        for offer in WaitingOffer.objects.filter(ends__gt=self.now):
            found[offer.provider_id].append(offer)
        return found

    def is_free_for(self, entry: WaitingEntry, offer: WaitingOffer) -> bool:
        here = offer.provider in self.providers_for(entry)
        return here and offer.appointment_time in self.asked_for(entry, offer.provider)

    def first_offer(self, entry: WaitingEntry, provider: Provider) -> WaitingOffer | None:
        """The first of the times asked for of which nothing bars to tell them, as an unsaved offer."""
        asked_for = self.asked_for(entry, provider)
        if not asked_for:
            return None
        barred = [one for one in self.offered[provider.pk] if one.bars(entry, self.now)]
        in_the_way = merge((one.appointment_time, one.ends) for one in barred)
        duration = length_for(entry).duration
        first = next(iter(clear_of(in_the_way, asked_for, duration)), None)
        if not first:
            return None
        facts = {"mailbox": entry.mailbox, "provider": provider, "appointment_time": first, "ends": first + duration}
        return WaitingOffer(entry=entry, **facts)

    def asked_for(self, entry: WaitingEntry, provider: Provider) -> list[datetime]:
        """The free times among those that the entry waits for, in order."""
        free = self.free(provider, length_for(entry))
        found = free[bisect_left(free, entry.since) : bisect_left(free, entry.until)]
        beside = self.free_beside(entry.appointment) if entry.appointment else []
        return sorted({*found, *(moment for moment in beside if entry.since <= moment < entry.until)})

    def free(self, provider: Provider, length: Length) -> list[datetime]:
        key = (provider.pk, length.duration, length.occupies)
        if key not in self._free:
            diary = self.diary(provider).of_length(length)
            self._free[key] = [moment for day in diary.days() for moment in diary.free(day)]
        return self._free[key]

    def free_beside(self, own: Appointment) -> list[datetime]:
        """The times to which somebody's own appointment can move, and which overlap the time that it has."""
        diary = self.diary(own.provider).of_length(own, moving=own)
        around = every_day(diary.day_of(own.appointment_time - own.occupies), diary.day_of(own.appointment_time))
        return [moment for day in around for moment in diary.free(day)]

    def diary(self, provider: Provider) -> Diary:
        """The provider's diary, read once as for the longest of what somebody waits for."""
        if provider.pk not in self._diaries:
            self._diaries[provider.pk] = Diary(provider, self.longest, self.now)
        return self._diaries[provider.pk]

    @cached_property
    def longest(self) -> Length:
        return max(map(length_for, self.waiting), key=lambda length: length.occupies)


def length_for(entry: WaitingEntry) -> Length:
    return entry.appointment or entry.service
