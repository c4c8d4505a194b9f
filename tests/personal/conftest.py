"""A provider, and a person of whom everything is held that can be held."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, LinksRequest, Mail, WaitingEntry, WaitingOffer
from booking.personal_data import Person
from payments.receipts import issue
from tests.factories import in_days, make_appointment, make_payment, make_provider, make_service
from tests.shapes import booking_json

EMAIL, NUMBER = "zoe.oneill@example.com", "+353871234567"
FACTS = {
    "email": "Zoe.ONeill@example.com",
    "client_name": "Zoë O’Neill",
    "client_phone": NUMBER,
    "for_whom": "Mía Walsh",
    "note": "Allergic to penicillin.",
    "client_time_zone": "America/Vancouver",
    "begun_from": "b" * 64,
}
# What a search of all tables must not find of her. Names are folded where they are searched, and so is what is here.
NEEDLES = ("zoe.oneill", "353871234567", "o’neill", "oneill", "walsh", "penicillin", "vancouver", "b" * 64)


@pytest.fixture
def provider(db):
    return make_provider(services=[make_service(price="60.00"), make_service(name="Call", price="0", position=1)])


@pytest.fixture
def zoe():
    return Person.read(EMAIL)


@pytest.fixture
def past(provider):
    """What she had yesterday, and paid."""
    at = in_days(-1, provider=provider)
    appointment = make_appointment(provider=provider, at=at, status="confirmed", **FACTS)
    make_payment(appointment, params=params_for(FACTS["email"]))
    issue(appointment)
    return appointment


def params_for(email):
    return {"mode": "payment", "customer_email": email, "line_items": [{"quantity": 1}]}


@pytest.fixture
def everything(provider, past):
    """All that is held of her besides: in each table that can hold something. Nothing of it is in the way."""
    Mail.objects.enqueue(past, Mail.Kind.CONFIRMED)
    Mail.objects.enqueue(past, Mail.Kind.CANCELLED)
    Mail.objects.filter(kind=Mail.Kind.CANCELLED).update(status="sent", sent_at=timezone.now())
    corrected_since(provider)
    wait(provider, past)
    LinksRequest.objects.ask(EMAIL, timezone.now())
    book_by_a_program(provider)
    return past


def corrected_since(provider):
    """She made one with her name and address, and staff have written somebody else's there since."""
    at, name = in_days(-3, provider=provider), FACTS["client_name"]
    theirs = make_appointment(provider=provider, at=at, status="confirmed", email=EMAIL, client_name=name)
    Mail.objects.enqueue(theirs, Mail.Kind.CANCELLED)
    Mail.objects.filter(appointment=theirs).update(status="sent")
    make_payment(theirs, params=params_for(EMAIL))
    issue(theirs)
    theirs.correct(User.objects.create(username="grace"), client_email="sam@example.com", client_name="Sam Byrne")
    make_payment(theirs, params=params_for("sam@example.com"), status="expired")


def wait(provider, past):
    """She waits for a time, and for an earlier one; of one she was told under her address, and has another since."""
    now, service = timezone.now(), provider.services.first()
    until = now + timedelta(days=5)
    wish = {"provider": provider, "service": service, "since": now, "until": until, "time_zone": "America/Vancouver"}
    WaitingEntry.objects.ask(email=EMAIL, now=now, **wish)
    WaitingEntry.objects.ask_for_earlier(past, until, now)
    whose = {"address": "sam@example.com", "mailbox": "sam@example.com", "asked_at": now, "confirmed_at": now}
    theirs = WaitingEntry.objects.create(**{**wish, **whose, "time_zone": "Europe/Dublin"})
    times = {"appointment_time": in_days(2, provider=provider), "ends": in_days(2, "10:30", provider=provider)}
    offer = WaitingOffer.objects.create(entry=theirs, mailbox=EMAIL, provider=provider, told_at=now, **times)
    theirs.owe(Mail.Kind.TIME_FREED, offer=str(offer.pk))


def book_by_a_program(provider):
    """A program books for her, and cancels again. Both of its answers are kept for a day."""
    at = in_days(3, provider=provider)
    body = booking_json(at=at, email=EMAIL, service="call", client_name=FACTS["client_name"], note=FACTS["note"])
    program = Client()
    made = program.post(
        "/api/appointments", body, content_type="application/json", headers={"Idempotency-Key": "first-key"}
    )
    address = f"/api/appointments/{made.json()['reference']}/cancel"
    program.post(address, content_type="application/json", headers={"Idempotency-Key": "second-key"})
    assert Appointment.objects.get(reference=made.json()["reference"]).status == "cancelled"
