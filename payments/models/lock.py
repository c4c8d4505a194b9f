"""The lock under which everything is written that concerns an appointment's money."""

from django.db import connection, transaction

from booking.models import Appointment
from booking.models.statements import Columns
from payments.models.payment import Payment

# Written by hand, like those in booking/models/statements.py. PostgreSQL locks in the order of this list. On SQLite the
# transaction has locked the whole database when it began.
READ = """
    SELECT {columns}
    FROM payments_payment AS payment
        JOIN booking_appointment AS appointment ON appointment.id = payment.appointment_id
        JOIN booking_provider AS provider ON provider.id = appointment.provider_id
    WHERE payment.id = %(payment)s
"""
LOCK = "FOR NO KEY UPDATE OF provider, appointment, payment"
COLUMNS = Columns(payment=Payment, appointment=Appointment)


def lock_payment(payment: Payment) -> None:
    """Lock the rows of provider, appointment and payment until the transaction ends, and read the last two anew.

    The provider's is locked first, as a booking does it: a late payment may take the appointment's time again.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("The lock would end at once: it ends with the transaction.")
    locking = LOCK if connection.features.has_select_for_update else ""
    [row] = COLUMNS.read(READ + locking, payment=payment.pk)
    fresh, appointment = COLUMNS.instances(row)
    vars(payment).update(vars(fresh))
    payment.appointment = appointment
