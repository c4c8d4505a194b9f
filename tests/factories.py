"""Rows for tests. Keyword arguments state all that a test depends on; the rest is any believable value."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.text import slugify

from booking.models import Appointment, Provider, Service


def make_service(*, name="Consultation", minutes=30, buffer=0, price="60.00", position=0, active=True):
    return Service.objects.create(
        name=name,
        slug=slugify(name),
        position=position,
        duration_minutes=minutes,
        buffer_minutes=buffer,
        price=Decimal(price),
        active=active,
    )


def make_provider(*, name="Dr Ada Byrne", zone="Europe/Dublin", services=(), hours=(("09:00", "17:00"),), active=True):
    """Works the same `hours` every day of the week, so that no test depends on the day it runs."""
    provider = Provider.objects.create(name=name, slug=slugify(name), time_zone=zone, active=active)
    provider.services.set(services or [make_service()])
    for weekday in range(7):
        for opens, closes in hours:
            add_hours(provider, weekday, opens, closes)
    return provider


def add_hours(provider, weekday, opens, closes):
    """From 00:00 to 00:00 is all day."""
    hours = {"opens": time.fromisoformat(opens), "closes": time.fromisoformat(closes)}
    return provider.working_hours.create(weekday=weekday, **hours, all_day=opens == closes)


def make_appointment(*, provider, at, service=None, status="held", email="jo@example.com", hold_minutes=15, **facts):
    appointment = Appointment.copied_from(provider, service or provider.services.first(), at)
    now = timezone.now()
    defaults = {
        "client_email": email,
        "created_at": now,
        "status": status,
        "hold_expires_at": now + timedelta(minutes=hold_minutes) if status == "held" else None,
        "confirmed_at": now if status == "confirmed" else None,
        "cancelled_at": now if status == "cancelled" else None,
        "expired_at": now if status == "expired" else None,
    }
    for name, value in {**defaults, **facts}.items():
        setattr(appointment, name, value)
    appointment.save(force_insert=True)
    return appointment


def in_days(days, clock="10:00", *, provider):
    """That time on the provider's clock, so many days from today."""
    day = timezone.now().astimezone(provider.zone).date() + timedelta(days=days)
    return datetime.combine(day, time.fromisoformat(clock), provider.zone).astimezone(UTC)
