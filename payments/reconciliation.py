"""Make our rows say what Stripe says of a payment's money: captured, refunded, disputed.

All of it is read at once and replaces what we had; nothing is ever added up. So refunds that were made in Stripe's
dashboard are found on the way, and it does not matter in which order answers arrive.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from booking import money
from booking.models import Appointment, Mail
from payments import gateway
from payments.gateway import InvalidRequest, StripeUnavailable
from payments.models import Payment, Refund, lock_payment, mark_untouched
from payments.turns import take_turns, try_to

SAID_BY_STRIPE = ("amount_captured", "amount_refunded", "dispute", "charged_back", "taken_back")
# How often `reconcile` asks Stripe at most. If another process wrote meanwhile each time, the next turn will do.
READINGS = 5
# When we ask again about refunds under way and disputes. They take days, and mostly an event tells us sooner.
ASK_AGAIN_AFTER = timedelta(hours=1)


def reconcile(payment: Payment) -> None:
    """Ask Stripe about the payment's money and write down the answer.

    If another process has written since we asked, our answer may be the older one, so we ask again.
    Raises StripeUnavailable.
    """
    for _ in range(READINGS):
        payment.refresh_from_db()
        try:
            said = gateway.read_money(payment.payment_intent_id)
        except InvalidRequest:
            break
        if write_down(payment, said):
            return
    raise StripeUnavailable


def write_down(payment: Payment, said: gateway.MoneyAtStripe) -> bool:
    """Write the answer into our rows. If another process has written since `payment` was read, return False instead."""
    with transaction.atomic():
        version = payment.version
        lock_payment(payment)
        if payment.version != version:
            return False
        payment.version += 1
        payment.amount_captured, payment.amount_refunded = said.amount_captured, said.amount_refunded
        payment.dispute = said.disputes.status
        payment.charged_back, payment.taken_back = said.disputes.charged_back, said.disputes.taken_back
        payment.save(update_fields=["version", *SAID_BY_STRIPE])
        for refund in said.refunds:
            record_refund(payment, refund)
        owe_less_by_what_was_taken(payment)
        owe_mail_about_a_dispute(payment, said.disputes.count)
        update_appointment(payment)
    return True


def record_refund(payment: Payment, said: gateway.RefundAtStripe) -> None:
    """Update our row, found by Stripe's id or, if we never heard that, by our key.

    A refund without a row was made in Stripe's dashboard, and gets one.
    """
    ours = Q(refund_id=said.id) | Q(idempotency_key=said.key, amount=said.amount, refund_id=None)
    facts = {"status": said.status, "failure_reason": said.failure_reason, "refund_id": said.id}
    if not payment.refunds.filter(ours).update(**facts):
        payment.add_refund(said.amount, Refund.Reason.DASHBOARD, idempotency_key=said.id, **facts)


def owe_less_by_what_was_taken(payment: Payment) -> None:
    """What a bank has taken for good counts towards what we were to return: so much less is sent, or nothing."""
    if not payment.taken_back:
        return
    too_much = payment.amount_returning + payment.taken_back - payment.refund_due
    for owed in payment.refunds.filter(status=Refund.Status.OWED):
        if too_much >= owed.amount:
            settled = {"status": Refund.Status.CANCELED, "failure_reason": "dispute lost"}
            payment.refunds.filter(pk=owed.pk).update(**settled)
        elif too_much > 0:
            owed.start_over(owed.amount - too_much)
        too_much -= owed.amount


def update_appointment(payment: Payment) -> None:
    """Owe the mails about returned money, and write on the appointment how much of its price has gone back.

    Cancelling the appointment then promises no more than is left. A payment with a problem is left out, because it did
    not pay that price.
    """
    owe_mails(payment)
    if not payment.problem:
        reckon_anew(payment.appointment_id)


def reckon_anew(appointment_id: int) -> None:
    """Write what of the rest is paid online, what is due at the practice, and what of the price went back or failed to.

    All of it follows from the payments, and from what was taken at the practice. The caller has locked the appointment.
    """
    paid = Payment.objects.filter(appointment=appointment_id, status=Payment.Status.PAID, problem="")
    payments = list(paid.prefetch_related("refunds"))
    appointment = Appointment.objects.get(pk=appointment_id)
    rests, others = ([one for one in payments if one.is_rest == is_rest] for is_rest in (True, False))
    if rests and appointment.status == Appointment.Status.CONFIRMED:
        as_booked = appointment.price - money.from_minor_units(captured(others), appointment.currency)
        keep_of_the_rest(appointment, captured(rests) - sum(one.amount_back for one in rests), as_booked)
    due_again = captured(rests) - money.minor_units(appointment.rest_paid_online, appointment.currency)
    gone_of_rests = max(sum(one.amount_gone for one in rests) - due_again, 0)
    units = {
        "returned": sum(one.amount_gone for one in others) + gone_of_rests,
        # What of the rest is due back and failed is not paid online any more, so nothing is promised of it.
        "failed_to_return": sum(one.amount_back - one.amount_gone for one in others),
    }
    appointment.row.update(
        **{name: money.from_minor_units(amount, appointment.currency) for name, amount in units.items()}
    )


def captured(payments: Iterable[Payment]) -> int:
    return sum(payment.amount_captured for payment in payments)


def keep_of_the_rest(appointment: Appointment, units: int, was_due_there: Decimal) -> None:
    """So much of the rest stays paid online, and what went back of it is due at the practice again.

    `was_due_there` is what was due at the practice when it was booked: the price less what was paid to confirm it.
    If a bank gives back to us what has been taken at the practice meanwhile, that is not taken off: it was paid twice.
    """
    kept = money.from_minor_units(units, appointment.currency)
    appointment.rest_paid_online = min(kept, was_due_there - appointment.taken_at_practice)
    appointment.due_at_practice = was_due_there - appointment.rest_paid_online
    columns = ("rest_paid_online", "due_at_practice")
    appointment.row.update(**{column: getattr(appointment, column) for column in columns})


def owe_mails(payment: Payment) -> None:
    """Owe a mail about each refund that arrived or failed. None is owed about a failure that has been made up for."""
    for refund in payment.refunds.all():
        arrived = refund.status == Refund.Status.SUCCEEDED
        if arrived or (refund.has_failed and payment.shortfall):
            kind = Mail.Kind.RETURNED if arrived else Mail.Kind.NOT_RETURNED
            # In the language of its reader the amount is written when the mail is.
            amount = money.decimal_string(refund.decimal_amount, payment.currency)
            facts = {"amount": amount, "currency": payment.currency, "reason": refund.reason}
            Mail.objects.enqueue(payment.appointment, kind, f"refund {refund.pk}", **facts)


def owe_mail_about_a_dispute(payment: Payment, count: int) -> None:
    """Owe the practice a mail if the bank disputes or inquires: one about each of so many disputes."""
    if payment.is_disputed or payment.is_inquired:
        kind = Mail.Kind.DISPUTED if payment.is_disputed else Mail.Kind.INQUIRED
        occasion = f"payment {payment.pk}" if count == 1 else f"payment {payment.pk}, dispute {count}"
        Mail.objects.enqueue(payment.appointment, kind, occasion)


def catch_up(payment: Payment, *, must_read: bool) -> None:
    """Find out what happened to the money before we knew that the session is paid.

    Until then an event about a refund or a dispute found no payment, and nothing was done about it. If no such event
    came, Stripe need not be asked, unless the caller knows that it must be.
    """
    if must_read or not mark_untouched(payment):
        try_to(reconcile, payment)


def reconcile_due(now: datetime) -> int:
    """Reconcile what was just paid, and hourly what takes days. Returns how many payments that were."""
    unread = Payment.objects.with_dispute(Payment.NOT_READ).to_ask_about(now)
    under_way = Refund.objects.not_succeeded(*Refund.UNDER_WAY).values("payment")
    returning = Payment.objects.filter(pk__in=under_way, asked_at__lte=now - ASK_AGAIN_AFTER)
    at_the_bank = Payment.objects.with_dispute(*Payment.DISPUTED, *Payment.INQUIRED)
    at_the_bank = at_the_bank.filter(asked_at__lte=now - ASK_AGAIN_AFTER)
    return sum(take_turns(reconcile, due) for due in (unread, returning, at_the_bank))
