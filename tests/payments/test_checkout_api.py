"""By POST /api/appointments/{reference}/checkout a program opens the session that its client pays in."""

from django.test import Client

from payments.checkout import open_session
from payments.models import Payment
from tests.factories import book, in_days, make_provider, make_service
from tests.payments.standing import session_at_stripe
from tests.staff import somebody


def post_checkout(appointment, **headers):
    return Client().post(f"/api/appointments/{appointment.reference}/checkout", headers=headers)


def test_a_program_gets_the_address_of_the_session_and_the_same_again(held):
    first, again = post_checkout(held), post_checkout(held)
    payment = Payment.objects.get()
    assert first.json() == {
        "session_id": payment.checkout_session_id,
        "checkout_url": payment.url,
        "expires_at": payment.expires_at.astimezone(held.provider.zone).isoformat(timespec="seconds"),
    }
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())


def test_a_program_is_told_that_only_held_appointments_are_paid(held):
    held.cancel()
    answer = post_checkout(held)
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == "Only a held appointment can be paid for. Book the time again."


def test_a_program_is_told_when_to_ask_again_while_stripe_is_out_of_reach(held, stripe_down):
    stripe_down()
    answer = post_checkout(held)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_program_that_repeats_its_key_is_answered_as_before_but_not_with_a_failure(held, stripe_down, settings):
    at, key = settings.STRIPE_API_BASE, {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    stripe_down()
    assert post_checkout(held, **key).status_code == 503
    settings.STRIPE_API_BASE = at
    first = post_checkout(held, **key)
    held.cancel()
    again = post_checkout(held, **key)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert post_checkout(held).status_code == 409


def test_a_program_that_cancels_expires_the_session(held):
    payment = open_session(held)
    answer = Client().post(f"/api/appointments/{held.reference}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert session_at_stripe(payment).status == "expired"


def test_a_reference_that_nobody_has_is_not_found(live_server, db):
    assert Client().post("/api/appointments/nobody/checkout").status_code == 404


def test_the_rest_of_a_confirmed_appointment_is_not_paid_by_a_program(live_server):
    provider = make_provider(services=[make_service(payment="at practice")])
    booked = book(provider, in_days(3, provider=provider))
    booked.ask_for_rest(somebody("Owner"))
    answer = post_checkout(booked)
    assert (answer.status_code, booked.payments.count()) == (409, 0)
    assert "Its client pays the rest on the page that the link in the mail opens." in answer.json()["detail"]
