"""Whoever opens a Checkout Session is killed or cut off: there is one session afterwards, or none."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking.models import Appointment
from payments.checkout import bring_up_to_date, leave_out_customer_email, open_session, save_before_opening
from payments.gateway import StripeUnavailable, client
from payments.models import Payment
from tests.factories import in_days, make_appointment
from tests.payments.standing import session_at_stripe, sessions_at_stripe, state_of
from tests.payments.ticking import later_tick


def begun_a_minute_ago():
    """Let the row say that Stripe was called a minute ago: tick leaves a younger call alone, as it may still run."""
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=1))


def test_killed_after_the_refusal_the_next_press_goes_on_without_it(provider):
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), email="jo@localhost")
    saved = save_before_opening(appointment)
    leave_out_customer_email(saved)
    lost = client().v1.checkout.sessions.create(saved.params, {"idempotency_key": saved.idempotency_key})
    assert open_session(appointment).checkout_session_id == lost.id


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


def test_stripe_out_of_reach_keeps_the_time_and_the_next_press_pays(held, stripe_down, stripe_up):
    stripe_down()
    with pytest.raises(StripeUnavailable):
        open_session(held)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("open", "")])
    stripe_up()
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


def test_a_session_that_could_not_be_expired_is_expired_by_the_tick(held, stripe_down, stripe_up):
    payment = open_session(held)
    stripe_down()
    held.cancel()
    assert state_of(held).payments == [("open", "")]
    stripe_up()
    later_tick()
    assert session_at_stripe(payment).status == "expired"
    assert state_of(held).payments == [("expired", "")]
