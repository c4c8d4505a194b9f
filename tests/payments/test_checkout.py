"""Opening one Checkout Session, whatever is pressed, lost or killed on the way."""

import json
from datetime import timedelta

import mypy.api
import pytest
from django.test import Client
from django.utils import timezone

from booking.models import Appointment
from payments import refunds
from payments.checkout import (
    AlreadyPaid,
    NotHeld,
    bring_up_to_date,
    leave_out_customer_email,
    open_session,
    save_before_opening,
)
from payments.gateway import StripeUnavailable, client
from payments.models import Payment, Refund
from payments.sandbox.models import StripeObject
from tests.factories import in_days, make_appointment, make_provider, make_service
from tests.payments.conftest import later_tick, session_at_stripe, state_of
from tests.payments.sandbox.conftest import PayPage

NOWHERE = "http://127.0.0.1:9"


def sessions_at_stripe():
    return StripeObject.objects.filter(id__startswith="cs_").count()


def begun_a_minute_ago():
    """A call that may still be under way is left alone by tick."""
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=1))


def test_pay_pressed_again_returns_the_same_open_session(held):
    assert open_session(held) == open_session(held)
    assert sessions_at_stripe() == 1


def test_pay_pressed_in_two_tabs_at_once_opens_one_session(held, together):
    payments = together(*[lambda: open_session(held)] * 4)
    assert {payment.checkout_session_id for payment in payments} == {Payment.objects.get().checkout_session_id}
    assert sessions_at_stripe() == 1


def test_the_hold_outlasts_the_session_by_two_minutes(held, settings):
    settings.CHECKOUT_MINUTES = 40
    payment = open_session(held)
    session = session_at_stripe(payment)
    assert session.expires_at == int(payment.expires_at.timestamp())
    assert state_of(held).row.hold_expires_at == payment.expires_at + timedelta(minutes=2)


def test_stripe_learns_the_email_address_and_a_neutral_line_only(provider, settings):
    settings.PRACTICE_NAME = "Linden House Practice"
    service = make_service(name="Psychotherapy")
    facts = {"client_name": "Jo Byrne", "note": "panic attacks"}
    appointment = make_appointment(provider=provider, service=service, at=in_days(2, provider=provider), **facts)
    sent = open_session(appointment).params
    line = sent["line_items"][0]["price_data"]["product_data"]
    assert (sent["customer_email"], line) == ("jo@example.com", {"name": "Appointment, Linden House Practice"})
    private = ["Jo Byrne", "panic", "Psychotherapy", provider.name]
    assert [word for word in private if word in json.dumps(sent)] == []


def test_what_is_sent_to_stripe_is_what_the_sdk_knows(held, paid):
    """As its own types have it: each name, each value."""
    session, refund = held.payments.get().params, refunds.params_of(Refund(payment=paid, amount=1000))
    program = f"""
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams
session: SessionCreateParams = {session!r}
refund: RefundCreateParams = {refund!r}
"""
    said, _, status = mypy.api.run(["--strict", "--no-incremental", "--config-file=", "-c", program])
    assert (said, status) == ("Success: no issues found in 1 source file\n", 0)


def test_prices_are_asked_for_in_the_currency_that_our_pages_show(held):
    assert session_at_stripe(open_session(held)).adaptive_pricing.enabled is False


def test_the_practices_list_at_stripe_reads_by_the_first_characters_of_the_reference(paid, held):
    [intent] = client().v1.payment_intents.list(params={"expand": ["data.latest_charge"]}).data
    line = f"Appointment {held.reference[:6]}…"
    assert (intent.description, intent.latest_charge.description) == (line, line)


def test_the_session_asks_for_exactly_what_was_agreed(held):
    service = held.service
    service.price = 999
    service.save()
    session = session_at_stripe(open_session(held))
    asked = (session.amount_total, session.currency, session.client_reference_id, session.mode)
    assert asked == (6000, "eur", held.reference, "payment")


@pytest.mark.parametrize("status", ["confirmed", "cancelled", "expired"])
def test_only_a_held_appointment_can_be_paid(provider, status):
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), status=status)
    with pytest.raises(NotHeld):
        open_session(appointment)
    assert (Payment.objects.count(), sessions_at_stripe()) == (0, 0)


def test_a_lapsed_hold_cannot_be_paid_even_before_a_tick_says_so(provider):
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), hold_minutes=-1)
    with pytest.raises(NotHeld):
        open_session(appointment)


