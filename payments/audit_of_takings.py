"""What must always be true of money that is taken at the practice.

Like payments/audit.py, from which these checks are called, it repairs nothing. That no appointment says that more was
taken than is due, or less than nothing, is refused by the database itself: so what is compared is what it says with
its entries, and these with what is written down of who took them.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q, Sum

from booking import money
from booking.models import Appointment, Change
from payments.models import Taking

Kind = Change.Kind


def in_another_currency(now: datetime) -> Iterator[str]:
    for taking in Taking.objects.exclude(currency=F("appointment__currency")):
        yield f"Entry {taking.pk} of appointment {taking.appointment_id} is in another currency than its appointment."


def taken_off_elsewhere(now: datetime) -> Iterator[str]:
    """A counter-entry is of an entry of the same appointment, and of no counter-entry."""
    the_same = Q(currency=F("undoes__currency"), appointment=F("undoes__appointment"), undoes__undoes=None)
    for counter in Taking.objects.exclude(undoes=None).exclude(the_same):
        yield f"Entry {counter.pk} undoes entry {counter.undoes_id}, which is no money taken for its appointment."


def more_taken_off_than_taken(now: datetime) -> Iterator[str]:
    entries = Taking.objects.filter(undoes=None).annotate(counted=Sum("counter_entries__amount"))
    for entry in entries.filter(counted__lt=-F("amount")):
        yield f"Of entry {entry.pk} of appointment {entry.appointment_id}, more was taken off again than it had added."


def taken_before_it_was_confirmed(now: datetime) -> Iterator[str]:
    for taking in Taking.objects.filter(appointment__confirmed_at=None):
        yield f"Entry {taking.pk} is of appointment {taking.appointment_id}, which was never confirmed."


def taken_by_nobody(now: datetime) -> Iterator[str]:
    for taking in Taking.objects.filter(by_name=""):
        yield f"Entry {taking.pk} of appointment {taking.appointment_id} names nobody who took it."


def sums_otherwise_than_entries(now: datetime) -> Iterator[str]:
    """What is left to pay is reckoned from what the appointment says was taken."""
    taken = sums_of_entries()
    said = Appointment.objects.filter(Q(pk__in=Taking.objects.values("appointment")) | Q(taken_at_practice__gt=0))
    for pk, amount, currency in said.order_by("pk").values_list("pk", "taken_at_practice", "currency").iterator():
        if money.minor_units(amount, currency) != taken[pk]:
            yield f"Appointment {pk} says that another amount was taken at the practice than its entries do."


def told_otherwise_than_entries(now: datetime) -> Iterator[str]:
    """Each entry has a change that tells of it, so neither can be edited or deleted alone."""
    told, taken = defaultdict[int, int](int), sums_of_entries(absolute=True)
    changes = Change.objects.filter(kind__in=[Kind.TAKEN, Kind.UNDONE])
    for appointment, facts, currency in changes.values_list("appointment", "facts", "appointment__currency").iterator():
        told[appointment] += money.minor_units(Decimal(facts["amount"]), currency)
    for pk in sorted({*told, *taken}):
        if told[pk] != taken[pk]:
            yield f"Appointment {pk} has other entries of money taken than its story tells of."


def sums_of_entries(*, absolute: bool = False) -> dict[int, int]:
    """What the entries of each appointment add up to, with counter-entries taken off, or counted as well."""
    sums = defaultdict[int, int](int)
    for appointment, amount in Taking.objects.values_list("appointment", "amount").iterator():
        sums[appointment] += abs(amount) if absolute else amount
    return sums


CHECKS = (
    in_another_currency,
    taken_off_elsewhere,
    more_taken_off_than_taken,
    taken_before_it_was_confirmed,
    taken_by_nobody,
    sums_otherwise_than_entries,
    told_otherwise_than_entries,
)
