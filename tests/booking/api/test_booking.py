"""A booking by a program: what is enough, what may be added, and what it is answered."""

import pytest
from django.test import Client

from booking.models import Appointment
from tests.booking.api.program import TEN, asked, assert_invalid, post
from tests.booking.clock import instant
from tests.factories import make_provider, make_service
from tests.shapes import booking_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "address")]


def test_the_three_original_fields_are_enough(client, provider):
    response = post(client, asked())
    held = Appointment.objects.get()
    assert response.status_code == 201
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Location"] == f"https://book.example.com/api/appointments/{held.reference}"
    assert response.json() == {
        "reference": held.reference,
        "status": "held",
        "provider_name": "Dr Ada Byrne",
        "service": "consultation",
        "appointment_time": TEN,
        "duration_minutes": 30,
        "client_email": "jo@example.com",
        "price": "60.00",
        "due_online": "60.00",
        "due_at_practice": "0.00",
        "currency": "eur",
        "hold_expires_at": "2026-06-01T12:15:00+01:00",
        "payment_url": f"https://book.example.com/payments/{held.reference}/",
    }
    assert (held.appointment_time, held.client_name, held.note) == (instant(TEN), "", "")
    assert response.cookies == {}


def test_the_location_answers_with_the_same_object(client, provider):
    booked = post(client, asked())
    again = client.get(booked["Location"].removeprefix("https://book.example.com"))
    assert (again.status_code, again.json()) == (200, booked.json())


def test_a_service_a_name_and_a_note_may_be_given(client):
    make_provider(services=[make_service(), make_service(name="Longer", minutes=60, price="90.00", position=1)])
    booked = post(client, asked(service="longer", client_name="Jo Żółć", note="Two\nlines")).json()
    assert (booked["service"], booked["duration_minutes"], booked["price"]) == ("longer", 60, "90.00")
    held = Appointment.objects.get()
    assert (held.client_name, held.note) == ("Jo Żółć", "Two\nlines")


def test_without_a_service_it_is_the_providers_first_by_position_that_is_active(client):
    make_provider(
        services=[
            make_service(name="Zebra", position=1),
            make_service(name="Ant", position=2),
            make_service(name="Gone", position=0, active=False),
        ]
    )
    assert post(client, asked()).json()["service"] == "zebra"


def test_what_is_free_of_charge_is_confirmed_at_once(client):
    make_provider(services=[make_service(price="0.00")])
    booked = post(client, asked()).json()
    assert (booked["status"], booked["price"]) == ("confirmed", "0.00")
    assert (booked["hold_expires_at"], booked["payment_url"]) == (None, None)


def test_what_is_paid_at_the_practice_is_confirmed_at_once(client):
    make_provider(services=[make_service(payment="at practice")])
    booked = post(client, asked()).json()
    assert (booked["status"], booked["hold_expires_at"], booked["payment_url"]) == ("confirmed", None, None)
    assert (booked["price"], booked["due_online"], booked["due_at_practice"]) == ("60.00", "0.00", "60.00")


def test_a_deposit_is_what_has_to_be_paid_online(client):
    make_provider(services=[make_service(payment="deposit", deposit="20")])
    booked = post(client, asked()).json()
    page = f"https://book.example.com/payments/{booked['reference']}/"
    assert (booked["status"], booked["payment_url"]) == ("held", page)
    assert (booked["price"], booked["due_online"], booked["due_at_practice"]) == ("60.00", "20.00", "40.00")


def test_a_deposit_that_the_currency_cannot_have_is_refused(client, settings):
    settings.CURRENCY = "jpy"
    make_provider(services=[make_service(price="6000", payment="deposit", deposit="49")])
    refused = post(client, asked())
    sentence = "This service cannot be booked online at the moment. Ask the practice."
    assert assert_invalid(refused, "service") == {"service": [sentence]}


@pytest.mark.parametrize(
    "same",
    ["2026-06-02T09:00:00Z", "2026-06-02T09:00+00:00", "2026-06-02T11:00+02:00", "2026-06-02T10:00:00.000+01:00"],
)
def test_one_instant_may_be_written_in_any_offset(client, provider, same):
    assert post(client, asked(appointment_time=same)).json()["appointment_time"] == TEN


def test_a_name_with_letters_of_any_script_is_found(client):
    make_provider(name="Dr Łucja Żółć 李")
    assert post(client, asked(provider_name="Dr Łucja Żółć 李")).status_code == 201


def test_the_provider_is_named_by_the_current_name_and_the_booking_keeps_the_old(client, provider):
    booked = post(client, asked()).json()
    provider.name = "Dr Ada Lovelace"
    provider.save()
    assert client.get(f"/api/appointments/{booked['reference']}").json()["provider_name"] == "Dr Ada Byrne"
    later = "2026-06-02T11:00:00+01:00"
    assert post(client, asked(appointment_time=later)).status_code == 422
    assert post(client, asked(appointment_time=later, provider_name="Dr Ada Lovelace")).status_code == 201


def test_cookies_count_for_nothing(client, provider):
    browser = Client()
    assert browser.post("/", booking_form(at=TEN)).status_code == 303
    assert post(browser, asked()).status_code == 409
    assert Appointment.objects.get().status == "held"


def test_a_program_may_keep_many_times(client, provider):
    answers = [post(client, asked(appointment_time=f"2026-06-0{day}T10:00:00+01:00")) for day in range(2, 8)]
    assert [answer.status_code for answer in answers] == [201] * 6


@pytest.mark.parametrize("name", ["Dr\u00a0Ada Byrne", "می\u200cخواهم"])
def test_a_name_that_the_admin_takes_can_be_booked_by(client, name):
    provider = make_provider()
    provider.name = name
    provider.full_clean()
    provider.save()
    assert post(client, asked(provider_name=name)).status_code == 201
