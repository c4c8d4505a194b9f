"""manage.py audit prints a line for each receipt that cannot be. Each test plants one of them."""

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from booking.models import Appointment
from payments.audit_of_receipts import CHECKS
from payments.models import NumberedYear, Payment, Receipt
from payments.receipts import issue
from tests.factories import in_days, make_appointment, make_payment, make_provider
from tests.manage import said_by


@pytest.fixture
def provider(db):
    return make_provider()


@pytest.fixture
def receipts(provider):
    """Three receipts of two appointments: the third corrects the first."""
    rows = [
        make_appointment(provider=provider, at=in_days(day, provider=provider), status="confirmed", for_whom="Mia")
        for day in (3, 4)
    ]
    for row in rows:
        make_payment(row, paid_at=timezone.now())
    made = [issue(row) for row in rows]
    Appointment.objects.filter(pk=rows[0].pk).update(for_whom="")
    return [*made, issue(rows[0])]


def edit(receipt, **facts):
    """Write in the row as somebody does in the database, where the model cannot refuse it."""
    QuerySet(Receipt).filter(pk=receipt.pk).update(**facts)


def not_numbered_as_they_were():
    return f"Receipts of {timezone.now().year} are not those that were numbered from 1 to 3."


def gap_in_the_middle(receipts):
    Receipt.objects.filter(pk=receipts[1].pk)._raw_delete(using="default")
    return not_numbered_as_they_were()


def last_one_gone(receipts):
    Receipt.objects.filter(pk=receipts[2].pk)._raw_delete(using="default")
    return not_numbered_as_they_were()


def number_that_was_never_given_out(receipts):
    edit(receipts[2], number=4)
    return not_numbered_as_they_were()


def year_without_its_row(receipts):
    edit(receipts[2], year=1999, number=1)
    NumberedYear.objects.update(last=2)
    return "Receipts of 1999 are not those that were numbered from 1 to 0."


def another_sum(receipts):
    edit(receipts[1], total=5999)
    return f"Receipt {receipts[1].label} has another sum than its lines."


def another_line(receipts):
    edit(receipts[1], lines=[{**receipts[1].lines[0], "amount": 1}])
    return f"Receipt {receipts[1].label} has another sum than its lines."


def corrects_one_of_another_appointment(receipts):
    edit(receipts[2], corrects=receipts[1])
    return f"Receipt {receipts[2].label} corrects {receipts[1].label}, which is no earlier one of its appointment."


BREACHES = [
    gap_in_the_middle,
    last_one_gone,
    number_that_was_never_given_out,
    year_without_its_row,
    another_sum,
    another_line,
    corrects_one_of_another_appointment,
]


@pytest.mark.parametrize("plant", BREACHES)
def test_a_planted_breach_is_the_one_line_that_comes_out(receipts, plant):
    line = plant(receipts)
    assert said_by("audit") == (1, [line])


def test_every_check_has_a_breach_that_it_alone_finds():
    """There are four more breaches than checks: numbers have four, and sums two."""
    assert len(BREACHES) == len(CHECKS) + 4


def test_a_receipt_that_is_older_than_what_is_paid_now_is_not_reported(receipts):
    payment = Payment.objects.get(appointment=receipts[1].appointment)
    payment.refunds.create(attempt=1, amount=6000, reason="by hand", status="succeeded")
    Payment.objects.filter(pk=payment.pk).update(refund_due=6000)
    Appointment.objects.filter(pk=payment.appointment_id).update(returned=60)
    assert said_by("audit") == (0, ["Nothing is wrong."])


def test_years_are_numbered_each_by_itself(receipts):
    NumberedYear.objects.create(year=2020, last=1)
    assert said_by("audit") == (1, ["Receipts of 2020 are not those that were numbered from 1 to 1."])