# An address that Stripe refuses


@pytest.mark.parametrize("email", ["jo@localhost", "jo@[127.0.0.1]"])
def test_an_address_that_stripe_refuses_is_left_out_and_asked_for_there(provider, email):
    """Booked before our own form refused it too."""
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), email=email)
    payment = open_session(appointment)
    assert session_at_stripe(payment).customer_email is None
    assert "customer_email" not in Payment.objects.get().params
    assert (PayPage(payment.url).pay().status_code, state_of(appointment).status) == (303, "confirmed")


def test_in_two_tabs_at_once_it_is_left_out_of_one_session(provider, together):
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), email="jo@localhost")
    payments = together(*[lambda: open_session(appointment)] * 4)
    assert {payment.checkout_session_id for payment in payments} == {Payment.objects.get().checkout_session_id}
    assert sessions_at_stripe() == 1


def test_killed_after_the_refusal_the_next_press_goes_on_without_it(provider):
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), email="jo@localhost")
    saved = save_before_opening(appointment)
    leave_out_customer_email(saved)
    lost = client().v1.checkout.sessions.create(saved.params, {"idempotency_key": saved.idempotency_key})
    assert open_session(appointment).checkout_session_id == lost.id


# Killed or cut off on the way


def test_killed_before_stripe_was_called_the_next_press_goes_on(held):
    saved = save_before_opening(held)
    payment = open_session(held)
    assert (payment.pk, sessions_at_stripe()) == (saved.pk, 1)


def test_an_answer_lost_on_the_way_back_opens_no_second_session(held):
    saved = save_before_opening(held)
    lost = client().v1.checkout.sessions.create(saved.params, {"idempotency_key": saved.idempotency_key})
    assert open_session(held).checkout_session_id == lost.id
    assert sessions_at_stripe() == 1


def test_the_tick_finishes_what_a_crash_left_half_way(held):
    saved = save_before_opening(held)
    lost = client().v1.checkout.sessions.create(saved.params, {"idempotency_key": saved.idempotency_key})
    begun_a_minute_ago()
    later_tick()
    assert Payment.objects.get().checkout_session_id == lost.id


def test_a_retry_sends_the_same_whatever_was_configured_meanwhile(held, settings):
    saved = save_before_opening(held)
    client().v1.checkout.sessions.create(saved.params, {"idempotency_key": saved.idempotency_key})
    settings.PRACTICE_NAME, settings.CHECKOUT_MINUTES = "Another name", 60
    open_session(held)
    assert sessions_at_stripe() == 1


def test_a_time_given_back_while_its_session_was_opening_cannot_be_paid(held):
    payment = save_before_opening(held)
    held.cancel()
    begun_a_minute_ago()
    later_tick()
    payment.refresh_from_db()
    assert (session_at_stripe(payment).status, payment.status) == ("expired", "expired")


def test_stripe_out_of_reach_keeps_the_time_and_the_next_press_pays(held, stripe_down, settings, live_server):
    stripe_down()
    with pytest.raises(StripeUnavailable):
        open_session(held)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("open", "")])
    settings.STRIPE_API_BASE = f"{live_server.url}/stripe-sandbox"
    assert session_at_stripe(open_session(held)).status == "open"
    assert Payment.objects.count() == 1


def test_a_call_that_stripe_refuses_is_not_repeated_for_ever(held, settings):
    settings.CHECKOUT_MINUTES = 10
    with pytest.raises(StripeUnavailable):
        open_session(held)
    settings.CHECKOUT_MINUTES = 35
    open_session(held)
    assert state_of(held).payments == [("failed", ""), ("open", "")]


def test_where_stripe_opens_no_session_the_hold_is_not_kept_for_one(held, settings):
    settings.CHECKOUT_MINUTES = 10
    now = timezone.now()
    ends = {"created_at": now - timedelta(minutes=14), "hold_expires_at": now + timedelta(minutes=1)}
    Appointment.objects.update(**ends)
    with pytest.raises(StripeUnavailable):
        open_session(held)
    left = state_of(held).row.hold_expires_at - timezone.now()
    assert timedelta(minutes=1) < left < timedelta(minutes=3)


def test_asking_about_what_stripe_refused_to_open_opens_nothing(held):
    saved = save_before_opening(held)
    Payment.objects.update(status="failed")
    bring_up_to_date(Payment.objects.get(pk=saved.pk))
    assert sessions_at_stripe() == 0


