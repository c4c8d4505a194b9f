"""Which times somebody may wait for: those that are on offer and taken."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.in_force import in_force
from booking.models import Appointment
from booking.schedule.availability import DAY
from booking.schedule.diary import FreeTimes
from booking.templatetags.wording import day_and_clock, day_name
from booking.zones import to_utc


class Wish(NamedTuple):
    """A time that begins at `since` or later, and before `until`. Its name is what a form sends."""

    name: str
    words: str
    since: datetime
    until: datetime


def wishes(diary: FreeTimes) -> list[Wish]:
    """Any time before the next free one, and each day that is full."""
    return [*any_sooner(diary), *(on_the_day(diary, day) for day in full_days(diary, diary.days()))]


def full_days(diary: FreeTimes, days: Iterable[date]) -> list[date]:
    return [day for day in days if not diary.free(day) and diary.on_offer(day)]


def on_the_day(diary: FreeTimes, day: date) -> Wish:
    since, until = (to_utc(midnight, time(0), diary.zone) for midnight in (day, day + DAY))
    return Wish(day.isoformat(), _("On %(day)s") % {"day": day_name(day)}, since, until)


def any_sooner(diary: FreeTimes) -> list[Wish]:
    """One wish, or none if the next free time is the first that anybody could have."""
    next_free = diary.next_free()
    if not next_free:
        ahead = in_force.HORIZON_DAYS
        words = ngettext("Today or tomorrow", "On any day of the next %(count)d days", ahead) % {"count": ahead}
        return [Wish("any", words, diary.now, diary.latest)]
    if first_on_offer(diary) == next_free:
        return []
    words = _("On any day before %(time)s") % {"time": day_and_clock(next_free, diary.zone)}
    return [Wish("sooner", words, diary.now, next_free)]


def end_of_earlier(diary: FreeTimes, appointment: Appointment) -> datetime | None:
    """Before when its client can wait for an earlier time, or None if no earlier one is on offer and taken.

    It is before the next free time, since that needs no waiting, and in any case before the appointment.
    """
    until = min(appointment.appointment_time, diary.next_free() or appointment.appointment_time)
    first = first_on_offer(diary)
    return until if first and first < until else None


def first_on_offer(diary: FreeTimes) -> datetime | None:
    return next((moment for day in diary.days() for moment in diary.on_offer(day)), None)
