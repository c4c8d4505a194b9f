"""An appointment gets one Checkout Session, for the price that was agreed and while its time is kept."""

import json
import time
from datetime import timedelta

import mypy.api
import pytest
from django.utils import timezone, translation

from booking.models import Appointment
from payments import refunds
from payments.checkout import NotHeld, open_session, session_params
from payments.gateway import client
from payments.models import Payment, Refund
from payments.sandbox.models import IdempotentRequest
from tests.factories import in_days, make_appointment, make_provider, make_service
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.standing import session_at_stripe, sessions_at_stripe, state_of


def test_pay_pressed_again_returns_the_same_open_session(held):
    assert open_session(held) == open_session(held)
    assert sessions_at_stripe() == 1


def test_pay_pressed_in_two_tabs_at_once_opens_one_session(held, together):
    payments = together(*[lambda: open_session(held)] * 4)
    assert {payment.checkout_session_id for payment in payments} == {Payment.objects.get().checkout_session_id}
    assert sessions_at_stripe() == 1


def test_a_session_that_another_tab_is_opening_is_waited_for(held, together):
    session_id = open_session(held).checkout_session_id
    Payment.objects.update(checkout_session_id=None, url="")
    IdempotentRequest.objects.update(status=None)

    def answer_the_other_tab():
        time.sleep(1.2)  # Longer than the SDK waits before it repeats the call by itself.
        IdempotentRequest.objects.update(status=200)

    payment, _ = together(lambda: open_session(held), answer_the_other_tab)
    assert payment.checkout_session_id == session_id


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


def test_stripes_page_speaks_the_clients_language_whoever_opens_it(provider, settings):
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), language="es")
    sent = session_params(appointment, timezone.now())
    line = sent["line_items"][0]["price_data"]["product_data"]["name"]
    assert (sent["locale"], line.startswith("Appointment, "), translation.get_language()) == ("es", False, "en-ie")


@pytest.mark.any_engine
def test_what_is_sent_to_stripe_is_what_the_sdk_knows(held, paid):
    """mypy checks what we send against the SDK's types, which accept each name and each value."""
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


# A mail address that Stripe refuses


@pytest.mark.parametrize("email", ["jo@localhost", "jo@[127.0.0.1]"])
def test_an_address_that_stripe_refuses_is_left_out_and_asked_for_there(provider, email):
    """Our form refuses such an address now, but appointments that were booked earlier may have one."""
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


def test_a_provider_with_a_yen_price_is_charged_in_whole_yen(settings, live_server):
    settings.CURRENCY = "jpy"
    provider = make_provider(name="Dr Sato", services=[make_service(name="Consultation in Tokyo", price="6000")])
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider))
    assert session_at_stripe(open_session(appointment)).amount_total == 6000
    assert Appointment.objects.get().currency == "jpy"
