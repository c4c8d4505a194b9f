"""What became of a Checkout Session, and what that means for its appointment.

The webhook, the success page and tick all call `settle`, which asks Stripe: nothing else that anybody says about a
payment is believed. No transaction is open while Stripe is asked.
"""

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from booking.models import Appointment, Mail
from payments import gateway, reconciliation, refunds
from payments.gateway import InvalidRequest, StripeUnavailable
from payments.models import Payment, Refund, lock_payment

logger = logging.getLogger(__name__)


def settle(payment: Payment) -> None:
    """Ask Stripe about the session and act on the answer. Called often or by several at once, it acts once.

    Raises StripeUnavailable.
    """
    try:
        session = gateway.retrieve_session(payment.checkout_session_id or "")
    except InvalidRequest as refused:
        record_unknown(payment, refused)
        return
    if session.payment_status != "unpaid":  # but paid, or no_payment_required
        record_paid(payment, session)
    elif session.status == "complete":
        record_processing(payment, session)
    elif session.status == "expired":
        record_expired(payment)
    if payment.dispute == Payment.NOT_READ:
        reconciliation.catch_up(payment, must_read=session.was_disputed_or_refunded)
    if payment.refund_due:
        refunds.send_refunds(payment)


def record_paid(payment: Payment, session: gateway.Session) -> None:
    """Write down that the session is paid, once, and confirm its appointment.

    Money that came too late or a second time goes back. If it is not what we asked for, the practice gets a mail.
    """
    with transaction.atomic():
        lock_payment(payment)
        if payment.status == Payment.Status.PAID:
            return
        payment.status, payment.paid_at = Payment.Status.PAID, timezone.now()
        payment.payment_intent_id = session.payment_intent_id
        payment.amount_captured = session.amount_received
        payment.problem = confirm_or_find_problem(payment, session)
        payment.dispute = Payment.NOT_READ if payment.payment_intent_id else ""
        payment.save(update_fields=["status", "paid_at", "payment_intent_id", "amount_captured", "problem", "dispute"])
        if payment.problem in Refund.AUTOMATIC:
            refunds.owe(payment, payment.amount_captured, payment.problem)
        elif payment.problem:
            Mail.objects.enqueue(payment.appointment, Mail.Kind.MISMATCHED, f"payment {payment.pk}")
    logger.info("Payment %s is paid%s", payment.pk, f", but: {payment.problem}" if payment.problem else "")


def confirm_or_find_problem(payment: Payment, session: gateway.Session) -> str:
    """Confirm the appointment with this payment, or return the Payment.Problem that is in the way.

    The session must be what we asked for: anything else that was paid may not confirm an appointment.
    """
    appointment = payment.appointment
    asked_for = (payment.amount, payment.currency, appointment.reference, "payment", settings.STRIPE_LIVEMODE)
    came = (session.amount_total, session.currency, session.client_reference_id, session.mode, session.livemode)
    # The money is compared too: with a coupon for all of the price, a session would be complete without any.
    if came != asked_for or payment.amount_captured != payment.amount:
        return Payment.Problem.MISMATCH
    if payment.is_rest:
        return lower_rest_or_find_problem(payment)
    if appointment.status == Appointment.Status.CONFIRMED:
        return Payment.Problem.PAID_TWICE
    # A session that an older release has opened may ask for the whole price, where only a deposit is due online.
    if payment.decimal_amount != appointment.due_online_as_booked:
        return Payment.Problem.MISMATCH
    return "" if appointment.confirm() else Payment.Problem.TIME_GONE


def lower_rest_or_find_problem(payment: Payment) -> str:
    """Of a payment for the rest: less is due at the practice by that, or else it was paid there or cancelled meanwhile.

    The caller has locked the appointment.
    """
    appointment = payment.appointment
    if appointment.status != Appointment.Status.CONFIRMED:
        return Payment.Problem.TIME_GONE
    if appointment.left_at_practice < payment.decimal_amount:
        return Payment.Problem.PAID_TWICE
    appointment.due_at_practice -= payment.decimal_amount
    appointment.rest_paid_online += payment.decimal_amount
    columns = ("due_at_practice", "rest_paid_online")
    appointment.row.update(**{column: getattr(appointment, column) for column in columns})
    return ""


def record_processing(payment: Payment, session: gateway.Session) -> None:
    """Keep the time without an end while a slow payment method is under way. If it has failed, release the time."""
    failed = session.payment_intent_status in ("requires_payment_method", "canceled")
    with transaction.atomic():
        lock_payment(payment)
        if payment.status not in Payment.AWAITED:
            return
        payment.status = Payment.Status.FAILED if failed else Payment.Status.PROCESSING
        payment.save(update_fields=["status"])
        if failed:
            payment.appointment.release()
        else:
            payment.appointment.set_hold_end(None)


def record_expired(payment: Payment) -> None:
    """Write down that the session ended unpaid. The hold of its appointment ends by itself."""
    with transaction.atomic():
        lock_payment(payment)
        if payment.status == Payment.Status.OPEN or payment.problem == Payment.Problem.UNKNOWN:
            payment.status, payment.problem = Payment.Status.EXPIRED, ""
            payment.save(update_fields=["status", "problem"])


def record_unknown(payment: Payment, refused: InvalidRequest) -> None:
    """Write down that Stripe knows no such session: our secret key is another account's by now, or was for a moment.

    The payment has failed, so that the client may pay anew. Tick asks about it again, ever less often.
    Raises StripeUnavailable if Stripe refused for another reason.
    """
    if refused.code != "resource_missing":
        raise StripeUnavailable
    logger.error("Stripe does not know the session of payment %s", payment.pk)
    unknown = {"status": Payment.Status.FAILED, "problem": Payment.Problem.UNKNOWN}
    Payment.objects.awaited().filter(pk=payment.pk).update(**unknown)
    payment.refresh_from_db()
