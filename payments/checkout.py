"""Open a Checkout Session for what is due of an appointment. How the session ends is found out in settlement.py.

A session is opened in three steps, and the process may be killed between any two of them:

1. `save_before_opening` writes the whole call to Stripe into a Payment row, and keeps the appointment's time until
   after the session's end.
2. `open_at_stripe` makes that call, with no transaction open. Whoever repeats it, the client or tick, sends the same
   parameters under the same idempotency key, and Stripe answers with the same session.
3. `open_at_stripe` then writes the session's id and address into the row. If the time was given back meanwhile, it
   closes the session.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from booking import languages, money
from booking.in_force import in_force
from booking.models import Appointment
from payments import gateway
from payments.closing import close_session
from payments.dues import Due, due_now, has_come, is_wanted
from payments.gateway import InvalidRequest, SavedFailure, StripeUnavailable
from payments.models import Payment, lock_payment, new_idempotency_key
from payments.settlement import settle
from payments.turns import take_turns

logger = logging.getLogger(__name__)

# For this long tick leaves a new payment alone, because the call that opens its session may still be under way.
OPENING_TAKES = timedelta(minutes=1)
# Seconds, for the Retry-After header of an answer that says that Stripe is unavailable.
RETRY_AFTER = "30"


class NotHeld(Exception):
    """Nothing of it can be paid: it is not held, or its hold has run out, and no rest of it is asked for."""


class AlreadyPaid(NotHeld):
    """A payment for the appointment has come, or a slow one is on its way, so nobody should pay again."""


class SessionRefused(StripeUnavailable):
    """Stripe refuses to open this session and always will. Its payment has failed, and another may be begun."""

    reason = "Stripe refused to open a payment page for it."
    remedy = "The log has Stripe’s reason; the client may try again."

    def __str__(self) -> str:
        return _(
            "Stripe did not open a payment page. Nothing was charged, and your time is still kept. Please get in touch "
            "with us."
        )


# Opening


@gateway.within(gateway.AS_LONG_AS_A_PAGE_WAITS, retries=1)
def open_session(appointment: Appointment) -> Payment:
    """Return the payment on whose `url` the client pays: the one that is open already, or a new one.

    Raises NotHeld, AlreadyPaid or StripeUnavailable.
    """
    if not due_now(appointment):
        raise NotHeld
    # Until it is known what became of a session whose time is over, or that is for another amount than is due by now,
    # no other payment can be saved.
    for payment in appointment.payments.open():
        if payment.expires_at <= timezone.now() or not is_wanted(payment, appointment):
            with suppress(SessionRefused, SavedFailure):
                bring_up_to_date(payment)
    payment = save_before_opening(appointment)
    return payment if payment.checkout_session_id else open_or_start_over(payment)


def save_before_opening(appointment: Appointment) -> Payment:
    """Step 1: return the payment that is open already, or save a new one together with the call that opens its session.

    Raises NotHeld or AlreadyPaid.
    """
    with transaction.atomic():
        appointment = Appointment.objects.select_for_update(of=["self"]).get(pk=appointment.pk)
        due = due_now(appointment)
        if not due:
            raise NotHeld
        if has_come(due, appointment):
            raise AlreadyPaid
        if payment := appointment.payments.open().first():
            return payment
        expires_at = timezone.now().replace(microsecond=0) + timedelta(minutes=settings.CHECKOUT_MINUTES)
        appointment.extend_hold(expires_at + settings.HOLD_OUTLASTS_SESSION)
        return Payment.objects.create(
            appointment=appointment,
            amount=money.minor_units(due.amount, appointment.currency),
            currency=appointment.currency,
            is_rest=due.is_rest,
            expires_at=expires_at,
            params=session_params(appointment, expires_at, due),
        )


def session_params(appointment: Appointment, expires_at: datetime, due: Due | None = None) -> dict[str, Any]:
    """The parameters of a session. They tell Stripe the client's email address and what is due, but not the service."""
    due = due or Due(appointment.due_online)
    success = settings.SITE_URL + reverse("payments:success", args=[appointment.reference])
    cancelled = settings.SITE_URL + reverse("payments:cancelled", args=[appointment.reference])
    price_data = {
        "currency": appointment.currency,
        "unit_amount": money.minor_units(due.amount, appointment.currency),
        "product_data": {"name": line_of(appointment, due)},
    }
    # Session metadata is not copied to the PaymentIntent, so both get it.
    metadata = {"appointment": appointment.reference}
    # Stripe's dashboard lists the description. Six characters of the reference tell appointments apart there, and are
    # too few to open an appointment's page: the other 92 random bits are not shown.
    description = f"Appointment {appointment.reference[:6]}…"
    return {
        "mode": "payment",
        # Otherwise Stripe's page might offer to pay in another currency than the one that our pages have shown.
        "adaptive_pricing": {"enabled": False},
        "allowed_payment_method_types": ["card"],
        "line_items": [{"price_data": price_data, "quantity": 1}],
        **({"customer_email": appointment.client_email} if appointment.client_email else {}),
        "client_reference_id": appointment.reference,
        "metadata": metadata,
        "payment_intent_data": {"description": description, "metadata": metadata},
        # Stripe replaces {CHECKOUT_SESSION_ID} as literal text, so the braces must not be percent-encoded.
        "success_url": f"{success}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": cancelled,
        "expires_at": int(expires_at.timestamp()),
        # Its client's, since tick opens sessions as well.
        "locale": languages.of_tag(languages.tag_of(appointment.language)),
    }


