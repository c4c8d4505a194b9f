"""Make our rows say what Stripe says of a payment's money: captured, refunded, disputed.

All of it is read in one answer and set, and nothing is ever added up. So refunds that were made in Stripe's dashboard
are found on the way, and it does no harm if answers arrive in another order than they were given.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from booking import money
from booking.models import Appointment, Mail
from payments import gateway
from payments.gateway import InvalidRequest, StripeUnavailable
from payments.models import Payment, Refund, WebhookEvent
from payments.turns import take_turns, try_to

# How often the money of one payment is read anew at most because somebody else wrote meanwhile.
READINGS = 5
# Refunds under way and disputes take days, and events tell of them sooner.
ASK_AGAIN_AFTER = timedelta(hours=1)


def reconcile(payment: Payment) -> None:
    """Read what Stripe says now and write it down, but only if nobody wrote since it was read; otherwise read again.

    Raises StripeUnavailable.
    """
    for _ in range(READINGS):
        payment.refresh_from_db()
        try:
            said = gateway.read_money(payment.payment_intent_id)
        except InvalidRequest:
            break
        if write_down(payment, said):
            payment.refresh_from_db()
            return
    raise StripeUnavailable


def write_down(payment: Payment, said: gateway.MoneyAtStripe) -> bool:
    """False if somebody else has written since `payment` was read from the database."""
    with transaction.atomic():
        version, payment = payment.version, payment.locked()
        if payment.version != version:
            return False
        payment.version, payment.dispute = payment.version + 1, said.dispute
        payment.amount_captured, payment.amount_refunded = said.amount_captured, said.amount_refunded
        payment.save(update_fields=["version", "dispute", "amount_captured", "amount_refunded"])
        for refund in said.refunds:
            record_refund(payment, refund)
        if said.charged_back and said.charged_back >= payment.amount_captured:
            cancel_owed_refunds(payment)
        update_appointment(payment)
    return True


def record_refund(payment: Payment, said: gateway.RefundAtStripe) -> None:
    """Find our row by Stripe's id, or by our key if we never heard the id. Without one it was made in the dashboard."""
    ours = Q(refund_id=said.id) | Q(idempotency_key=said.key, amount=said.amount, refund_id=None)
    facts = {"status": said.status, "failure_reason": said.failure_reason, "refund_id": said.id}
    if not payment.refunds.filter(ours).update(**facts):
        payment.add_refund(said.amount, Refund.Reason.DASHBOARD, idempotency_key=said.id, **facts)


def cancel_owed_refunds(payment: Payment) -> None:
    """The client won a dispute about all of the payment: the bank has returned it, and we owe nothing any more."""
    settled = {"status": Refund.Status.CANCELED, "failure_reason": "dispute lost"}
    payment.refunds.filter(status=Refund.Status.OWED).update(**settled)
    payment.refund_due = payment.amount_returning
    payment.save(update_fields=["refund_due"])


def update_appointment(payment: Payment) -> None:
    """Tell the appointment how much of its price has gone back, so that cancelling it promises no more than is left.

    A payment with a problem did not pay for it, and is only told of by mail.
    """
    owe_mails(payment)
    if not payment.problem:
        returned = payment.amount_captured if payment.dispute == "lost" else payment.amount_returning
        amount = money.from_minor_units(returned, payment.currency)
        Appointment.objects.filter(pk=payment.appointment_id).update(returned=amount)


def owe_mails(payment: Payment) -> None:
    """About each refund that arrived or failed, and about a bank that disputes or asks. Each is sent once only."""
    for refund in payment.refunds.all():
        arrived = refund.status == Refund.Status.SUCCEEDED
        if arrived or (refund.has_failed and payment.shortfall):
            kind = Mail.Kind.RETURNED if arrived else Mail.Kind.NOT_RETURNED
            facts = {"amount": money.display(refund.decimal_amount, payment.currency), "reason": refund.reason}
            Mail.objects.owe(payment.appointment, kind, f"refund {refund.pk}", **facts)
    if payment.is_disputed or payment.is_inquired:
        kind = Mail.Kind.DISPUTED if payment.is_disputed else Mail.Kind.INQUIRED
        Mail.objects.owe(payment.appointment, kind, f"payment {payment.pk}")


def catch_up(payment: Payment, *, must_read: bool) -> None:
    """Read what Stripe said of a payment's money before we knew that it is paid.

    An event about a refund or a dispute may have come when its PaymentIntent was no payment's yet. From now on an event
    finds the payment. If no such event came, and unless the caller must have it read, nothing needs to be.
    """
    events = WebhookEvent.objects.filter(payment_intent_id=payment.payment_intent_id)
    if must_read or events.exclude(type__startswith="checkout.session.").exists():
        try_to(reconcile, payment)
    elif Payment.objects.filter(pk=payment.pk, dispute=Payment.NOT_READ).update(dispute=""):
        payment.dispute = ""


def reconcile_due(now: datetime) -> int:
    """Read what was not read yet, and hourly what takes days. Returns how many payments were asked about."""
    unread = Payment.objects.filter(dispute=Payment.NOT_READ).to_ask_about(now)
    under_way = Q(pk__in=Refund.objects.filter(status__in=Refund.UNDER_WAY).values("payment"))
    at_the_bank = Q(dispute__in=Payment.DISPUTED + Payment.INQUIRED)
    slow = Payment.objects.filter(under_way | at_the_bank, asked_at__lte=now - ASK_AGAIN_AFTER)
    return take_turns(reconcile, unread) + take_turns(reconcile, slow)
