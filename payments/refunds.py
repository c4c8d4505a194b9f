"""Return money: a refund is written down in the transaction that decides it, and then sent to Stripe, once.

Each attempt is a row. As soon as Stripe knows of it, the row says what Stripe says: see reconciliation.py.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from booking import money
from booking.models import Appointment, Change
from payments import gateway
from payments.gateway import InvalidRequest, KeyRefused, SavedFailure
from payments.models import Payment, Refund, lock_payment
from payments.reconciliation import reconcile, update_appointment
from payments.turns import take_turns, try_to

logger = logging.getLogger(__name__)

# Stripe keeps an idempotency key for 24 hours at least. After that, the same call would make a second refund.
KEY_LASTS = timedelta(hours=23)


class MoreThanIsLeft(Exception):
    """Less of the payment is left than was to be returned, because the rest has gone back or is on its way."""


class ReturnedMeanwhile(Exception):
    """Money was returned since the page was shown, perhaps by pressing its button twice."""


# Deciding


def on_cancelled(appointment: Appointment, **kwargs: Any) -> None:
    """Receive booking's signal that an appointment is cancelled, and write down the refund that is due.

    This runs in the transaction that cancels, which has locked the appointment. So the cancelling and the refund are
    both written, or neither is. There may be several payments to return it of: a deposit, and the rest by link. What a
    bank holds is returned first: if the bank takes it for good, that counts towards what is due. Of what a bank has
    taken a part of, Stripe may return nothing more, so it comes last.
    """
    due = money.minor_units(appointment.refund_due, appointment.currency)
    paid = appointment.payments.filter(status=Payment.Status.PAID, problem="")
    payments = sorted(paid, key=lambda one: (not one.is_disputed, one.taken_back)) if due else []
    parts = parts_of(due, payments)
    for payment, part in zip(payments, parts, strict=True):
        owe(payment, part, Refund.Reason.CANCELLED)
        send_once_committed(payment)
    if sum(parts) < due:
        logger.error("Appointment %s: more is due back than its payments have left", appointment.pk)


def parts_of(due: int, payments: Sequence[Payment]) -> list[int]:
    """How much of what is due, in minor units, is returned of each payment, as far as there is money left.

    What is due back of a payment already, because a refund failed, stays due besides what another payment has left.
    """
    free = [max(payment.amount_captured - payment.amount_back, 0) for payment in payments]
    failed = [payment.amount_refundable - left for payment, left in zip(payments, free, strict=True)]
    parts = [0] * len(payments)
    for place, most in [*enumerate(free), *enumerate(failed)]:
        part = min(due, most)
        parts[place], due = parts[place] + part, due - part
    return parts


def send_once_committed(payment: Payment) -> None:
    # The client has cancelled, so nothing that goes wrong with the refund may be raised. Tick sends it then.
    transaction.on_commit(lambda: send_at_once(payment), robust=True)


def return_money(
    payment: Payment,
    amount: int,
    reason: str = Refund.Reason.STAFF,
    *,
    seen: int | None = None,
    by: User | None = None,
) -> None:
    """Return what staff decided, in minor units: at once if Stripe answers, and otherwise by the next tick.

    `by` is who decided it. `seen` is how many refunds of this payment their page showed; None if they decided without
    a page.
    Raises MoreThanIsLeft or ReturnedMeanwhile.
    """
    with transaction.atomic():
        lock_payment(payment)
        if seen is not None and seen != payment.refunds.count():
            raise ReturnedMeanwhile
        in_currency = money.decimal_string(money.from_minor_units(amount, payment.currency), payment.currency)
        Change.objects.record(payment.appointment, Change.Kind.RETURNED, by, amount=in_currency, reason=reason)
        owe(payment, amount, reason)
    send_at_once(payment)


def owe(payment: Payment, amount: int, reason: str) -> None:
    """Write down a refund that is to be sent, or one that was made by hand and is done. For no money, write nothing.

    The caller has locked the appointment, so of two who return the last of the money one fails.
    Raises MoreThanIsLeft.
    """
    if amount > payment.amount_refundable:
        raise MoreThanIsLeft
    if amount:
        by_hand = reason == Refund.Reason.BY_HAND
        payment.add_refund(amount, reason, status=Refund.Status.SUCCEEDED if by_hand else Refund.Status.OWED)
        update_appointment(payment)


# Sending


@gateway.within(gateway.A_MOMENT)
def send_at_once(payment: Payment) -> None:
    """Send what can be sent in a moment: somebody who has cancelled or returned money waits for the page."""
    send_refunds(payment)


def send_refunds(payment: Payment) -> None:
    """Send the refunds of a payment that Stripe has not heard of. What cannot be sent now, the next tick sends."""
    for refund in payment.refunds.filter(status=Refund.Status.OWED):
        try_to(send, refund)


def send(refund: Refund) -> None:
    """Send a refund unless a dispute forbids it. If Stripe refuses our secret key, the row tells staff why.

    Raises StripeUnavailable.
    """
    if refund.payment.is_frozen:
        return
    try:
        find_or_send(refund)
    except KeyRefused as problem:
        owed = Refund.objects.filter(pk=refund.pk, status=Refund.Status.OWED)
        owed.update(failure_reason=problem.reason[:100])
        raise


def find_or_send(refund: Refund) -> None:
    """Send a refund so that a repetition does not return the money twice.

    For a day the idempotency key prevents that. Later the refund is looked for at Stripe first.
    Raises StripeUnavailable.
    """
    now = timezone.now()
    if key_may_be_forgotten(refund, now) and needs_no_sending(refund):
        return
    if not refund.sent_at or key_may_be_forgotten(refund, now):
        Refund.objects.filter(pk=refund.pk).update(sent_at=now)
    try:
        gateway.create_refund(params_of(refund), refund.idempotency_key)
    except InvalidRequest as refused:
        record_refused(refund, refused)
    except SavedFailure:
        look_for_it_and_start_over(refund)
    else:
        reconcile(refund.payment)


def key_may_be_forgotten(refund: Refund, now: datetime) -> bool:
    return refund.sent_at is not None and refund.sent_at < now - KEY_LASTS


def needs_no_sending(refund: Refund) -> bool:
    """Look for the refund at Stripe: true if it is there, or if its payment is disputed."""
    reconcile(refund.payment)
    refund.refresh_from_db()
    return refund.status != Refund.Status.OWED or refund.payment.is_frozen


def params_of(refund: Refund) -> dict[str, Any]:
    """The parameters of the call: the same as long as the refund has the same key.

    The key is also in the metadata, by which we recognise the refund in Stripe's list.
    """
    return {
        "payment_intent": refund.payment.payment_intent_id,
        "amount": refund.amount,
        "metadata": {"refund": refund.idempotency_key},
    }


def send_due(now: datetime) -> int:
    """Send the refunds of the payments whose turn it is. Returns how many payments that were."""
    owed = Refund.objects.not_succeeded(Refund.Status.OWED).values("payment")
    not_frozen = Payment.objects.filter(pk__in=owed).exclude(dispute__in=Payment.FROZEN)
    return take_turns(send_refunds, not_frozen.to_ask_about(now))


# When Stripe does not make the refund


def record_refused(refund: Refund, refused: InvalidRequest) -> None:
    """Act on it that Stripe refuses the refund: read what happened to the money, and decide what becomes of the row."""
    payment = refund.payment
    reconcile(payment)
    with transaction.atomic():
        lock_payment(payment)
        for owed in still_owed(payment, refund, refund.idempotency_key):
            act_on_refusal(payment, owed, refused)
            update_appointment(payment)


def still_owed(payment: Payment, refund: Refund, key: str) -> QuerySet[Refund]:
    """The refund, if it is still owed under that key. If its key is another by now, another process is sending it."""
    return payment.refunds.filter(pk=refund.pk, status=Refund.Status.OWED, idempotency_key=key)


def act_on_refusal(payment: Payment, owed: Refund, refused: InvalidRequest) -> None:
    """Decide what becomes of a refund that Stripe refused.

    During a dispute it stays owed, to be sent when that is over. If less of the payment is left, what a rule returns is
    lowered to that. In all other cases it has failed, and staff see why.
    """
    others = payment.amount_returning - owed.amount
    refundable = payment.amount_captured - payment.taken_back - others
    if payment.is_frozen:
        owed.start_over(owed.amount)
    elif owed.reason in Refund.AUTOMATIC and 0 < refundable < owed.amount:
        owed.start_over(refundable)
    else:
        owed.status, owed.failure_reason = Refund.Status.FAILED, str(refused)[:100]
        owed.save(update_fields=["status", "failure_reason"])


def look_for_it_and_start_over(refund: Refund) -> None:
    """Stripe failed, perhaps after making the refund. If Stripe has no such refund, tick sends it under another key."""
    failed_key = refund.idempotency_key
    if not needs_no_sending(refund):
        with transaction.atomic():
            lock_payment(refund.payment)
            for owed in still_owed(refund.payment, refund, failed_key):
                owed.start_over(owed.amount)
