"""Cause a refund, let a refund fail at Stripe, or let time pass there."""

from django.test import Client

from booking.models import Appointment
from payments import refunds
from payments.gateway import StripeUnavailable
from payments.sandbox.models import StripeObject
from payments.sandbox.refunds import progress_all


def cancel_as_client(held, policy="1h 50%"):
    """Cancel over the API under that policy; the appointment is in three days."""
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy=policy)
    assert Client().post(f"/api/appointments/{held.reference}/cancel").status_code == 200


def fail(payment, number):
    """Let a refund that succeeded fail at Stripe, and read that from Stripe. `number` 1 is the first attempt."""
    refund = payment.refunds.order_by("attempt")[number - 1]
    charge = StripeObject.objects.get(type="charge", body__payment_intent=payment.payment_intent_id)
    row = StripeObject.objects.get(pk=refund.refund_id)
    row.change(status="failed", failure_reason="expired_or_canceled_card")
    charge.change(amount_refunded=charge.body["amount_refunded"] - refund.amount)
    refunds.reconcile(payment)


def ten_seconds_go_by_at_stripe():
    """Let pending refunds succeed at Stripe, and those of the card whose refunds fail later fail."""
    StripeObject.objects.filter(type="refund").update(created=1)
    progress_all()


def unavailable(*args):
    """Stand for a call to Stripe that is not answered."""
    raise StripeUnavailable