def line_of(appointment: Appointment, due: Due) -> str:
    """What Stripe's page says is paid for, in the client's language."""
    with translation.override(languages.tag_of(appointment.language)):
        if due.is_rest and appointment.due_online:
            return _("Rest for an appointment, %(practice)s") % {"practice": in_force.PRACTICE_NAME}
        if appointment.due_at_practice and not due.is_rest:
            return _("Deposit for an appointment, %(practice)s") % {"practice": in_force.PRACTICE_NAME}
        return _("Appointment, %(practice)s") % {"practice": in_force.PRACTICE_NAME}


def open_at_stripe(payment: Payment) -> None:
    """Steps 2 and 3: make the call that the row holds, and write the session's id and address into the row.

    Raises NotHeld or StripeUnavailable.
    """
    session = create_session_or_fail(payment)
    payment.checkout_session_id, payment.url = session.id, session.url
    end_with_session(payment, session.expires_at)
    payment.save(update_fields=["checkout_session_id", "url", "expires_at"])
    if not is_wanted(payment, Appointment.objects.get(pk=payment.appointment_id)):
        with suppress(StripeUnavailable):
            close_session(payment)
        raise NotHeld


def end_with_session(payment: Payment, ends_at: datetime) -> None:
    """Write down when the session really ends, and shorten the hold that was lengthened for it.

    Stripe may let it end sooner than was asked for. For a session that was not opened, `ends_at` is now.
    """
    if ends_at != payment.expires_at:
        kept_until = payment.expires_at + settings.HOLD_OUTLASTS_SESSION
        payment.appointment.shorten_hold(kept_until, ends_at + settings.HOLD_OUTLASTS_SESSION)
        payment.expires_at = ends_at


def on_deadline_changed(appointment: Appointment, **kwargs: Any) -> None:
    """Receive booking's signal that an unpaid appointment has another deadline: keep its time for an open session."""
    for payment in appointment.payments.open():
        appointment.extend_hold(payment.expires_at + settings.HOLD_OUTLASTS_SESSION)


# When Stripe does not open the session


def create_session_or_fail(payment: Payment) -> gateway.Session:
    """Create the session. If Stripe's answer means that this call will never succeed, mark the payment failed.

    Raises StripeUnavailable.
    """
    try:
        return create_session(payment)
    except SavedFailure:
        mark_failed(payment)
        raise
    except InvalidRequest as refused:
        # Stripe's code says what is wrong. A traceback would not: it would always show the call above.
        logger.error("Stripe refused to open payment %s: %s", payment.pk, refused)  # noqa: TRY400 - no traceback
        mark_failed(payment)
        raise SessionRefused from None


def create_session(payment: Payment) -> gateway.Session:
    """Create the session. If Stripe refuses the client's email address, leave it out, and Stripe's page asks for it."""
    try:
        return gateway.create_session(payment.params, payment.idempotency_key)
    except InvalidRequest as refused:
        if refused.param != "customer_email":
            raise
    leave_out_customer_email(payment)
    return gateway.create_session(payment.params, payment.idempotency_key)


def leave_out_customer_email(payment: Payment) -> None:
    """Take the email address out of the call that the row holds, unless another tab has done so.

    Under the old idempotency key Stripe would refuse other parameters, so the call gets a new key.
    """
    params = {name: value for name, value in payment.params.items() if name != "customer_email"}
    unchanged = Payment.objects.filter(pk=payment.pk, idempotency_key=payment.idempotency_key)
    unchanged.update(params=params, idempotency_key=new_idempotency_key())
    payment.refresh_from_db()


def mark_failed(payment: Payment) -> None:
    """Mark a payment failed whose session was not opened, and shorten the hold that was lengthened for it.

    The hold is shortened only if it still ends where this payment has put its end. Without the lock the next payment
    could put it there meanwhile, and we would shorten the hold of that one.
    """
    with transaction.atomic():
        lock_payment(payment)
        if Payment.objects.filter(pk=payment.pk, status=Payment.Status.OPEN).update(status=Payment.Status.FAILED):
            end_with_session(payment, timezone.now())
    payment.refresh_from_db()


def open_or_start_over(payment: Payment) -> Payment:
    """Open the payment's session. If Stripe has saved a failure under its key, open the session of another payment.

    Stripe may have created a session before it failed. Nobody has the address of its page, so nobody can pay on it.
    Raises NotHeld, AlreadyPaid or StripeUnavailable.
    """
    try:
        open_at_stripe(payment)
    except SavedFailure:
        payment = save_before_opening(payment.appointment)
        if not payment.checkout_session_id:
            open_at_stripe(payment)
    return payment


# What tick does


def settle_due(now: datetime) -> int:
    """Ask Stripe about the payments whose turn it is, and finish what was cut off. Returns how many that were."""
    being_opened = Q(checkout_session_id=None, created_at__gt=now - OPENING_TAKES)
    awaited = Payment.objects.awaited().to_ask_about(now).exclude(being_opened)
    unknown = Payment.objects.unknown_to_ask_about(now)
    return take_turns(bring_up_to_date, awaited) + take_turns(bring_up_to_date, unknown)


def bring_up_to_date(payment: Payment) -> None:
    """Finish opening the session, close it if what it is for is not to be paid any more, or ask what became of it.

    Raises StripeUnavailable.
    """
    if not payment.checkout_session_id:
        if payment.is_awaited:
            with suppress(NotHeld):
                open_or_start_over(payment)
    elif payment.appointment.status == Appointment.Status.HELD or is_wanted(payment, payment.appointment):
        settle(payment)
    else:
        close_session(payment)
