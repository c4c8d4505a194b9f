"""Money back: written down as owed in the transaction that decides it, sent once, and then what Stripe says it is.

A refund is a row for each attempt. What Stripe says of all refunds of a payment is read as a whole and set, so nothing
is ever added up, and refunds made at Stripe itself are found on the way.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from booking import money
from booking.models import Appointment
from payments import gateway
from payments.gateway import Refused, StripeUnavailable
from payments.models import Payment, Refund, WebhookEvent
from payments.owed import attempt

# Stripe keeps an idempotency key for 24 hours at least; after that a repeat would be a second refund.
KEY_LASTS = timedelta(hours=23)
READINGS = 5
ASK_DISPUTES_AGAIN = timedelta(hours=1)


class MoreThanIsLeft(Exception):
    """Of what was paid, less than that has not gone back yet."""


# Owing


def on_cancelled(appointment: Appointment, **kwargs: Any) -> None:
    """Runs in the transaction that cancels: both are written, or neither is."""
    due = money.minor_units(appointment.refund_due, appointment.currency)
    paid = appointment.payments.filter(status=Payment.Status.PAID, problem="")
    for payment in paid.select_for_update(of=["self"]) if due else []:
        owe(payment, min(due, payment.left), Refund.Reason.CANCELLED)
        transaction.on_commit(partial(send_owed, payment), robust=True)


def decide(payment: Payment, amount: int, reason: Refund.Reason = Refund.Reason.STAFF) -> Refund | None:
    """Staff return `amount`, in minor units; at once if Stripe answers, by the next tick if not.

    Raises MoreThanIsLeft.
    """
    with transaction.atomic():
        payment = Payment.objects.select_for_update(of=["self"]).get(pk=payment.pk)
        refund = owe(payment, amount, reason)
    send_owed(payment)
    return refund


def owe(payment: Payment, amount: int, reason: str) -> Refund | None:
    """The caller's transaction holds the payment's row, so two who return the last of it cannot both do so."""
    left = payment.left
    if amount > left:
        raise MoreThanIsLeft
    if not amount:
        return None
    number = payment.refunds.count() + 1
    key = f"{payment.checkout_session_id}-refund-{number}"
    if reason != Refund.Reason.BY_HAND:
        Payment.objects.filter(pk=payment.pk).update(refund_due=payment.amount_captured - left + amount)
    done = Refund.Status.SUCCEEDED if reason == Refund.Reason.BY_HAND else Refund.Status.OWED
    return payment.refunds.create(attempt=number, amount=amount, reason=reason, idempotency_key=key, status=done)


# Sending


def send_owed(payment: Payment) -> None:
    """What cannot be sent now stays owed, and the next tick sends it."""
    for refund in payment.refunds.filter(status=Refund.Status.OWED):
        attempt(send, refund)


def send(refund: Refund) -> None:
    """Safe to repeat: within a day by the idempotency key, later because ours is looked for at Stripe first.

    Raises StripeUnavailable.
    """
    now = timezone.now()
    if refund.payment.is_disputed:
        return
    if refund.sent_at and refund.sent_at < now - KEY_LASTS and found_at_stripe(refund):
        return
    if not refund.sent_at or refund.sent_at < now - KEY_LASTS:
        Refund.objects.filter(pk=refund.pk).update(sent_at=now)
    try:
        gateway.create_refund(params_of(refund), refund.idempotency_key)
    except Refused as refused:
        record_refused(refund, refused)
    else:
        reconcile(refund.payment)


def found_at_stripe(refund: Refund) -> bool:
    reconcile(refund.payment)
    refund.refresh_from_db()
    return refund.status != Refund.Status.OWED or refund.payment.is_disputed


def params_of(refund: Refund) -> dict[str, Any]:
    """Always the same for a row; our key in the metadata is how it is recognised in Stripe's list."""
    return {
        "payment_intent": refund.payment.payment_intent_id,
        "amount": refund.amount,
        "metadata": {"refund": refund.idempotency_key},
    }


