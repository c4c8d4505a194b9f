"""The practice whose pages are measured: so many appointments, and the few rows that the bench needs besides."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import chain, islice

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from booking.models import Appointment, Provider, Service
from booking.schedule.diary import Diary
from tests import filled
from tests.factories import in_days, make_appointment, make_payment, make_provider

# How many providers there are in the practice of `manage.py demo`, and how many in a large one.
FEW, MANY = 4, 50
FULL_DAYS = 60
# With so many providers one service can be had with anyone.
TEN = 10
A_DAY = timedelta(days=1)
Time = tuple[Provider, datetime]


class Practice:
    """The four providers of the demo, 46 who have all the appointments, and one more with sixty full days.

    It is the pages of `measured` that are measured. Clients book with ten others, so that these pages stay the same.
    Some of these offer the introductory call of the demo as well, so that ten providers do.
    """

    def __init__(self, appointments: int, *, full_days: int = FULL_DAYS) -> None:
        """Fill the database, which must be empty."""
        call_command("demo", empty=True, stdout=StringIO())
        if appointments:
            filled.fill(appointments, providers=MANY - FEW)
        else:
            filled.hire(MANY - FEW)
        self.providers = list(Provider.objects.order_by("pk"))
        self.measured, *booked = self.providers[FEW : FEW + 11]
        self.shared = Service.objects.get(slug="introductory-call")
        for provider in booked[: TEN - FEW]:
            provider.services.add(self.shared)
        self.full = make_fully_booked(self.measured, full_days)
        self.providers.append(self.full)
        filled.vacuum()
        diary = Diary(self.measured, self.measured.services.get(), timezone.now() + 7 * A_DAY)
        self.day = diary.day_of(diary.next_free())
        self.free_on_day = diary.free(self.day)
        # Of the last two days only the first is sure to be full.
        self.full_day = filled.working_days(2, until=timezone.now().date() + timedelta(days=filled.DAYS_AHEAD))[0]
        self.times = chain.from_iterable(zip(*map(free_times, booked), strict=False))

    def show(self, providers: int) -> None:
        """Let clients see so many providers, beginning with those of the demo."""
        shown = [provider.pk for provider in self.providers[:providers]]
        Provider.objects.filter(pk__in=shown).update(active=True)
        Provider.objects.exclude(pk__in=shown).update(active=False)

    def take_times(self, count: int) -> list[Time]:
        """Times of several providers that are free, and that nobody else is given."""
        return list(islice(self.times, count))

    @transaction.atomic
    def hold(self, count: int) -> list[Appointment]:
        """Appointments that wait for being paid, for so long that none runs out while it is measured."""
        minutes = A_DAY.total_seconds() / 60
        return [make_appointment(provider=who, at=at, hold_minutes=minutes) for who, at in self.take_times(count)]

    @transaction.atomic
    def confirm(self, count: int, **client: str) -> list[Appointment]:
        """Appointments that are paid and confirmed."""
        times = self.take_times(count)
        appointments = [make_appointment(provider=who, at=at, status="confirmed", **client) for who, at in times]
        for appointment in appointments:
            make_payment(appointment)
        return appointments


@transaction.atomic
def make_fully_booked(colleague: Provider, days: int) -> Provider:
    """Hire a provider for the same service who has no free time on so many days, today among them."""
    provider = make_provider(name="Dr Full", services=colleague.services.all())
    for day in range(days):
        for clock in filled.SLOTS:
            at = in_days(day, f"{clock:%H:%M}", provider=provider)
            make_appointment(provider=provider, at=at, status="confirmed")
    return provider


def free_times(provider: Provider) -> Iterator[Time]:
    """Times of a provider from two days on, none of which overlap, so that all of them can be booked."""
    service = provider.services.first()
    diary = Diary(provider, service, timezone.now() + 2 * A_DAY)
    blocked_until = timezone.now()
    for moment in (moment for day in diary.days() for moment in diary.free(day)):
        if moment >= blocked_until:
            blocked_until = moment + service.occupies
            yield provider, moment
