"""What the client of an appointment can pay online now: what is due before it is confirmed, or the rest, if asked for.

The rest is what is still to be paid at the practice. Once it is paid online it is due there no more, so what is due
online is always what was paid online.
"""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from booking.models import Appointment, Change
from payments.models import Payment

# By these changes staff let its client pay.
ASKED_FOR = (Change.Kind.ASKED, Change.Kind.KEPT_LONGER)


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

    What has come is taken off what is due at once, unless it is not what was asked for. Then staff decide about it: its
    client may pay anew once all of it is returned or, if no money came with it, once staff have asked for it again.
    """
    asked_again = Change.objects.filter(appointment=appointment, kind__in=ASKED_FOR, at__gt=OuterRef("paid_at"))
    come = appointment.payments.unexplained().filter(status=Payment.Status.PAID, is_rest=due.is_rest)
    return (
        come.exclude(Exists(asked_again), amount_captured=0).exists()
        or appointment.payments.filter(status=Payment.Status.PROCESSING).exists()
    )


def is_wanted(payment: Payment, appointment: Appointment) -> bool:
    """Whether exactly what this payment is for is still to be paid. Otherwise its session is closed."""
    if payment.is_rest:
        return appointment.left_at_practice == payment.decimal_amount
    return appointment.is_held
