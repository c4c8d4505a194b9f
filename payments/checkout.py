"""Stripe Checkout: open a session, ask what became of it, act on the answer.

Nobody's word but Stripe's is believed: webhook, success page and tick all call `settle`, which retrieves the session.
No transaction is open while Stripe is called. Locks are taken in the order provider, appointment.
"""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from booking import money
from booking.models import Appointment, Mail, NotNow, lock_provider
from payments import gateway, refunds
from payments.gateway import NotPermitted, Refused, SavedFailure, StripeUnavailable
from payments.models import Payment, Refund, new_idempotency_key
from payments.turns import see_to

logger = logging.getLogger(__name__)

# While a call to open a session may still be under way, tick leaves it alone.
OPENING_TAKES = timedelta(minutes=1)


class NotHeld(Exception):
    """Only a held appointment is paid for."""


class PaymentInTheWay(NotHeld):
    """A payment for this appointment has come or is on its way: nobody should pay again."""


class SessionRefused(StripeUnavailable):
    """Stripe says no to the call itself, now and for ever: the payment has failed, another may be begun."""

    reason = "Stripe refused to open a payment page for it."
    remedy = "The log has Stripe’s reason; the client may try again."

    def __str__(self) -> str:
        return "Stripe did not open a payment page. Nothing was charged, and your time is still kept. Please call us."


# Opening, in three steps


@gateway.within(gateway.AS_LONG_AS_A_PAGE_WAITS, repeats=1)
def open_session(appointment: Appointment) -> Payment:
    """The appointment's open Checkout Session, a new one if there is none.

    Raises NotHeld or StripeUnavailable.
    """
    if not appointment.is_held:
        raise NotHeld
    settle_overdue(appointment)
    payment = save_before_opening(appointment)
    return payment if payment.checkout_session_id else open_or_begin_anew(payment)


def settle_overdue(appointment: Appointment) -> None:
    """A session whose time is over, but which our row calls open, must give way before a new one is opened."""
    for payment in appointment.payments.open().filter(expires_at__lte=timezone.now()):
        with suppress(SessionRefused, SavedFailure):
            settle_or_finish(payment)


def save_before_opening(appointment: Appointment) -> Payment:
    """Save every parameter of the call and extend the hold past the session's end, before Stripe hears of it."""
    with transaction.atomic():
        appointment = Appointment.objects.select_for_update(of=["self"]).get(pk=appointment.pk)
        if not appointment.is_held:
            raise NotHeld
        if appointment.payments.filter(status__in=[Payment.Status.PROCESSING, Payment.Status.PAID]).exists():
            raise PaymentInTheWay
        if payment := appointment.payments.open().first():
            return payment
        expires_at = timezone.now().replace(microsecond=0) + timedelta(minutes=settings.CHECKOUT_MINUTES)
        appointment.keep_at_least_until(expires_at + settings.HOLD_OUTLASTS_SESSION)
        return Payment.objects.create(
            appointment=appointment,
            amount=money.minor_units(appointment.price, appointment.currency),
            currency=appointment.currency,
            expires_at=expires_at,
            params=session_params(appointment, expires_at),
        )


def session_params(appointment: Appointment, expires_at: datetime) -> dict[str, Any]:
    """All that Stripe learns: the e-mail address, the amount, and a line that says nothing of what is treated."""
    success = settings.SITE_URL + reverse("payments:success", args=[appointment.reference])
    cancelled = settings.SITE_URL + reverse("payments:cancelled", args=[appointment.reference])
    price_data = {
        "currency": appointment.currency,
        "unit_amount": money.minor_units(appointment.price, appointment.currency),
        "product_data": {"name": f"Appointment, {settings.PRACTICE_NAME}"},
    }
    metadata = {"appointment": appointment.reference}
    # So many characters as tell one from another in the practice's list at Stripe, and leave 92 secret bits.
    description = f"Appointment {appointment.reference[:6]}…"
    return {
        "mode": "payment",
        # Stripe's page asks for the amount that ours have shown, whatever the dashboard says of other currencies.
        "adaptive_pricing": {"enabled": False},
        "allowed_payment_method_types": ["card"],
        "line_items": [{"price_data": price_data, "quantity": 1}],
        "customer_email": appointment.client_email,
        "client_reference_id": appointment.reference,
        "metadata": metadata,
        "payment_intent_data": {"description": description, "metadata": metadata},
        # Stripe replaces the braces as literal text: they must not be percent-encoded.
        "success_url": f"{success}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": cancelled,
        "expires_at": int(expires_at.timestamp()),
    }


def open_or_begin_anew(payment: Payment) -> Payment:
    """A failure that Stripe saved may have opened a session, but nobody has its address: another row takes its place.

    Raises NotHeld or StripeUnavailable.
    """
    try:
        open_at_stripe(payment)
    except SavedFailure:
        payment = save_before_opening(payment.appointment)
        if not payment.checkout_session_id:
            open_at_stripe(payment)
    return payment


