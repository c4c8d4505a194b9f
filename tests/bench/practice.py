"""The practice whose pages are measured: that of `manage.py demo`, with appointments for several weeks."""

import random
from collections.abc import Iterator
from datetime import datetime

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from booking.models import Provider
from booking.schedule.diary import Diary
from tests.factories import make_appointment

APPOINTMENTS = 400


def fill() -> None:
    """Fill the diary, early days more than late ones, with the same random choices in each run."""
    call_command("migrate", verbosity=0)
    call_command("demo", verbosity=0)
    chance = random.Random(1)
    times = free_times()
    chosen = sorted(times, key=lambda time: time[1].timestamp() * chance.random())[:APPOINTMENTS]
    with transaction.atomic():
        for provider, moment in chosen:
            make_appointment(provider=provider, service=provider.offered[0], at=moment, status="confirmed")


def free_times() -> list[tuple[Provider, datetime]]:
    """Return times of every provider's first service, none of which overlap, so that all of them can be booked."""
    return [(provider, moment) for provider in Provider.objects.bookable() for moment in in_turn(provider)]


def in_turn(provider: Provider) -> Iterator[datetime]:
    service = provider.offered[0]
    diary = Diary(provider, service, timezone.now())
    blocked_until = timezone.now()
    for moment in (moment for day in diary.days() for moment in diary.free(day)):
        if moment >= blocked_until:
            blocked_until = moment + service.occupies
            yield moment