def test_a_session_that_ended_early_gives_way_to_a_new_one(held):
    first = open_session(held)
    client().v1.checkout.sessions.expire(first.checkout_session_id)
    Payment.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    second = open_session(held)
    assert second.checkout_session_id != first.checkout_session_id
    assert state_of(held).payments == [("expired", ""), ("open", "")]


def test_a_call_that_was_never_made_in_time_gives_way_to_a_new_one(held):
    saved = save_before_opening(held)
    Payment.objects.filter(pk=saved.pk).update(expires_at=timezone.now(), params={**saved.params, "expires_at": 1})
    open_session(held)
    assert state_of(held).payments == [("failed", ""), ("open", "")]


# A payment that is slow, or in the way


def completed_but_unpaid(payment, intent_status):
    """What a delayed payment method looks like at Stripe."""
    intent = StripeObject.objects.create(id="pi_slow", type="payment_intent", created=0, body={})
    intent.change(id="pi_slow", object="payment_intent", status=intent_status, latest_charge=None)
    session = StripeObject.objects.get(pk=payment.checkout_session_id)
    session.change(status="complete", payment_intent="pi_slow", url=None)


def test_a_slow_payment_keeps_the_time_without_an_end_and_nobody_pays_again(held):
    payment = open_session(held)
    completed_but_unpaid(payment, "processing")
    later_tick()
    assert (state_of(held).status, state_of(held).row.hold_expires_at) == ("held", None)
    assert state_of(held).payments == [("processing", "")]
    answer = Client().post(f"/payments/{held.reference}/checkout/")
    assert (answer.status_code, b"Do not pay again" in answer.content) == (409, True)
    assert post_checkout(held).status_code == 409


def test_a_slow_payment_that_fails_frees_the_time(held):
    payment = open_session(held)
    completed_but_unpaid(payment, "processing")
    later_tick()
    StripeObject.objects.get(pk="pi_slow").change(status="requires_payment_method")
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("expired", [("failed", "")])


def test_beside_a_payment_that_did_not_match_no_second_one_is_opened(held):
    payment = open_session(held)
    Payment.objects.filter(pk=payment.pk).update(status="paid", problem="mismatch")
    with pytest.raises(AlreadyPaid):
        open_session(held)


def test_a_session_that_stripe_ends_sooner_than_asked_takes_the_hold_with_it(held, settings):
    settings.STRIPE_SANDBOX_FAULTS = "session.lifetime=1200"
    payment = open_session(held)
    assert session_at_stripe(payment).expires_at == int(payment.expires_at.timestamp())
    assert payment.expires_at < timezone.now() + timedelta(minutes=21)
    assert state_of(held).row.hold_expires_at == payment.expires_at + timedelta(minutes=2)


def test_a_hold_never_ends_sooner_than_was_promised(held, settings):
    settings.STRIPE_SANDBOX_FAULTS = "session.lifetime=2"
    open_session(held)
    assert state_of(held).row.hold_expires_at == held.created_at + timedelta(minutes=15)


def test_opening_never_shortens_a_hold(held):
    long = timezone.now() + timedelta(hours=3)
    Appointment.objects.filter(pk=held.pk).update(hold_expires_at=long)
    held.refresh_from_db()
    open_session(held)
    assert state_of(held).row.hold_expires_at == long


# Giving the time back


def test_giving_the_time_back_expires_its_session(held):
    payment = open_session(held)
    held.cancel()
    assert session_at_stripe(payment).status == "expired"
    assert (state_of(held).status, state_of(held).payments) == ("cancelled", [("expired", "")])


def test_a_session_that_could_not_be_expired_is_expired_by_the_tick(held, stripe_down, settings, live_server):
    payment = open_session(held)
    stripe_down()
    held.cancel()
    assert state_of(held).payments == [("open", "")]
    settings.STRIPE_API_BASE = f"{live_server.url}/stripe-sandbox"
    later_tick()
    assert session_at_stripe(payment).status == "expired"
    assert state_of(held).payments == [("expired", "")]


# The API


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


def test_a_provider_with_a_yen_price_is_charged_in_whole_yen(settings, live_server):
    settings.CURRENCY = "jpy"
    provider = make_provider(name="Dr Sato", services=[make_service(name="Consultation in Tokyo", price="6000")])
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider))
    assert session_at_stripe(open_session(appointment)).amount_total == 6000
    assert Appointment.objects.get().currency == "jpy"
