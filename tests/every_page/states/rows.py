"""The provider, appointments and payments that states are made from."""

from typing import Any

from django.utils import timezone

from booking.models import Appointment, Provider
from payments.models import Payment
from tests.factories import in_days, make_appointment, make_payment, make_provider, make_service

# Some people have names and addresses as long as these, and a narrow page has to find room for them.
LONG_NAME = "Priv.-Doz. Dr Wilhelmine Freifrau von Donaudampfschifffahrtsgesellschaft"
LONG_ADDRESS = "Donaudampfschifffahrtsgesellschaftsplatz 12, third floor, 1020 Vienna"
LONG_EMAIL = "wilhelmine.donaudampfschifffahrtsgesellschaft@rehabilitationszentrum.example.com"


def practice() -> Provider:
    """Return a provider with a long name and a place, whose services are paid in each way, or free."""
    consultation = make_service(name="Consultation", price="60.00")
    call = make_service(name="Introductory call", minutes=15, price="0.00", position=1)
    analysis = make_service(name="Running analysis", price="120.00", payment="deposit", deposit="40.00", position=2)
    test = make_service(name="Blood test", minutes=15, price="35.00", payment="at practice", position=3)
    provider = make_provider(name=LONG_NAME, services=[consultation, call, analysis, test])
    provider.title, provider.bio = "General practitioner", "Family doctor for twenty years; takes time to listen."
    provider.place = "12 Linden Road, Dublin 6"
    provider.save()
    return provider


def choice(provider: Provider, service: str = "consultation", **query: str) -> str:
    """Return the address of the booking page at which that is chosen."""
    rest = "".join(f"&{name}={value.replace('+', '%2B')}" for name, value in query.items())
    return f"/?provider={provider.slug}&service={service}{rest}"


def open_details(site, service="consultation"):
    """Open the details of a time in three days, and return the provider."""
    provider = practice()
    site.open(choice(provider, service, time=in_days(3, provider=provider).isoformat()))
    return provider


def appointment(provider: Provider | None = None, *, days: int = 3, **facts: Any) -> Appointment:
    """Return one in so many days, held unless said otherwise, of a client with a long name and address and a note."""
    provider = provider or practice()
    note = "The left knee, since a fall on the stairs.\nI come with crutches."
    words = {"email": LONG_EMAIL, "client_name": "Wilhelmine Donaudampfschifffahrtsgesellschaft", "note": note}
    service = provider.services.get(slug=facts.pop("service", "consultation"))
    return make_appointment(
        provider=provider, service=service, at=in_days(days, provider=provider), **{**words, **facts}
    )


def payment_of(booked: Appointment, *, status: str = "paid", **facts: Any) -> Payment:
    """Return one whose session is over; unless it is paid, nothing was captured."""
    captured = 6000 if status == "paid" else 0
    known = {"currency": booked.currency, "amount_captured": captured, "expires_at": timezone.now()}
    return make_payment(booked, status=status, **{**known, **facts})


GIVEN_BACK = {"status": "cancelled", "cancelled_at": timezone.now()}
CANCELLED = {**GIVEN_BACK, "confirmed_at": timezone.now()}
