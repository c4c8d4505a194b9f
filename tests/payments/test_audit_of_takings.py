"""manage.py audit prints a line for each entry of money taken that cannot be. Each test plants one of them."""

from decimal import Decimal

import pytest
from django.utils import timezone

from booking.models import Appointment, Change
from payments import takings
from payments.audit_of_takings import CHECKS
from payments.models import Taking
from tests.factories import make_payment, make_provider, make_taking, to_pay_at_practice
from tests.manage import said_by
from tests.staff import somebody


@pytest.fixture
def grace(db):
    return somebody("Reception", name="grace")


@pytest.fixture
def appointment(db):
    """Of its price of €60.00, €40.00 is due at the practice. It was confirmed by a payment of the rest."""
    row = to_pay_at_practice(provider=make_provider())
    make_payment(row, amount=2000, amount_captured=2000)
    return row


@pytest.fixture
def entry(appointment, grace):
    return takings.take(appointment, Decimal("25.00"), method="cash", taken_at=timezone.now(), by=grace)


def plant(entry, amount, **facts):
    """Write an entry of which the appointment and its story know."""
    facts = {"appointment": entry.appointment, "by_name": "Grace Kelly", **facts}
    of_it = facts["appointment"].pk
    taken = sum(one.amount for one in Taking.objects.filter(appointment=of_it)) + amount
    Appointment.objects.filter(pk=of_it).update(taken_at_practice=Decimal(taken).scaleb(-2))
    in_currency = str(Decimal(abs(amount)).scaleb(-2))
    Change.objects.create(
        appointment=facts["appointment"],
        kind="taken",
        by_name="Grace Kelly",
        facts={"amount": in_currency, "method": "cash"},
        at=timezone.now(),
    )
    return make_taking(amount=amount, **facts)


def in_another_currency(entry):
    row = plant(entry, 500, currency="gbp")
    return f"Entry {row.pk} of appointment {row.appointment_id} is in another currency than its appointment."


def taken_off_an_entry_of_another_appointment(entry):
    elsewhere = to_pay_at_practice(provider=entry.appointment.provider, due="60.00", days=4)
    row = plant(entry, -500, undoes=plant(entry, 500, appointment=elsewhere))
    return f"Entry {row.pk} undoes entry {row.undoes_id}, which is no money taken for its appointment."


def counter_entry_undone(entry):
    """Which would have to add, and the database refuses that: it takes off once more."""
    other = plant(entry, 1500)
    counter = plant(entry, -1500, undoes=other)
    row = plant(entry, -1500, undoes=counter)
    return f"Entry {row.pk} undoes entry {counter.pk}, which is no money taken for its appointment."


def more_taken_off_than_taken(entry):
    other = plant(entry, 500)
    plant(entry, -300, undoes=other)
    plant(entry, -300, undoes=other)
    return f"Of entry {other.pk} of appointment {entry.appointment_id}, more was taken off again than it had added."


def taken_before_it_was_confirmed(entry):
    Appointment.objects.update(status="cancelled", confirmed_at=None)
    return f"Entry {entry.pk} is of appointment {entry.appointment_id}, which was never confirmed."


def taken_by_nobody(entry):
    row = plant(entry, 500, by_name="")
    return f"Entry {row.pk} of appointment {row.appointment_id} names nobody who took it."


def more_taken_than_entered(entry):
    Appointment.objects.update(taken_at_practice=Decimal("25.01"))
    return f"Appointment {entry.appointment_id} says that another amount was taken at the practice than its entries do."


def less_taken_than_entered(entry):
    Appointment.objects.update(taken_at_practice=0)
    return f"Appointment {entry.appointment_id} says that another amount was taken at the practice than its entries do."


def told_and_not_entered(entry):
    Change.objects.filter(kind="taken").update(facts={"amount": "24.99", "method": "cash"})
    return f"Appointment {entry.appointment_id} has other entries of money taken than its story tells of."


def entered_and_not_told(entry):
    Change.objects.filter(kind="taken").delete()
    return f"Appointment {entry.appointment_id} has other entries of money taken than its story tells of."


BREACHES = [
    in_another_currency,
    taken_off_an_entry_of_another_appointment,
    counter_entry_undone,
    more_taken_off_than_taken,
    taken_before_it_was_confirmed,
    taken_by_nobody,
    more_taken_than_entered,
    less_taken_than_entered,
    told_and_not_entered,
    entered_and_not_told,
]


@pytest.mark.parametrize("plant", BREACHES)
def test_a_planted_breach_is_the_one_line_that_comes_out(entry, plant):
    line = plant(entry)
    assert said_by("audit") == (1, [line])


def test_every_check_has_a_breach_that_it_alone_finds():
    """There are three more breaches than checks, since three checks have two breaches each."""
    assert len(BREACHES) == len(CHECKS) + 3


def test_what_is_taken_and_undone_every_day_is_not_reported(appointment, entry, grace):
    takings.take(appointment, Decimal("15.00"), method="terminal", taken_at=timezone.now(), by=grace)
    for _ in range(2):
        takings.undo(Taking.objects.get(amount=1500), Decimal("5.00"), method="cash", taken_at=timezone.now(), by=grace)
    assert said_by("audit") == (0, ["Nothing is wrong."])


def test_an_entry_that_was_deleted_in_the_database_is_found(entry):
    Taking.objects.all()._raw_delete(using="default")
    status, lines = said_by("audit")
    assert (status, len(lines)) == (1, 2)
