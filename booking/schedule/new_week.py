"""A provider's working hours, replaced as a whole week: what that offers, and which bookings it leaves outside."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction

from booking.models import Appointment, ChangedMeanwhile, Provider, WorkingHours
from booking.models.appointment.queryset import AppointmentQuerySet
from booking.models.contention import contention_as_slot_taken, lock_providers
from booking.schedule.availability import Hours
from booking.schedule.away import Touches, shown
from booking.schedule.diary import Diary

Week = Sequence[WorkingHours]


def hours_of(week: Week, provider: Provider) -> Hours:
    return Hours(tuple((row.weekday, row.opens, row.closes) for row in week), provider.zone)


def length_of(week: Week) -> timedelta:
    """The time that is open in a week, by the clock on the wall."""
    return sum((row.length for row in week), timedelta())


def in_words(week: Week) -> str:
    return "; ".join(map(str, sorted(week, key=lambda row: row.begins))) or "closed all week"


def first_free(provider: Provider, week: Week, now: datetime) -> datetime | None:
    """The first time that a client could book with these hours, for the provider's first service."""
    service = provider.services.filter(active=True).first()
    return Diary(provider, service, now, hours=hours_of(week, provider)).next_free() if service else None


def weeks_of(providers: Sequence[Provider]) -> dict[int, list[WorkingHours]]:
    """The present week of each provider, by primary key, in one query."""
    weeks: dict[int, list[WorkingHours]] = {provider.pk: [] for provider in providers}
    for row in WorkingHours.objects.filter(provider__in=weeks):
        weeks[row.provider_id].append(row)
    return weeks


def left_outside(
    providers: Sequence[Provider],
    old: Mapping[int, Week],
    week: Week,
    appointments: AppointmentQuerySet[Appointment],
    now: datetime,
) -> list[Appointment]:
    """The coming appointments that are within the hours of today, which are `old`, and would not be within this week.

    Each is checked with the length it was booked with.
    """
    were = {provider.pk: hours_of(old[provider.pk], provider) for provider in providers}
    become = {provider.pk: hours_of(week, provider) for provider in providers}
    coming = appointments.not_over(now).filter(provider__in=old).order_by("appointment_time", "pk")
    return [
        one
        for one in coming
        if were[one.provider_id].cover(one.appointment_time, one.end)
        and not become[one.provider_id].cover(one.appointment_time, one.end)
    ]


def outside(
    provider: Provider, week: Week, appointments: AppointmentQuerySet[Appointment], now: datetime
) -> list[Appointment]:
    """The coming appointments that are not within this week: staff have moved them there, or the hours were others."""
    hours = hours_of(week, provider)
    coming = appointments.not_over(now).filter(provider=provider).order_by("appointment_time", "pk")
    return [one for one in coming if not hours.cover(one.appointment_time, one.end)]


def replace_week(
    providers: Sequence[Provider],
    week: Week,
    appointments: AppointmentQuerySet[Appointment],
    *,
    was: str,
    seen: Collection[str],
    by: User,
    now: datetime,
) -> None:
    """Give these providers this week. `was` is what staff saw of the hours of the first of them, `in_words`.

    Raises ChangedMeanwhile if those are others by now, Touches if it leaves an appointment outside of which `seen` does
    not have what is `shown`, and SlotTaken if the diaries are too busy for it.

    Whoever books at the same moment queues for the provider's row. A booking that is first is found here. One that is
    second was checked against the hours of before, by the same request, and is booked all the same: it is then found by
    `no_longer_offered`.
    """
    with contention_as_slot_taken(), transaction.atomic():
        lock_providers([one.pk for one in providers])
        if in_words(list(providers[0].working_hours.all())) != was:
            raise ChangedMeanwhile
        left = left_outside(providers, weeks_of(providers), week, appointments, now)
        if {shown(one) for one in left} - set(seen):
            raise Touches(left)
        WorkingHours.objects.filter(provider__in=providers).delete()
        WorkingHours.objects.bulk_create(copy_of(row, provider) for provider in providers for row in week)
        LogEntry.objects.log_actions(by.pk, providers, CHANGE, f"Working hours set to {in_words(week)}.")


def copy_of(row: WorkingHours, provider: Provider) -> WorkingHours:
    return WorkingHours(provider=provider, weekday=row.weekday, opens=row.opens, closes=row.closes, all_day=row.all_day)
