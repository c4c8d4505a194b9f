"""Time off that staff write down or take back: what cannot be, whom it touches, and who did it.

It is no part of an appointment's story, so it is recorded where the admin records what is changed there: in the history
of the provider.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from booking.in_force import in_force
from booking.models import Appointment, Provider, Service, TimeOff
from booking.models.appointment.queryset import AppointmentQuerySet
from booking.models.contention import contention_as_slot_taken, lock_providers
from booking.schedule.availability import DAY, merge
from booking.schedule.chosen_by_hand import FURTHEST
from booking.templatetags.wording import when_away
from booking.zones import to_later_utc, to_utc

# Time off that began longer ago is surely a slip of the hand.
EARLIEST = timedelta(days=366)


class NoTimeOff(ValueError):
    """There can be no such time off. The message is a sentence for staff."""


class Touches(Exception):
    """Appointments are booked in it that staff have not seen yet. `appointments` are all that it touches."""

    def __init__(self, appointments: list[Appointment]) -> None:
        super().__init__(len(appointments))
        self.appointments = appointments


def time_off(
    provider: Provider, first: date, last: date, *, begins: time | None, ends: time | None, now: datetime
) -> TimeOff:
    """Time off that is not saved yet, by the provider's clock. Without a time it is whole days. Raises NoTimeOff.

    If clocks show a time twice, it begins at the first and ends at the second of them.
    """
    today = now.astimezone(provider.zone).date()
    if not (today - EARLIEST <= first <= today + FURTHEST and last <= today + FURTHEST):
        raise NoTimeOff(_("That is more than a year ago, or more than two years ahead. Choose other days."))
    starts = to_utc(first, begins or time(0), provider.zone)
    until = to_later_utc(last, ends, provider.zone) if ends else to_utc(last + DAY, time(0), provider.zone)
    if last < first or until <= starts:
        raise NoTimeOff(_("It ends before it begins. Change the one or the other."))
    if until <= now:
        raise NoTimeOff(_("That is over already. Choose days that are still to come."))
    return TimeOff(provider=provider, starts=starts, ends=until)


def touched(
    times_off: Iterable[TimeOff], appointments: AppointmentQuerySet[Appointment], now: datetime
) -> list[Appointment]:
    """The live appointments that share a moment with this time off, in order. `appointments` are all that may be seen.

    What is over by now is touched by nothing any more. It takes one query.
    """
    providers: dict[tuple[datetime, datetime], set[int]] = defaultdict(set)
    for off in times_off:
        providers[off.starts, off.ends].add(off.provider_id)
    if not providers:
        return []
    any_of_them = reduce(or_, (overlapping(*span, pks) for span, pks in providers.items()))
    return list(appointments.not_over(now).filter(any_of_them).order_by("appointment_time", "pk"))


def overlapping(starts: datetime, ends: datetime, providers: Collection[int]) -> Q:
    """As no appointment is longer than Service.LONGEST, an index finds them between two ends."""
    about = Q(appointment_time__lt=ends, appointment_time__gt=starts - Service.LONGEST)
    return about & Q(end__gt=starts, provider__in=sorted(providers))


def is_in(booked: Appointment, times_off: Iterable[TimeOff]) -> bool:
    """Whether an appointment shares a moment with one of these that its own provider has off, as `overlapping` asks."""
    own = (off for off in times_off if off.provider_id == booked.provider_id)
    return any(off.starts < booked.end and booked.appointment_time < off.ends for off in own)


def shown(appointment: Appointment) -> str:
    """What a page says of an appointment that is touched, for staff who have seen it to send along."""
    return f"{appointment.pk} {appointment.appointment_time.isoformat()}"


def write_down(
    times_off: Sequence[TimeOff],
    appointments: AppointmentQuerySet[Appointment],
    seen: Collection[str],
    by: User,
    now: datetime,
) -> list[TimeOff]:
    """Save time off, and return what was saved: without what was time off of the same provider before.

    Raises Touches if it touches an appointment of which `seen` does not have what is `shown`, and SlotTaken if the
    diaries are too busy for it. Whoever books or moves at the same moment queues for the provider's row: of the two
    the second finds what the first has written.
    """
    providers = {off.provider_id for off in times_off}
    with contention_as_slot_taken(), transaction.atomic():
        lock_providers(providers)
        new = without_known(times_off, now)
        booked = touched(new, appointments, now)
        if {shown(one) for one in booked} - set(seen):
            raise Touches(booked)
        for off in new:
            off.remember_wall()
        TimeOff.objects.bulk_create(new)
        record("added", new, by)
    return new


def without_known(times_off: Sequence[TimeOff], now: datetime) -> list[TimeOff]:
    """Those during which the provider is not away already. It takes one query."""
    known: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    providers = {off.provider_id for off in times_off}
    for off in TimeOff.objects.filter(provider__in=providers, ends__gt=now - EARLIEST):
        known[off.provider_id].append((off.starts, off.ends))
    return not_within(times_off, known)


def not_within(times_off: Iterable[TimeOff], known: Mapping[int, Iterable[tuple[datetime, datetime]]]) -> list[TimeOff]:
    """Those that are not part of what is `known` of each provider, by its row's number: when it begins and ends."""
    away = {provider: merge(intervals) for provider, intervals in known.items()}

    def is_known(off: TimeOff) -> bool:
        return any(start <= off.starts and off.ends <= end for start, end in away.get(off.provider_id, ()))

    return [off for off in times_off if not is_known(off)]


def take_back(times_off: QuerySet[TimeOff], by: User) -> list[TimeOff]:
    """Delete time off, and return what was there to delete."""
    with transaction.atomic():
        gone = list(times_off.select_related("provider").select_for_update(of=["self"], no_key=True))
        record("deleted", gone, by)
        TimeOff.objects.filter(pk__in=[off.pk for off in gone]).delete()
    return gone


def record(verb: str, times_off: Iterable[TimeOff], by: User) -> None:
    """Write into the history of each provider what was done, in the words of the admin, which is in English."""
    periods: dict[Provider, list[str]] = defaultdict(list)
    with translation.override(f"en-{in_force.PRACTICE_COUNTRY.lower()}"):
        for off in times_off:
            periods[off.provider].append(when_away(off))
    alike: dict[tuple[str, ...], list[Provider]] = defaultdict(list)
    for provider, words in periods.items():
        alike[tuple(words)].append(provider)
    for periods_of_all, providers in alike.items():
        done = [{verb: {"name": TimeOff._meta.verbose_name, "object": period}} for period in periods_of_all]
        LogEntry.objects.log_actions(by.pk, providers, CHANGE, done)
