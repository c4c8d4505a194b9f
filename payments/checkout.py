"""Stripe Checkout: open a session, ask what became of it, act on the answer. The one module that imports stripe.

Nobody's word but Stripe's is believed: webhook, success page and tick all call `settle`, which retrieves the session.
No transaction is open while Stripe is called. Locks are taken in the order provider, appointment, payment.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from booking import money
from booking.models import Appointment, lock_provider
from payments.models import Payment, WebhookEvent

logger = logging.getLogger(__name__)
# No file in the home directory, no platform string, no timings sent.
stripe.enable_telemetry = False

# What the SDK raises for a body that is not UTF-8, not JSON, nested without end, or not an event with an object.
UNREADABLE = (ValueError, RecursionError, AttributeError, KeyError, TypeError)
HOLD_OUTLASTS_SESSION = timedelta(minutes=2)
# While a call to open a session may still be under way, tick leaves it alone.
OPENING_TAKES = timedelta(minutes=1)


class NotHeld(Exception):
    """Only a held appointment is paid for."""


class PaymentInTheWay(NotHeld):
    """A payment for this appointment has come or is on its way: nobody should pay again."""


class StripeUnavailable(Exception):
    """No answer, or none that says what happened: nothing may be concluded from it."""

    def __str__(self) -> str:
        return "Stripe cannot be reached at the moment. Your time is still kept. Try again in a minute."


class SessionRefused(StripeUnavailable):
    """Stripe says no to the call itself, now and for ever: the payment has failed, another may be begun."""

    def __str__(self) -> str:
        return "Stripe did not open a payment page. Nothing was charged, and your time is still kept. Please call us."


class WebhookRefused(Exception):
    """Not signed by Stripe for us, too old, or unreadable."""


def client() -> stripe.StripeClient:
    return client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@lru_cache
def client_for(api_key: str, api_base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": api_base},
        http_client=stripe.RequestsClient(timeout=(3.05, 15)),
        max_network_retries=1,
    )


# Opening, in three steps


def open_session(appointment: Appointment) -> Payment:
    """The appointment's open Checkout Session, a new one if there is none.

    Raises NotHeld or StripeUnavailable.
    """
    if not appointment.is_held:
        raise NotHeld
    settle_overdue(appointment)
    payment = save_before_opening(appointment)
    if not payment.checkout_session_id:
        open_at_stripe(payment)
    return payment


def settle_overdue(appointment: Appointment) -> None:
    """A session whose time is over, but which our row calls open, must give way before a new one is opened."""
    for payment in appointment.payments.open().filter(expires_at__lte=timezone.now()):
        with suppress(SessionRefused):
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
        expires_at = timezone.now() + timedelta(minutes=settings.CHECKOUT_MINUTES)
        appointment.keep_at_least_until(expires_at + HOLD_OUTLASTS_SESSION)
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
    return {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "line_items": [{"price_data": price_data, "quantity": 1}],
        "customer_email": appointment.client_email,
        "client_reference_id": appointment.reference,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        # Stripe replaces the braces as literal text: they must not be percent-encoded.
        "success_url": f"{success}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": cancelled,
        "expires_at": int(expires_at.timestamp()),
    }


def open_at_stripe(payment: Payment) -> None:
    """Safe to repeat: the row's idempotency key and parameters are always the same."""
    try:
        session = client().v1.checkout.sessions.create(
            params=payment.params, options={"idempotency_key": payment.idempotency_key}
        )
    except stripe.InvalidRequestError as error:
        # Not the exception itself: its message may quote what the client typed.
        logger.error("Stripe refused to open payment %s: %s %s", payment.pk, error.code, error.param)  # noqa: TRY400
        Payment.objects.filter(pk=payment.pk, status=Payment.Status.OPEN).update(status=Payment.Status.FAILED)
        raise SessionRefused from error
    except stripe.StripeError as error:
        raise unavailable(error) from error
    payment.checkout_session_id, payment.url = session.id, session.url or ""
    payment.save(update_fields=["checkout_session_id", "url"])
    close_if_released(payment)


def close_if_released(payment: Payment) -> None:
    """The time may have been given back while Stripe was opening its session."""
    if not Appointment.objects.get(pk=payment.appointment_id).is_held:
        with suppress(StripeUnavailable):
            close(payment)
        raise NotHeld


def unavailable(error: stripe.StripeError) -> StripeUnavailable:
    logger.warning("Stripe did not answer: %s (request %s)", type(error).__name__, error.request_id)
    return StripeUnavailable()


# Closing


def on_cancelled(appointment: Appointment, **kwargs: Any) -> None:
    transaction.on_commit(partial(close_sessions, appointment), robust=True)


def close_sessions(appointment: Appointment) -> None:
    """Nobody should pay for a time given back. What cannot be done now is owed, and the next tick does it."""
    for payment in appointment.payments.open().exclude(checkout_session_id=None):
        try:
            close(payment)
        except StripeUnavailable:
            logger.warning("The session of payment %s is still to be expired", payment.pk)