def record_refused(refund: Refund, refused: Refused) -> None:
    """A dispute freezes it, and it stays owed. Anything else is final: staff see it."""
    reconcile(refund.payment)
    if not refund.payment.is_disputed:
        failed = {"status": Refund.Status.FAILED, "failure_reason": str(refused)[:100]}
        Refund.objects.filter(pk=refund.pk, status=Refund.Status.OWED).update(**failed)


# Reading


def catch_up(payment: Payment, *, moved_on: bool) -> None:
    """Just paid: an event about a refund or a dispute may have come when its PaymentIntent was nobody's yet.

    Whatever comes from now on finds the payment. What cannot be read now is read by the next tick.
    """
    told = WebhookEvent.objects.filter(payment_intent_id=payment.payment_intent_id)
    if moved_on or told.exclude(type__startswith="checkout.session.").exists():
        attempt(reconcile, payment)
    elif Payment.objects.filter(pk=payment.pk, dispute=Payment.NOT_READ).update(dispute=""):
        payment.dispute = ""


def reconcile(payment: Payment) -> None:
    """Make our rows say what Stripe says now of this payment's money.

    What is written was read after the last writing: if somebody wrote in between, it is read again.
    Raises StripeUnavailable.
    """
    for _ in range(READINGS):
        payment.refresh_from_db()
        try:
            said = gateway.read_money(payment.payment_intent_id)
        except Refused:
            break
        if write(payment, said):
            payment.refresh_from_db()
            return
    raise StripeUnavailable


def write(payment: Payment, said: gateway.Money) -> bool:
    with transaction.atomic():
        unchanged = Payment.objects.filter(pk=payment.pk, version=payment.version)
        if not unchanged.update(version=payment.version + 1, dispute=said.dispute, **said.amounts):
            return False
        for refund in said.refunds:
            record(payment, refund)
        if said.dispute == "lost":
            owe_nothing_more(payment)
    return True


def owe_nothing_more(payment: Payment) -> None:
    """The bank has returned the money: what we still owed is settled with it."""
    settled = {"status": Refund.Status.CANCELED, "failure_reason": "dispute lost"}
    payment.refunds.filter(status=Refund.Status.OWED).update(**settled)
    Payment.objects.filter(pk=payment.pk).update(refund_due=payment.amount_captured - payment.left)


def record(payment: Payment, said: gateway.RefundAtStripe) -> None:
    ours = Q(refund_id=said.id) | Q(idempotency_key=said.key, refund_id=None)
    facts = {"status": said.status, "failure_reason": said.failure_reason, "refund_id": said.id}
    if payment.refunds.filter(ours).update(**facts):
        return
    number = payment.refunds.count() + 1
    made_there = {"attempt": number, "amount": said.amount, "reason": Refund.Reason.DASHBOARD}
    payment.refunds.create(idempotency_key=said.id, **made_there, **facts)


# What is owed


def send_all_owed(now: datetime) -> int:
    owed = Refund.objects.filter(status=Refund.Status.OWED, created_at__lte=now).select_related("payment")
    sendable = list(owed.exclude(payment__dispute__in=Payment.DISPUTE_OPEN))
    for refund in sendable:
        attempt(send, refund)
    return len(sendable)


def follow_up(now: datetime) -> int:
    """Ask about what is not read yet, refunds that are under way and disputes that are open: events may be lost."""
    unread = Q(dispute=Payment.NOT_READ)
    under_way = Q(pk__in=Refund.objects.filter(status__in=Refund.UNDER_WAY).values("payment"))
    disputed = Q(dispute__in=Payment.DISPUTE_OPEN, asked_at__lte=now - ASK_DISPUTES_AGAIN)
    claimed = [payment for payment in Payment.objects.filter(unread | under_way | disputed) if payment.claim(now)]
    for payment in claimed:
        attempt(reconcile, payment)
    return len(claimed)
