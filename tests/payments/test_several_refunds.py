"""What is still owed is right for a payment with several refunds, even if some failed or were made at Stripe."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from booking.models import Appointment
from payments import gateway, refunds
from payments.audit import audit
from payments.checkout import settle
from payments.models import Payment, Refund
from payments.sandbox.models import StripeObject
from tests.payments.returning import cancel_as_client, fail
from tests.payments.standing import missing, refunds_at_stripe, refunds_of
from tests.payments.ticking import later_tick


def test_a_smaller_refund_after_one_that_failed_leaves_the_rest_owed(paid, held):
    refunds.return_money(paid, 3000)
    fail(paid, 1)
    refunds.return_money(paid, 1000)
    assert missing(paid) == (20, True)
    assert "€20.00 could not be returned" in Client().get(f"/appointments/{held.reference}/").content.decode()
    refunds.return_money(paid, 2000, Refund.Reason.BY_HAND)
    assert missing(paid) == (0, False)


def test_what_failed_before_stays_owed_beside_what_a_cancelling_returns(paid, held):
    refunds.return_money(paid, 2000)
    fail(paid, 1)
    cancel_as_client(held)
    assert refunds_of(paid) == [("staff", 2000, "failed"), ("cancelled", 1000, "succeeded")]
    assert missing(paid) == (20, True)


@pytest.mark.parametrize("order", ["fails and is cancelled", "is cancelled and fails", "is cancelled"])
def test_in_any_order_no_more_is_due_back_than_the_terms_say(paid, held, order):
    refunds.return_money(paid, 2000, by=User.objects.create(username="grace"))
    for step in order.split(" and "):
        if step == "fails":
            fail(paid, 1)
        else:
            cancel_as_client(held)
    paid.refresh_from_db()
    assert (paid.refund_due, list(audit(timezone.now()))) == (3000, owed_by(paid) if "fails" in order else [])


def owed_by(payment):
    return [f"Payment {payment.pk} owes money whose refund failed."]


def test_staff_may_still_decide_that_all_goes_back_of_which_a_part_has_failed(paid, held):
    refunds.return_money(paid, 2000)
    fail(paid, 1)
    Appointment.objects.get().cancel(Decimal(60))
    assert refunds_of(paid) == [("staff", 2000, "failed"), ("cancelled", 6000, "succeeded")]
    assert missing(paid) == (0, False)


def test_who_cancels_reads_what_failed_and_what_comes_back_besides(paid, held):
    Appointment.objects.update(cancellation_policy="1h 50%")
    refunds.return_money(paid, 2000)
    fail(paid, 1)
    step = Client().get(f"/appointments/{held.reference}/cancel/").content.decode()
    assert ("Cancel and get €10.00 back" in step, "€20.00 could not be returned to your card." in step) == (True, True)


def test_goodwill_at_stripe_makes_nothing_good_that_fails_later(paid, held):
    cancel_as_client(held)
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 3000}, "dashboard")
    refunds.reconcile(paid)
    assert missing(paid) == (0, False)
    fail(paid, 1)
    assert missing(paid) == (30, True)


def test_what_went_back_before_counts_towards_what_cancelling_returns(paid, held):
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 1000}, "dashboard")
    refunds.reconcile(paid)
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy="1h 50%")
    step = Client().get(f"/appointments/{held.reference}/cancel/").content.decode()
    assert ("Cancel and get €20.00 back" in step, "€10.00 has gone back to you already" in step) == (True, True)
    cancel_as_client(held)
    assert refunds_of(paid) == [("dashboard", 1000, "succeeded"), ("cancelled", 2000, "succeeded")]
    assert list(audit(timezone.now())) == []


def test_cancelling_promises_nothing_that_went_back_already(paid, held):
    refunds.return_money(paid, 6000)
    step = Client().get(f"/appointments/{held.reference}/cancel/").content.decode()
    assert ("nothing more comes back" in step, "and return" in step) == (True, False)


def test_paid_late_after_a_part_went_back_at_stripe_the_rest_is_returned(held, pay):
    payment = pay(held)
    intent = StripeObject.objects.get(type="payment_intent").pk
    gateway.create_refund({"payment_intent": intent, "amount": 1500}, "dashboard")
    Appointment.objects.filter(pk=held.pk).update(status="cancelled", hold_expires_at=None)
    settle(payment)
    later_tick()
    assert sorted(refunds_of(payment)) == [("dashboard", 1500, "succeeded"), ("time gone", 4500, "succeeded")]
    assert (refunds_at_stripe(payment), missing(payment)) == ([(1500, "succeeded"), (4500, "succeeded")], (0, False))


def test_a_refund_of_another_amount_under_our_key_is_not_ours(paid):
    """After a database was restored from an older copy, a new row may have the key of a lost one."""
    refunds.return_money(paid, 1000)
    ours = paid.refunds.get()
    Refund.objects.update(amount=2500, refund_id=None, status="owed")
    refunds.reconcile(paid)
    assert refunds_of(paid) == [(ours.reason, 2500, "owed"), ("dashboard", 1000, "succeeded")]


def test_a_refusal_that_comes_late_says_nothing_of_what_was_sent_since(paid, monkeypatch):
    """Two ticks send one refund. The slower one is refused after the other has begun again under another key."""
    monkeypatch.setattr(refunds, "send_refunds", lambda payment: None)
    refunds.return_money(paid, 1000)
    slow = paid.refunds.get()
    Refund.objects.update(idempotency_key="another")
    refunds.record_refused(slow, gateway.InvalidRequest("charge_disputed", ""))
    fresh = paid.refunds.get()
    assert (fresh.status, fresh.idempotency_key) == ("owed", "another")


def test_what_does_not_match_and_was_returned_by_hand_is_no_longer_a_question(paid):
    Payment.objects.update(problem="mismatch")
    assert list(Payment.objects.needing_staff()) == [paid]
    refunds.return_money(paid, 6000, Refund.Reason.BY_HAND)
    assert list(Payment.objects.needing_staff()) == []
