"""Make rows for tests. Keyword arguments state all that a test depends on; all else has some believable value."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.text import slugify

from booking.models import Appointment, Provider, Service, WorkingHours
from payments.dispute import HELD_BY_A_BANK, LOST
from payments.models import Payment, Taking


def make_service(
    *,
    name="Consultation",
    minutes=30,
    buffer=0,
    price="60.00",
    payment="online",
    deposit="0.00",
    position=0,
    active=True,
):
    return Service.objects.create(
        name=name,
        slug=slugify(name),
        position=position,
        duration_minutes=minutes,
        buffer_minutes=buffer,
        price=Decimal(price),
        payment=payment,
        deposit=Decimal(deposit),
        active=active,
    )


def make_provider(*, name="Dr Ada Byrne", zone="Europe/Dublin", services=(), hours=(("09:00", "17:00"),), active=True):
    """The provider works the same `hours` every day of the week, so that no test depends on the day it is run."""
    provider = Provider.objects.create(name=name, slug=slugify(name), time_zone=zone, active=active)
    provider.services.set(services or [make_service()])
    provider.working_hours.bulk_create(make_hours(provider, weekday, *times) for weekday in range(7) for times in hours)
    return provider


def make_hours(provider, weekday, opens, closes):
    """Return hours that are not saved yet; from 00:00 to 00:00 means all day."""
    times = {"opens": time.fromisoformat(opens), "closes": time.fromisoformat(closes)}
    return WorkingHours(provider=provider, weekday=weekday, **times, all_day=opens == closes)


def make_appointment(*, provider, at, service=None, status="held", email="jo@example.com", hold_minutes=15, **facts):
    """The appointment is written as it is asked for, whether or not the rules would allow it."""
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


def book(provider, at, *, service=None, email="jo@example.com", **facts):
    """Book as a client does: the appointment is held, or confirmed at once where there is nothing to pay."""
    service = service or provider.services.first()
    return Appointment.objects.book(
        provider=provider, service=service, appointment_time=at, client_email=email, **facts
    )


def make_payment(appointment, **facts):
    """The payment is paid, unless said otherwise; a bank that disputes it has all of it, for good once that is lost.

    Amounts are in the smallest unit of the currency.
    """
    number = Payment.objects.count() + 1
    dispute = facts.get("dispute")
    charged_back = facts.get("charged_back", facts.get("amount_captured", 6000) if dispute in HELD_BY_A_BANK else 0)
    defaults = {
        "status": "paid",
        "amount": 6000,
        "amount_captured": 6000,
        "charged_back": charged_back,
        "taken_back": charged_back if dispute == LOST else 0,
        "currency": "eur",
        "expires_at": timezone.now() + timedelta(minutes=35),
        "params": {},
        "checkout_session_id": f"cs_test_{number}",
        "payment_intent_id": f"pi_{number}",
    }
    return Payment.objects.create(appointment=appointment, **{**defaults, **facts})


def in_days(days, clock="10:00", *, provider):
    """Return the moment at which the provider's clock shows that time, so many days from today."""
    day = timezone.now().astimezone(provider.zone).date() + timedelta(days=days)
    return datetime.combine(day, time.fromisoformat(clock), provider.zone).astimezone(UTC)


def to_pay_at_practice(*, provider, due="40.00", status="confirmed", days=3, **facts):
    """Return an appointment, confirmed unless said otherwise, of which so much is due at the practice."""
    at = in_days(days, provider=provider)
    facts["due_at_practice"] = Decimal(due)
    return make_appointment(provider=provider, at=at, status=status, **facts)


def make_taking(appointment, amount=1000, **facts):
    """The entry is written as it is asked for, and the appointment is told nothing of it. The amount is in cents."""
    defaults = {"currency": "eur", "method": "cash", "taken_at": timezone.now(), "by_name": "Grace Kelly"}
    return Taking.objects.create(appointment=appointment, amount=amount, **{**defaults, **facts})
