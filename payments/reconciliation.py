"""Money back: written down as owed in the transaction that decides it, sent once, and then what Stripe says it is.

A refund is a row for each attempt. What Stripe says of all refunds of a payment is read as a whole and set, so nothing
is ever added up, and refunds made at Stripe itself are found on the way.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from booking import money
from booking.models import Appointment, Mail
from payments import gateway
from payments.gateway import NotPermitted, Refused, SavedFailure, StripeUnavailable
from payments.models import Payment, Refund, WebhookEvent, new_refund_key
from payments.turns import attempt, see_to

# Stripe keeps an idempotency key for 24 hours at least; after that a repeat would be a second refund.
KEY_LASTS = timedelta(hours=23)
READINGS = 5
ASK_SLOW_ONES_AGAIN = timedelta(hours=1)


class MoreThanIsLeft(Exception):
    """Of what was paid, less than that has not gone back yet."""


class ReturnedMeanwhile(Exception):
    """Somebody returned money since the page was shown, perhaps the same person by pressing twice."""


# Owing


def on_cancelled(appointment: Appointment, **kwargs: Any) -> None:
    """Runs in the transaction that cancels, which holds the appointment's row: both are written, or neither is."""
    due = money.minor_units(appointment.refund_due, appointment.currency)
    paid = appointment.payments.filter(status=Payment.Status.PAID, problem="")
    for payment in paid if due else []:
        owe(payment, min(due, payment.left), Refund.Reason.CANCELLED)
        transaction.on_commit(partial(send_at_once, payment), robust=True)


def decide(payment: Payment, amount: int, reason: str = Refund.Reason.STAFF, *, seen: int | None = None) -> None:
    """Staff return `amount`, in minor units; at once if Stripe answers, by the next tick if not.

    `seen` is how many attempts they saw when they decided, where they were shown any.
    Raises MoreThanIsLeft or ReturnedMeanwhile.
    """
    with transaction.atomic():
        payment = lock(payment)
        if seen is not None and seen != payment.refunds.count():
            raise ReturnedMeanwhile
        owe(payment, amount, reason)
    send_at_once(payment)


def lock(payment: Payment) -> Payment:
    """All that is written of an appointment's money is written under the lock of its row."""
    Appointment.objects.select_for_update(of=["self"]).get(pk=payment.appointment_id)
    return Payment.objects.get(pk=payment.pk)


def owe(payment: Payment, amount: int, reason: str) -> None:
    """The caller's transaction holds the appointment's row, so two who return the last of it cannot both do so."""
    if amount > payment.left:
        raise MoreThanIsLeft
    if amount:
        by_hand = reason == Refund.Reason.BY_HAND
        add(payment, amount, reason, status=Refund.Status.SUCCEEDED if by_hand else Refund.Status.OWED)
        tell(payment)


def add(payment: Payment, amount: int, reason: str, **facts: str) -> None:
    raise_debt(payment, amount, reason)
    payment.refunds.create(attempt=payment.refunds.count() + 1, amount=amount, reason=reason, **facts)


def raise_debt(payment: Payment, amount: int, reason: str) -> None:
    """A rule adds to what is due back. What a person returns first makes good what failed, and never lowers it."""
    by_rule = reason in Refund.AUTOMATIC
    due = payment.refund_due + amount if by_rule else max(payment.refund_due, payment.going_back + amount)
    payment.refund_due = min(due, payment.amount_captured)
    payment.save(update_fields=["refund_due"])


def tell(payment: Payment) -> None:
    """The appointment that it paid for learns what has gone back, since cancelling it returns no more than is left."""
    mail(payment)
    if not payment.problem:
        returned = payment.amount_captured if payment.dispute == "lost" else payment.going_back
        amount = money.from_minor_units(returned, payment.currency)
        Appointment.objects.filter(pk=payment.appointment_id).update(returned=amount)


def mail(payment: Payment) -> None:
    """What has arrived, what could not be returned, and a bank that asks or disputes: each once, however often."""
    for refund in payment.refunds.all():
        arrived = refund.status == Refund.Status.SUCCEEDED
        if arrived or (refund.is_lost and payment.missing):
            kind = Mail.Kind.RETURNED if arrived else Mail.Kind.NOT_RETURNED
            facts = {"amount": money.display(refund.decimal_amount, payment.currency), "reason": refund.reason}
            Mail.objects.owe(payment.appointment, kind, f"refund {refund.pk}", **facts)
    if payment.is_disputed or payment.is_inquired:
        kind = Mail.Kind.DISPUTED if payment.is_disputed else Mail.Kind.INQUIRED
        Mail.objects.owe(payment.appointment, kind, f"payment {payment.pk}")


# Sending


@gateway.within(gateway.A_MOMENT)
def send_at_once(payment: Payment) -> None:
    """Somebody waits who cancelled it, or decided."""
    send_owed(payment)


def send_owed(payment: Payment) -> None:
    """What cannot be sent now stays owed, and the next tick sends it."""
    for refund in payment.refunds.filter(status=Refund.Status.OWED):
        attempt(send, refund)


def send(refund: Refund) -> None:
    """Safe to repeat: within a day by the idempotency key, later because ours is looked for at Stripe first.

    Raises StripeUnavailable.
    """
    if refund.payment.is_frozen:
        return
    try:
        find_or_send(refund)
    except NotPermitted as problem:
        # Staff read it beside the refund, on the page of its payment.
        owed = Refund.objects.filter(pk=refund.pk, status=Refund.Status.OWED)
        owed.update(failure_reason=problem.reason[:100])
        raise