def open_at_stripe(payment: Payment) -> None:
    """Safe to repeat: the row's idempotency key and parameters are always the same."""
    try:
        session = create_session(payment)
    except SavedFailure:
        fail(payment)
        raise
    except Refused as refused:
        # Stripe's sentence says all; the traceback would always be of the call above.
        logger.error("Stripe refused to open payment %s: %s", payment.pk, refused)  # noqa: TRY400 - for that reason
        fail(payment)
        raise SessionRefused from None
    payment.checkout_session_id, payment.url = session.id, session.url or ""
    end_hold_at(payment, datetime.fromtimestamp(session.expires_at, UTC))
    payment.save(update_fields=["checkout_session_id", "url", "expires_at"])
    close_if_released(payment)


def create_session(payment: Payment) -> gateway.Session:
    """The client's address only fills in a field of Stripe's page: where Stripe refuses it, it is asked for there."""
    try:
        return gateway.create_session(payment.params, payment.idempotency_key)
    except Refused as refused:
        if refused.param != "customer_email":
            raise
    leave_out_address(payment)
    return gateway.create_session(payment.params, payment.idempotency_key)


def leave_out_address(payment: Payment) -> None:
    """The refused call made nothing, so its row holds the next one: other parameters, and with them another key."""
    params = {name: value for name, value in payment.params.items() if name != "customer_email"}
    refused = Payment.objects.filter(pk=payment.pk, idempotency_key=payment.idempotency_key)
    refused.update(params=params, idempotency_key=new_idempotency_key())
    payment.refresh_from_db()


def fail(payment: Payment) -> None:
    """Nobody will pay on it. Its hold is ended under the lock: the next payment may lengthen it to the same second."""
    with transaction.atomic():
        Appointment.objects.select_for_update(of=["self"]).get(pk=payment.appointment_id)
        if Payment.objects.filter(pk=payment.pk, status=Payment.Status.OPEN).update(status=Payment.Status.FAILED):
            end_hold_at(payment, timezone.now())
    payment.refresh_from_db()


def end_hold_at(payment: Payment, ends_at: datetime) -> None:
    """Stripe has the last word on when a session ends, or that there is none: a hold lengthened for it ends with it."""
    if ends_at == payment.expires_at:
        return
    lengthened = payment.expires_at + settings.HOLD_OUTLASTS_SESSION
    payment.appointment.end_hold_sooner(lengthened, ends_at + settings.HOLD_OUTLASTS_SESSION)
    payment.expires_at = ends_at


def close_if_released(payment: Payment) -> None:
    """The time may have been given back while Stripe was opening its session."""
    if not Appointment.objects.get(pk=payment.appointment_id).is_held:
        with suppress(StripeUnavailable):
            close(payment)
        raise NotHeld


# Closing


def on_cancelled(appointment: Appointment, **kwargs: Any) -> None:
    transaction.on_commit(partial(close_sessions, appointment), robust=True)


@gateway.within(gateway.A_MOMENT)
def close_sessions(appointment: Appointment) -> None:
    """Nobody should pay for a time given back. What cannot be done now is owed, and the next tick does it."""
    for payment in appointment.payments.open().exclude(checkout_session_id=None):
        try:
            close(payment)
        except StripeUnavailable:
            logger.warning("The session of payment %s is still to be expired", payment.pk)


def close(payment: Payment) -> None:
    """Expire the session; refused, it is no longer open and may be paid. Either way, ask."""
    with suppress(Refused):
        gateway.expire_session(payment.checkout_session_id or "")
    settle(payment)


@gateway.within(gateway.AS_LONG_AS_A_PAGE_WAITS, repeats=1)
def on_moving(appointment: Appointment, **kwargs: Any) -> None:
    """Nobody should pay on a page that was opened for another time; one that is paid already confirms the old time.

    Raises NotNow.
    """
    for payment in appointment.payments.open():
        if not payment.checkout_session_id:
            raise NotNow("A payment page is just being opened, so nothing was changed. Try again in a minute.")
        try:
            close(payment)
        except NotPermitted:
            raise NotNow("Your payment page cannot be closed just now. Nothing was changed: please call us.") from None
        except StripeUnavailable:
            raise NotNow("Stripe cannot be reached at the moment, so nothing was changed. Try again soon.") from None


# Settling


