"""Cancelling, or paying too late, writes the refund in the same transaction; afterwards it is sent to Stripe once."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from booking.models import Appointment
from payments import gateway, refunds
from payments.checkout import settle
from payments.models import Payment, Refund
from tests.payments.standing import refunds_at_stripe, refunds_of, state_of
from tests.payments.ticking import later_tick


def test_a_client_who_cancels_in_time_gets_all_of_it_back(paid, held):
    step = f"/appointments/{held.reference}/cancel/"
    assert Client().post(step, {"refund": "60.00"}).status_code == 303
    assert refunds_of(paid) == [("cancelled", 6000, "succeeded")]
    assert refunds_at_stripe(paid) == [(6000, "succeeded")]
    paid.refresh_from_db()
    assert (paid.refund_due, paid.amount_captured, paid.amount_refunded) == (6000, 6000, 6000)
    assert "€60.00 was returned." in Client().get(f"/appointments/{held.reference}/").content.decode()


def test_a_failure_after_cancelling_does_not_tell_the_client_that_it_was_not_done(paid, held, monkeypatch):
    """The refund is sent once its row is committed. If that fails in a way that nobody expected, tick sends it."""
    monkeypatch.setattr(refunds, "send_at_once", lambda payment: 1 / 0)
    step = f"/appointments/{held.reference}/cancel/"
    assert Client().post(step, {"refund": "60.00"}).status_code == 303
    assert (state_of(held).status, refunds_of(paid)) == ("cancelled", [("cancelled", 6000, "owed")])


def test_late_it_is_what_the_policy_says(paid, held):
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy="1h 25%")
    assert Client().post(f"/api/appointments/{held.reference}/cancel").status_code == 200
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("cancelled", 1500, "succeeded")], [(1500, "succeeded")])


def test_with_no_policy_nothing_goes_back(paid, held):
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy="")
    assert Client().post(f"/api/appointments/{held.reference}/cancel").status_code == 200
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([], [])


def test_cancel_pressed_by_many_at_once_returns_the_money_once(paid, held, together):
    def cancel():
        return Client().post(f"/api/appointments/{held.reference}/cancel").status_code

    assert together(*[cancel] * 4) == [200] * 4
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("cancelled", 6000, "succeeded")], [(6000, "succeeded")])


def test_a_cancel_that_does_not_commit_owes_nothing(paid, held):
    with transaction.atomic():
        Appointment.objects.get(pk=held.pk).cancel()
        transaction.set_rollback(True)
    assert (state_of(held).status, refunds_of(paid), refunds_at_stripe(paid)) == ("confirmed", [], [])


def test_paid_after_it_was_cancelled_all_of_it_goes_back_whoever_settles_and_how_often(held, pay, together):
    payment = pay(held)
    Appointment.objects.filter(pk=held.pk).update(status="cancelled", hold_expires_at=None)
    together(*[lambda: settle(Payment.objects.get(pk=payment.pk))] * 4)
    later_tick()
    assert (refunds_of(payment), refunds_at_stripe(payment)) == (
        [("time gone", 6000, "succeeded")],
        [(6000, "succeeded")],
    )
    assert (state_of(held).status, state_of(held).payments) == ("cancelled", [("paid", "time gone")])


def test_the_database_refuses_a_second_automatic_refund(paid):
    facts = {"payment": paid, "amount": 100, "reason": "cancelled"}
    Refund.objects.create(attempt=1, idempotency_key="one", **facts)
    for attempt, key in ((2, "two"), (1, "three")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.create(attempt=attempt, idempotency_key=key, **facts)


def test_no_transaction_is_open_while_stripe_is_called(paid, monkeypatch):
    create, inside = gateway.create_refund, []

    def watched(*args):
        inside.append(connection.in_atomic_block)
        return create(*args)

    monkeypatch.setattr(gateway, "create_refund", watched)
    paid.appointment.refresh_from_db()
    paid.appointment.cancel()
    assert inside == [False]