def find_or_send(refund: Refund) -> None:
    now = timezone.now()
    if refund.sent_at and refund.sent_at < now - KEY_LASTS and found_at_stripe(refund):
        return
    if not refund.sent_at or refund.sent_at < now - KEY_LASTS:
        Refund.objects.filter(pk=refund.pk).update(sent_at=now)
    try:
        gateway.create_refund(params_of(refund), refund.idempotency_key)
    except Refused as refused:
        record_refused(refund, refused)
    except SavedFailure:
        look_for_it_and_begin_again(refund)
    else:
        reconcile(refund.payment)


def found_at_stripe(refund: Refund) -> bool:
    reconcile(refund.payment)
    refund.refresh_from_db()
    return refund.status != Refund.Status.OWED or refund.payment.is_frozen


def params_of(refund: Refund) -> dict[str, Any]:
    """Always the same for a row; our key in the metadata is how it is recognised in Stripe's list."""
    return {
        "payment_intent": refund.payment.payment_intent_id,
        "amount": refund.amount,
        "metadata": {"refund": refund.idempotency_key},
    }


def record_refused(refund: Refund, refused: Refused) -> None:
    """A dispute freezes it; of what a rule owes, the part that went back another way is done. Else staff see it."""
    reconcile(refund.payment)
    with transaction.atomic():
        payment = lock(refund.payment)
        for owed in still_owed(payment, refund, refund.idempotency_key):
            act_on_refusal(payment, owed, refused)
            tell(payment)


def still_owed(payment: Payment, refund: Refund, key: str) -> QuerySet[Refund]:
    """Under another key by now, somebody else's call is under way, and an answer to this one says nothing of it."""
    return payment.refunds.filter(pk=refund.pk, status=Refund.Status.OWED, idempotency_key=key)


def act_on_refusal(payment: Payment, owed: Refund, refused: Refused) -> None:
    left = payment.left + owed.amount
    if payment.is_frozen:
        begin_again(owed, owed.amount)
    elif owed.reason in Refund.AUTOMATIC and 0 < left < owed.amount:
        begin_again(owed, left)
    else:
        owed.status, owed.failure_reason = Refund.Status.FAILED, str(refused)[:100]
        owed.save(update_fields=["status", "failure_reason"])


def look_for_it_and_begin_again(refund: Refund) -> None:
    """Stripe failed, perhaps after the money was sent: only what is not found there is sent once more, by a tick."""
    failed_key = refund.idempotency_key
    if not found_at_stripe(refund):
        with transaction.atomic():
            for owed in still_owed(lock(refund.payment), refund, failed_key):
                begin_again(owed, owed.amount)


def begin_again(refund: Refund, amount: int) -> None:
    """Nothing was made, but the key would have that answer repeated for a day."""
    refund.amount, refund.idempotency_key, refund.sent_at = amount, new_refund_key(), None
    refund.save(update_fields=["amount", "idempotency_key", "sent_at"])


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
        asked_with, payment = payment.version, lock(payment)
        if payment.version != asked_with:
            return False
        payment.version, payment.dispute = payment.version + 1, said.dispute
        payment.amount_captured, payment.amount_refunded = said.amount_captured, said.amount_refunded
        payment.save(update_fields=["version", "dispute", "amount_captured", "amount_refunded"])
        for refund in said.refunds:
            record(payment, refund)
        if said.charged_back and said.charged_back >= payment.amount_captured:
            owe_nothing_more(payment)
        tell(payment)
    return True


def owe_nothing_more(payment: Payment) -> None:
    """The bank has returned the money: what we still owed is settled with it."""
    settled = {"status": Refund.Status.CANCELED, "failure_reason": "dispute lost"}
    payment.refunds.filter(status=Refund.Status.OWED).update(**settled)
    payment.refund_due = payment.going_back
    payment.save(update_fields=["refund_due"])


def record(payment: Payment, said: gateway.RefundAtStripe) -> None:
    ours = Q(refund_id=said.id) | Q(idempotency_key=said.key, amount=said.amount, refund_id=None)
    facts = {"status": said.status, "failure_reason": said.failure_reason, "refund_id": said.id}
    if payment.refunds.filter(ours).update(**facts):
        return
    add(payment, said.amount, Refund.Reason.DASHBOARD, idempotency_key=said.id, **facts)


# What is owed


def send_all_owed(now: datetime) -> int:
    return see_to(send_owed, Payment.objects.with_refunds_to_send().with_their_turn(now))


def follow_up(now: datetime) -> int:
    """Ask about what is not read yet; refunds that are under way and disputes take days, and events tell us sooner."""
    unread = Payment.objects.filter(dispute=Payment.NOT_READ).with_their_turn(now)
    under_way = Q(pk__in=Refund.objects.filter(status__in=Refund.UNDER_WAY).values("payment"))
    at_the_bank = Q(dispute__in=Payment.DISPUTED + Payment.INQUIRED)
    slow = Payment.objects.filter(under_way | at_the_bank, asked_at__lte=now - ASK_SLOW_ONES_AGAIN)
    return see_to(reconcile, unread) + see_to(reconcile, slow)