def settle(payment: Payment) -> None:
    """Ask Stripe about the session and act on the answer: at most once, whoever calls, however often.

    Raises StripeUnavailable.
    """
    try:
        session = gateway.retrieve_session(payment.checkout_session_id or "")
    except Refused as refused:
        record_unknown(payment, refused)
        return
    if session.payment_status != "unpaid":
        record_paid(payment, session)
    elif session.status == "complete":
        record_slow(payment, session)
    elif session.status == "expired":
        open_or_unknown = Payment.objects.filter(Q(status=Payment.Status.OPEN) | Q(problem=Payment.Problem.UNKNOWN))
        open_or_unknown.filter(pk=payment.pk).update(status=Payment.Status.EXPIRED, problem="")
    payment.refresh_from_db()
    if payment.dispute == Payment.NOT_READ:
        refunds.catch_up(payment, moved_on=gateway.has_moved_on(session))
    refunds.send_owed(payment)


def record_unknown(payment: Payment, refused: Refused) -> None:
    """The key is another account's by now, or was for a moment. The client may pay anew, and we ask ever less often."""
    if not refused.is_unknown:
        raise StripeUnavailable
    logger.error("Stripe does not know the session of payment %s", payment.pk)
    unknown = {"status": Payment.Status.FAILED, "problem": Payment.Problem.UNKNOWN}
    Payment.objects.awaited().filter(pk=payment.pk).update(**unknown)
    payment.refresh_from_db()


def record_paid(payment: Payment, session: gateway.Session) -> None:
    with transaction.atomic():
        appointment, payment = lock(payment)
        if payment.status == Payment.Status.PAID:
            return
        payment.status, payment.paid_at = Payment.Status.PAID, timezone.now()
        payment.payment_intent_id = getattr(session.payment_intent, "id", "")
        payment.amount_captured = getattr(session.payment_intent, "amount_received", 0)
        payment.problem = problem_of(payment, session, appointment)
        payment.dispute = Payment.NOT_READ if payment.payment_intent_id else ""
        payment.save(update_fields=["status", "paid_at", "payment_intent_id", "amount_captured", "problem", "dispute"])
        if payment.problem in Refund.AUTOMATIC:
            refunds.owe(payment, payment.amount_captured, payment.problem)
        elif payment.problem:
            Mail.objects.owe(appointment, Mail.Kind.MISMATCHED, f"payment {payment.pk}")
    logger.info("Payment %s is paid%s", payment.pk, f", but: {payment.problem}" if payment.problem else "")


def lock(payment: Payment) -> tuple[Appointment, Payment]:
    """All that is written of an appointment's money is written under the lock of its row."""
    lock_provider(Appointment.objects.values_list("provider_id", flat=True).get(pk=payment.appointment_id))
    appointment = Appointment.objects.select_for_update(of=["self"]).get(pk=payment.appointment_id)
    return appointment, Payment.objects.get(pk=payment.pk)


def problem_of(payment: Payment, session: gateway.Session, appointment: Appointment) -> str:
    """Confirm the appointment; what stands in the way, if anything, is the payment's problem."""
    asked_for = (payment.amount, payment.currency, appointment.reference, "payment", settings.STRIPE_LIVEMODE)
    came = (session.amount_total, session.currency, session.client_reference_id, session.mode, session.livemode)
    # A session may be complete without a payment, as it would be with a coupon for all of the price.
    if came != asked_for or payment.amount_captured != payment.amount:
        return Payment.Problem.MISMATCH
    if appointment.status == Appointment.Status.CONFIRMED:
        return Payment.Problem.PAID_TWICE
    return "" if appointment.confirm() else Payment.Problem.TIME_GONE


def record_slow(payment: Payment, session: gateway.Session) -> None:
    """A payment method that takes days: the time stays kept, without an end, until Stripe knows how it went."""
    failed = getattr(session.payment_intent, "status", "") in ("requires_payment_method", "canceled")
    with transaction.atomic():
        appointment, payment = lock(payment)
        if payment.status not in Payment.AWAITED:
            return
        payment.status = Payment.Status.FAILED if failed else Payment.Status.PROCESSING
        payment.save(update_fields=["status"])
        if failed:
            appointment.release()
        else:
            appointment.keep_until(None)


# What is owed


def settle_owed(now: datetime) -> int:
    """Ask about payments whose end we have not heard of; open or close what a crash left half-way."""
    being_opened = Q(checkout_session_id=None, created_at__gt=now - OPENING_TAKES)
    awaited = Payment.objects.awaited().with_their_turn(now).exclude(being_opened)
    return see_to(settle_or_finish, awaited) + see_to(settle_or_finish, Payment.objects.unknown_again(now))


def settle_or_finish(payment: Payment) -> None:
    if not payment.checkout_session_id:
        finish_opening(payment)
    elif payment.appointment.status != Appointment.Status.HELD:
        close(payment)
    else:
        settle(payment)


def finish_opening(payment: Payment) -> None:
    """One that Stripe has refused stays as it is."""
    if payment.is_awaited:
        with suppress(NotHeld):
            open_or_begin_anew(payment)
