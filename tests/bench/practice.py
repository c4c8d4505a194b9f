"""The practice that is measured: the demo's, with a diary that has been filling for weeks."""

import random
from collections.abc import Iterator
from datetime import datetime

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from booking.models import Appointment, Provider
from booking.schedule.diary import Diary

APPOINTMENTS = 400


def fill() -> None:
    """The same believable diary each time: early days are fuller than late ones."""
    call_command("migrate", verbosity=0)
    call_command("demo", verbosity=0)
    chance = random.Random(1)
    times = free_times()
    chosen = sorted(times, key=lambda time: time[1].timestamp() * chance.random())[:APPOINTMENTS]
    with transaction.atomic():
        for provider, moment in chosen:
            book(provider, moment)


def book(provider: Provider, moment: datetime) -> None:
    appointment = Appointment.copied_from(provider, provider.offered[0], moment)
    appointment.client_email = "jo@example.com"
    appointment.status, appointment.created_at, appointment.confirmed_at = "confirmed", timezone.now(), timezone.now()
    appointment.save(force_insert=True)


def free_times() -> list[tuple[Provider, datetime]]:
    """Times of every provider that can all be booked, one after the other, for the provider's first service."""
    return [(provider, moment) for provider in Provider.objects.bookable() for moment in in_turn(provider)]


def in_turn(provider: Provider) -> Iterator[datetime]:
    service = provider.offered[0]
    diary = Diary(provider, service, timezone.now())
    blocked_until = timezone.now()
    for moment in (moment for day in diary.days() for moment in diary.free(day)):
        if moment >= blocked_until:
            blocked_until = moment + service.occupies
            yield moment
