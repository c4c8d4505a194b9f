"""The times at which anyone who offers a service can be seen, and who it will be."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.functional import cached_property

from booking.models import Provider
from booking.models.offers import Offer
from booking.schedule.availability import Hours, start_times_of_any
from booking.schedule.diary import Diary, FreeTimes, read_together


class DiaryOfAnyone(FreeTimes):
    """The diaries of several providers for the same service as one. A time is free if one of them is free then.

    Reading them takes one query, however many there are.
    """

    def __init__(self, offers: Sequence[Offer], now: datetime, own_references: Collection[str], zone: ZoneInfo) -> None:
        super().__init__(offers[0].service, now, zone)
        self._unread = [Diary(offer.provider, offer.service, now, own_references, zone=zone) for offer in offers]
        self._free: dict[date, Sequence[datetime]] = {}

    @cached_property
    def _diaries(self) -> list[Diary]:
        read_together(self._unread)
        return self._unread

    @cached_property
    def _busy(self) -> dict[date, list[Diary]]:
        """For each day the diaries that have to be looked at closely, as not all of their hours are free then."""
        busy: dict[date, list[Diary]] = {}
        for diary in self._diaries:
            for day in diary.busy_days():
                busy.setdefault(day, []).append(diary)
        return busy

    @cached_property
    def _weeks(self) -> frozenset[Hours]:
        return frozenset(diary.week for diary in self._diaries)

    def on_offer(self, day: date) -> Sequence[datetime]:
        return self._of_all(day, Diary.on_offer) if self._is_busy(day) else self.free(day)

    def _is_busy(self, day: date) -> bool:
        """What the evening before reaches into may be a day beyond the last one."""
        return self.reaches(day) and day in self._busy

    def free(self, day: date) -> Sequence[datetime]:
        if day not in self._free:
            self._free[day] = self._of_all(day, Diary.free) if self.reaches(day) else ()
        return self._free[day]

    def _of_all(self, day: date, times: Callable[[Diary, date], Sequence[datetime]]) -> Sequence[datetime]:
        """What all diaries have on that day together. Those in which nothing is have all of their hours."""
        busy = self._busy.get(day)
        if not busy:
            return self._within(day, self._weeks)
        idle = frozenset(diary.week for diary in self._diaries if diary not in busy)
        return together([self._within(day, idle), *(times(diary, day) for diary in busy)])

    def _within(self, day: date, weeks: frozenset[Hours]) -> Sequence[datetime]:
        """All start times of that day within any of these hours."""
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
