"""What the client of an appointment can pay online now: what is due before it is confirmed, or the rest, if asked for.

The rest is what is still to be paid at the practice. Once it is paid online it is due there no more, so what is due
online is always what was paid online.
"""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from booking.models import Appointment
from payments.models import Payment


class Due(NamedTuple):
    amount: Decimal
    is_rest: bool = False


def due_now(appointment: Appointment) -> Due | None:
    if appointment.is_held:
        return Due(appointment.due_online)
    if appointment.rest_is_asked_for:
        return Due(appointment.left_at_practice, is_rest=True)
    return None


def has_come(due: Due, appointment: Appointment) -> bool:
    """Whether a payment of it has come, or is on its way.

    Of the rest, what has come was taken off already, unless it is not what was asked for: then staff decide about it.
    """
    come = Q(status=Payment.Status.PAID)
    if due.is_rest:
        come &= Q(is_rest=True, problem=Payment.Problem.MISMATCH)
    return appointment.payments.filter(come | Q(status=Payment.Status.PROCESSING)).exists()


def is_wanted(payment: Payment, appointment: Appointment) -> bool:
    """Whether exactly what this payment is for is still to be paid. Otherwise its session is closed."""
    if payment.is_rest:
        return appointment.left_at_practice == payment.decimal_amount
    return appointment.is_held
