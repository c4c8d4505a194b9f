"""Stripe saves a failure under the key of the call and repeats it for a day, whether or not the work was done."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from payments import refunds
from payments.audit_at_stripe import audit_stripe
from payments.checkout import open_session
from payments.gateway import StripeUnavailable, read_money
from payments.models import Payment
from tests.payments.standing import session_at_stripe, state_of
from tests.payments.ticking import give_everything_its_turn, later_tick

ONE_FAILED = [("failed", ""), ("open", "")]


@pytest.fixture
def failed(held, stripe_fails, settings):
    """A payment whose session was not opened: Stripe answered 500 and saved that answer. Now Stripe works again."""
    stripe_fails("POST /v1/checkout/sessions")
    with pytest.raises(StripeUnavailable):
        open_session(held)
    settings.STRIPE_SANDBOX_FAULTS = ""
    return Payment.objects.get()


def test_the_next_press_of_pay_opens_another_session_for_which_the_time_is_kept(held, failed):
    answer = Client().post(f"/payments/{held.reference}/checkout/")
    payment = Payment.objects.open().get()
    assert (answer.status_code, answer["Location"]) == (303, payment.url)
    assert (state_of(held).payments, session_at_stripe(payment).status) == (ONE_FAILED, "open")
    assert state_of(held).row.hold_expires_at == payment.expires_at + timedelta(minutes=2)
    assert open_session(held) == payment


def test_the_tick_opens_it_as_well_so_that_the_time_stays_kept(held, failed):
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    later_tick()
    payment = Payment.objects.open().get()
    assert (state_of(held).payments, session_at_stripe(payment).status) == (ONE_FAILED, "open")
    assert state_of(held).row.hold_expires_at == payment.expires_at + timedelta(minutes=2)


def test_pressed_in_many_tabs_at_once_one_other_session_is_opened(held, failed, together):
    def press():
        try:
            return open_session(held).checkout_session_id
        except StripeUnavailable:
            return "not yet"

    answers = set(together(*[press] * 4))
    [opened] = Payment.objects.open()
    assert answers - {"not yet"} == {opened.checkout_session_id}
    assert state_of(held).payments == ONE_FAILED
    assert state_of(held).row.hold_expires_at == opened.expires_at + timedelta(minutes=2)


def test_for_a_time_given_back_meanwhile_no_other_is_opened(held, failed):
    held.cancel()
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("cancelled", [("failed", "")])


def test_one_whose_time_is_over_gives_way(held, failed):
    Payment.objects.update(expires_at=timezone.now())
    open_session(held)
    assert state_of(held).payments == ONE_FAILED


def test_while_stripe_goes_on_failing_each_press_asks_under_another_key(held, failed, stripe_fails):
    stripe_fails("POST /v1/checkout/sessions")
    for _ in range(3):
        with pytest.raises(StripeUnavailable):
            open_session(held)
    assert state_of(held).payments == [("failed", "")] * 3 + [("open", "")]


def test_a_session_whose_address_nobody_has_is_no_breach(held, failed):
    open_session(held)
    assert list(audit_stripe(timezone.now())) == []


# Refunds


@pytest.fixture
def refund_failed(paid, stripe_fails, settings):
    """A refund by staff that Stripe answered with 500, which it saved. Now Stripe works again."""
    stripe_fails("POST /v1/refunds")
    refunds.return_money(paid, 1000)
    settings.STRIPE_SANDBOX_FAULTS = ""
    return paid.refunds.get()


def at_stripe(payment):
    return [(refund.amount, refund.status) for refund in read_money(payment.payment_intent_id).refunds]


def test_a_refund_is_looked_for_and_sent_under_another_key_if_it_is_not_there(paid, refund_failed):
    for _ in range(2):
        later_tick()
    assert at_stripe(paid) == [(1000, "succeeded")]
    assert [(refund.amount, refund.status) for refund in paid.refunds.all()] == [(1000, "succeeded")]


def test_many_ticks_at_once_return_it_once(paid, refund_failed, together):
    give_everything_its_turn()
    together(*[lambda: call_command("tick")] * 4)
    later_tick()
    assert at_stripe(paid) == [(1000, "succeeded")]
    assert [(refund.amount, refund.status) for refund in paid.refunds.all()] == [(1000, "succeeded")]


def test_whoever_hears_of_the_failure_late_does_not_begin_again_what_another_has(paid, monkeypatch):
    """Two ticks hear of one failure. The faster one already sends the refund again, under another key."""
    monkeypatch.setattr(refunds, "send_refunds", lambda payment: None)
    refunds.return_money(paid, 1000)
    slow = paid.refunds.get()
    paid.refunds.update(idempotency_key="another")
    refunds.look_for_it_and_start_over(slow)
    assert paid.refunds.get().idempotency_key == "another"
