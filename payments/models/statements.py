"""The statements about payments that are written by hand, for the reason that booking/models/statements.py gives.

A payment is read together with its appointment.
"""

from django.db import connection, transaction

from booking.models import Appointment
from booking.models.statements import Columns, change
from payments.models.payment import Payment

# A condition whose value is NULL is met by none.
PAYMENT = """
    SELECT {columns}
    FROM payments_payment AS payment
        JOIN booking_appointment AS appointment ON appointment.id = payment.appointment_id
        JOIN booking_provider AS provider ON provider.id = appointment.provider_id
    WHERE payment.id = %(payment)s OR payment.checkout_session_id = %(session)s
"""
# PostgreSQL locks in the order of this list. On SQLite the transaction has locked the whole database when it began.
LOCK = "FOR NO KEY UPDATE OF provider, appointment, payment"
COLUMNS = Columns(payment=Payment, appointment=Appointment)

UNTOUCHED = """
    UPDATE payments_payment SET dispute = ''
    WHERE id = %(payment)s AND dispute IN (%(not_read)s, '') AND NOT EXISTS (
        SELECT 1 FROM payments_webhookevent
        WHERE payment_intent_id = %(payment_intent)s AND type NOT LIKE 'checkout.session.%%'
    )
"""


def read_payments(locking: str = "", *, payment: int | None = None, session: str | None = None) -> list[Payment]:
    """Read a payment by its key, or by the id of its session: one, or none."""
    found = []
    for row in COLUMNS.read(PAYMENT + locking, payment=payment, session=session):
        one, one.appointment = COLUMNS.instances(row)
        found.append(one)
    return found


def lock_payment(payment: Payment) -> None:
    """Lock the rows of provider, appointment and payment until the transaction ends, and read the last two anew.

    Everything that concerns an appointment's money is written under this lock. The provider's row is locked first, as a
    booking does it: a late payment may take the appointment's time again.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A lock ends with its transaction, so it needs one.")
    [fresh] = read_payments(LOCK if connection.features.has_select_for_update else "", payment=payment.pk)
    vars(payment).update(vars(fresh))


def mark_untouched(payment: Payment) -> bool:
    """Mark a payment as read that was just paid, if no event about a refund or a dispute of it has come.

    Returns False if one has. This must not run in the transaction that writes the payment's `payment_intent_id`: such
    an event could come unseen until that is committed, and find no payment.
    """
    about = {"payment": payment.pk, "payment_intent": payment.payment_intent_id}
    is_untouched = bool(change(UNTOUCHED, **about, not_read=Payment.NOT_READ))
    if is_untouched:
        payment.dispute = ""
    return is_untouched