def close(payment: Payment) -> None:
    """Expire the session; refused, it is no longer open and may be paid. Either way, ask."""
    try:
        client().v1.checkout.sessions.expire(payment.checkout_session_id or "")
    except stripe.InvalidRequestError:
        pass
    except stripe.StripeError as error:
        raise unavailable(error) from error
    settle(payment)


# Settling


def settle(payment: Payment) -> None:
    """Ask Stripe about the session and act on the answer: at most once, whoever calls, however often.

    Raises StripeUnavailable.
    """
    try:
        session = client().v1.checkout.sessions.retrieve(
            payment.checkout_session_id or "", params={"expand": ["payment_intent"]}
        )
    except stripe.StripeError as error:
        raise unavailable(error) from error
    if session.payment_status != "unpaid":
        record_paid(payment, session)
    elif session.status == "complete":
        record_slow(payment, session)
    elif session.status == "expired":
        Payment.objects.filter(pk=payment.pk, status=Payment.Status.OPEN).update(status=Payment.Status.EXPIRED)
    payment.refresh_from_db()


def record_paid(payment: Payment, session: stripe.checkout.Session) -> None:
    with transaction.atomic():
        appointment, payment = lock(payment)
        if payment.status == Payment.Status.PAID:
            return
        payment.status, payment.paid_at = Payment.Status.PAID, timezone.now()
        payment.payment_intent_id = getattr(session.payment_intent, "id", "")
        payment.problem = problem_of(payment, session, appointment)
        payment.save(update_fields=["status", "paid_at", "payment_intent_id", "problem"])
    logger.info("Payment %s is paid%s", payment.pk, f", but: {payment.problem}" if payment.problem else "")


def lock(payment: Payment) -> tuple[Appointment, Payment]:
    lock_provider(Appointment.objects.values_list("provider_id", flat=True).get(pk=payment.appointment_id))
    appointment = Appointment.objects.select_for_update(of=["self"]).get(pk=payment.appointment_id)
    return appointment, Payment.objects.select_for_update(of=["self"]).get(pk=payment.pk)


def problem_of(payment: Payment, session: stripe.checkout.Session, appointment: Appointment) -> str:
    """Confirm the appointment; what stands in the way, if anything, is the payment's problem."""
    asked_for = (payment.amount, payment.currency, appointment.reference, "payment", settings.STRIPE_LIVEMODE)
    came = (session.amount_total, session.currency, session.client_reference_id, session.mode, session.livemode)
    if came != asked_for:
        return Payment.Problem.MISMATCH
    if appointment.status == Appointment.Status.CONFIRMED:
        return Payment.Problem.PAID_TWICE
    return "" if appointment.confirm() else Payment.Problem.TIME_GONE


def record_slow(payment: Payment, session: stripe.checkout.Session) -> None:
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


# Webhook


def read_event(body: bytes, signature: str) -> WebhookEvent:
    """The event that Stripe sent, stored once however often it comes.

    Raises WebhookRefused.
    """
    try:
        event = stripe.Webhook.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
        facts = {
            "type": event.type,
            "object_id": event.data.object["id"],
            "livemode": event.livemode,
            "api_version": event.api_version or "",
        }
    except (*UNREADABLE, stripe.SignatureVerificationError) as error:
        raise WebhookRefused from error
    return WebhookEvent.objects.get_or_create(event_id=event.id, defaults=facts)[0]


def process(event: WebhookEvent) -> None:
    """An event is a nudge to ask. One of a kind, or of a session, that is not ours needs nothing done.

    Raises StripeUnavailable.
    """
    if event.processed_at:
        return
    if event.type.startswith("checkout.session."):
        for payment in Payment.objects.filter(checkout_session_id=event.object_id):
            settle(payment)
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=timezone.now(), last_error="")


# What is owed


def settle_owed(now: datetime) -> int:
    """Ask about every payment whose end we have not heard of; open or close what a crash left half-way."""
    being_opened = Q(checkout_session_id=None, created_at__gt=now - OPENING_TAKES)
    claimed = [payment for payment in Payment.objects.awaited().exclude(being_opened) if payment.claim(now)]
    for payment in claimed:
        attempt(settle_or_finish, payment)
    return len(claimed)


def attempt(duty: Callable[[Any], None], row: Payment | WebhookEvent) -> None:
    """One row that cannot be seen to must not keep the rest waiting."""
    try:
        duty(row)
    except (StripeUnavailable, NotHeld):
        logger.info("%s %s is seen to again at the next tick", type(row).__name__, row.pk)
    except Exception:
        logger.exception("%s %s failed", type(row).__name__, row.pk)


def settle_or_finish(payment: Payment) -> None:
    if not payment.checkout_session_id:
        open_at_stripe(payment)
    elif payment.appointment.status != Appointment.Status.HELD:
        close(payment)
    else:
        settle(payment)


def process_owed(now: datetime) -> int:
    """Events whose processing failed, in the order they came. Stripe sends them again too, but not for ever."""
    waiting = WebhookEvent.objects.filter(processed_at=None, received_at__lte=now).order_by("received_at")
    for event in waiting:
        attempt(process, event)
    return len(waiting)
