"""What Stripe has on record, compared with our rows in both directions. Like payments/audit.py it repairs nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from payments import gateway
from payments.audit import OVERDUE
from payments.models import Payment

# How far back Stripe's records are read, unless all of them are asked for.
LOOK_BACK = timedelta(days=90)
THE_BEGINNING = datetime.fromtimestamp(0, UTC)
# A session is created at most so long after its row. Later Stripe refuses, because the session's end has passed.
OPENED_WITHIN = timedelta(days=1)


def audit_stripe(now: datetime, *, everything: bool = False) -> Iterator[str]:
    """Compare each payment with its session at Stripe, and each session there with a payment here.

    Raises StripeUnavailable.
    """
    since = THE_BEGINNING if everything else now - LOOK_BACK
    opened = Payment.objects.exclude(checkout_session_id=None).filter(created_at__gt=since - OPENED_WITHIN)
    payments = {payment.checkout_session_id: payment for payment in opened}
    for session in gateway.list_sessions(since):
        if payment := payments.pop(session.id, None):
            yield from compare(payment, session)
        elif not was_never_answered(session):
            yield f"Session {session.id} at Stripe is no payment here."
    for payment in payments.values():
        if payment.created_at > since + OVERDUE:
            yield f"Payment {payment.pk} has a session that Stripe does not list."


def was_never_answered(session: gateway.SessionAtStripe) -> bool:
    """Whether Stripe created the session and we never heard of it, because the answer was lost or a process killed.

    Its row is there and names no session. Nobody has the address of its page, so nobody can pay on it.
    """
    unanswered = Payment.objects.filter(checkout_session_id=None, appointment__reference=session.reference)
    return session.status in ("open", "expired") and unanswered.exists()


def compare(payment: Payment, session: gateway.SessionAtStripe) -> Iterator[str]:
    expected = {payment.status, "expired"} if payment.status == Payment.Status.FAILED else {payment.status}
    if session.status not in expected:
        yield f"Payment {payment.pk} is {payment.status} here and {session.status} at Stripe."
    elif session.currency != payment.currency:
        yield f"Payment {payment.pk} is in another currency at Stripe."
    elif session.money:
        yield from compare_money(payment, session.money)


def compare_money(payment: Payment, said: gateway.MoneyAtStripe) -> Iterator[str]:
    at_stripe = (said.amount_captured, said.amount_refunded)
    if (payment.amount_captured, payment.amount_refunded) != at_stripe:
        yield f"Payment {payment.pk} has other amounts than at Stripe."
    disputed = (said.disputes.status, said.disputes.charged_back, said.disputes.taken_back)
    if (payment.dispute, payment.charged_back, payment.taken_back) != disputed:
        yield f"Payment {payment.pk} has another dispute than at Stripe."
    ours = set(payment.refunds.exclude(refund_id=None).values_list("refund_id", "amount", "status"))
    if ours != {(refund.id, refund.amount, refund.status) for refund in said.refunds}:
        yield f"Payment {payment.pk} has other refunds than at Stripe."
