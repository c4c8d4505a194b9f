"""The times at which anyone who offers a service can be seen, and who it will be."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from booking.models import Provider
from booking.models.offers import Offer
from booking.schedule.availability import start_times_of_any
from booking.schedule.diary import Diary, FreeTimes, read_together


class DiaryOfAnyone(FreeTimes):
    """The diaries of several providers for the same service as one. A time is free if one of them is free then.

    Reading them takes one query, however many there are.
    """

    def __init__(self, offers: Sequence[Offer], now: datetime, own_references: Collection[str], zone: ZoneInfo) -> None:
        super().__init__(offers[0].service, now, zone)
        self._unread = [Diary(offer.provider, offer.service, now, own_references, zone=zone) for offer in offers]
        self._free: dict[date, Sequence[datetime]] = {}
        self._parted: dict[date, tuple[list[Diary], list[Diary]]] = {}

    @cached_property
    def _diaries(self) -> list[Diary]:
        read_together(self._unread)
        return self._unread

    def on_offer(self, day: date) -> Sequence[datetime]:
        return self._of_all(day, Diary.on_offer)

    def free(self, day: date) -> Sequence[datetime]:
        if day not in self._free:
            self._free[day] = self._of_all(day, Diary.free)
        return self._free[day]

    def _of_all(self, day: date, times: Callable[[Diary, date], Sequence[datetime]]) -> Sequence[datetime]:
        """What all diaries have on that day together. Those that are empty then have all of their hours."""
        idle, busy = self._idle_and_busy(day)
        return together([self._within_hours(day, idle), *(times(diary, day) for diary in busy)])

    def _idle_and_busy(self, day: date) -> tuple[list[Diary], list[Diary]]:
        """The diaries in which that day is as empty as can be, and those that have to be looked at more closely."""
        if day not in self._parted:
            parts: tuple[list[Diary], list[Diary]] = ([], [])
            for diary in self._diaries:
                parts[not diary.is_untouched(day)].append(diary)
            self._parted[day] = parts
        return self._parted[day]

    def _within_hours(self, day: date, diaries: Iterable[Diary]) -> Sequence[datetime]:
        """All start times of that day within the hours of any of these."""
        weeks = frozenset(diary.week for diary in diaries)
        return start_times_of_any(day, self.zone, weeks, self.length.duration, self._unread[0].step)

    def whose(self, moment: datetime) -> Provider:
        """Who of those who are free then it will be: who has least to do on that day, or else the first by name.

        So the work is shared, and whoever asks again is told the same as long as nobody has booked.
        """
        free = [diary for diary in self._diaries if diary.is_free(moment)]
        day = self.day_of(moment)
        return min(free, key=lambda diary: (diary.booked_on(day), diary.provider.name)).provider


def together(times: Iterable[Sequence[datetime]]) -> Sequence[datetime]:
    """The times of all of them, in order, and equal ones once.

    Those who work the same hours mostly have one and the same sequence, as nobody has booked that day with them yet. It
    is looked at only once.
    """
    different = list({id(one): one for one in times if one}.values())
    return different[0] if len(different) == 1 else sorted(set().union(*different))
