"""Look at how an appointment, its payments and their refunds stand now, here and at Stripe."""

from types import SimpleNamespace

from booking.models import Appointment
from payments import gateway
from payments.gateway import client
from payments.models import Payment
from payments.sandbox.models import StripeObject


def state_of(appointment):
    """Return the appointment as it is now, and of each of its payments the status and the problem."""
    fresh = Appointment.objects.get(pk=appointment.pk)
    payments = [(payment.status, payment.problem) for payment in fresh.payments.order_by("pk")]
    return SimpleNamespace(status=fresh.status, confirmed_at=fresh.confirmed_at, payments=payments, row=fresh)


def session_at_stripe(payment):
    return client().v1.checkout.sessions.retrieve(payment.checkout_session_id)


def sessions_at_stripe():
    """Return how many sessions were ever opened."""
    return StripeObject.objects.filter(id__startswith="cs_").count()


def refunds_of(payment):
    """Return reason, amount in cents and status of each refund in our table."""
    return [(refund.reason, refund.amount, refund.status) for refund in payment.refunds.all()]


def refunds_at_stripe(payment):
    """Return amount in cents and status of each refund that Stripe lists, smallest first."""
    payment.refresh_from_db()
    said = gateway.read_money(payment.payment_intent_id)
    return sorted((refund.amount, refund.status) for refund in said.refunds)


def missing(payment):
    """Return how many euros are owed and could not be returned, and whether staff find the payment in their list."""
    payment.refresh_from_db()
    return payment.shortfall, list(Payment.objects.with_shortfall()) == [payment]
