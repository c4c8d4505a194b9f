"""Money that is taken at the practice: written down part by part, and undone or given back by counter-entries.

Stripe learns nothing of it; only a page of its own, on which the client could pay the rest, is closed. The sum of an
appointment's entries stands in its own row, where the database refuses a sum above what is due there.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from booking import money
from booking.models import Appointment, Change, ChangedMeanwhile
from booking.models.changes import name_of
from payments.closing import close_sessions
from payments.models import Taking
from payments.reconciliation import reckon_anew


def take(appointment: Appointment, amount: Decimal, *, method: str, taken_at: datetime, by: User) -> Taking:
    """Write down that this amount was taken for a confirmed appointment.

    Raises ChangedMeanwhile if it is not confirmed any more, or if what is due or taken is not as the caller read it.
    """
    as_read = {"status": Appointment.Status.CONFIRMED, "due_at_practice": appointment.due_at_practice}
    with transaction.atomic():
        write_sum(appointment, amount, **as_read)
        # A page on which the client could pay the rest is for more than is left by now.
        transaction.on_commit(lambda: close_sessions(appointment), robust=True)
        return write_entry(appointment, Change.Kind.TAKEN, amount, method=method, taken_at=taken_at, by=by)


def undo(taking: Taking, amount: Decimal, *, method: str, taken_at: datetime, by: User) -> Taking:
    """Write a counter-entry of so much of an entry, whatever has become of its appointment since.

    `method` and `taken_at` say how and when the money went back. Raises ChangedMeanwhile if less than that is left of
    the entry, or if what was taken is not as the caller read it.
    """
    with transaction.atomic():
        appointment, kind = taking.appointment, Change.Kind.UNDONE
        write_sum(appointment, -amount)
        # Only now, as the row of the appointment is locked, nobody else can take anything off it.
        if amount > Taking.objects.get(pk=taking.pk).left:
            raise ChangedMeanwhile
        entry = write_entry(appointment, kind, -amount, method=method, taken_at=taken_at, by=by, undoes=taking)
        # Of a rest that was paid by link, and then taken here as well, more counts again.
        reckon_anew(appointment.pk)
        return entry


def write_sum(appointment: Appointment, change: Decimal, **as_read: Any) -> None:
    """Add to the sum of what was taken, if it is as it was read. This locks the appointment's row."""
    was = appointment.taken_at_practice
    if not appointment.row.filter(taken_at_practice=was, **as_read).update(taken_at_practice=was + change):
        raise ChangedMeanwhile
    appointment.taken_at_practice = was + change


def write_entry(
    appointment: Appointment,
    kind: Change.Kind,
    amount: Decimal,
    *,
    method: str,
    taken_at: datetime,
    by: User,
    undoes: Taking | None = None,
) -> Taking:
    """Write the entry, and the change by which the appointment's story tells of it."""
    Change.objects.record(appointment, kind, by, amount=str(abs(amount)), method=method)
    return Taking.objects.create(
        appointment=appointment,
        amount=money.minor_units(amount, appointment.currency),
        currency=appointment.currency,
        method=method,
        taken_at=taken_at,
        by=by,
        by_name=name_of(by),
        undoes=undoes,
    )
