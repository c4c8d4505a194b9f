"""Money taken at the practice is written down in parts, never more than is due, and counter-entries take it off."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from booking.models import Appointment, Change, ChangedMeanwhile
from payments import takings
from payments.models import NeverEdited, Taking
from tests.factories import make_provider, make_taking, to_pay_at_practice
from tests.meeting import answer_of

pytestmark = pytest.mark.django_db

STATUSES = ["held", "cancelled", "expired"]


@pytest.fixture
def grace():
    return User.objects.create(username="grace", first_name="Grace", last_name="Kelly")


@pytest.fixture
def appointment():
    """Of its price of €60.00, €40.00 is due at the practice."""
    return to_pay_at_practice(provider=make_provider())


@pytest.fixture
def take(appointment, grace):
    """Take some of it, as somebody does who has read the appointment just now."""

    def take(amount, **facts):
        known = {"method": "cash", "taken_at": timezone.now(), "by": grace, **facts}
        return takings.take(Appointment.objects.get(pk=appointment.pk), Decimal(amount), **known)

    return take


@pytest.fixture
def undo(grace):
    """Take some of an entry off again, or all of it, as somebody does who has read the appointment just now."""

    def undo(taking, amount=None, **facts):
        read = Taking.objects.get(pk=taking.pk)
        known = {"method": "cash", "taken_at": timezone.now(), "by": grace, **facts}
        return takings.undo(read, read.decimal_amount if amount is None else Decimal(amount), **known)

    return undo


def sums():
    """Return what the appointment says was taken, what is left, and what its entries add up to in cents."""
    row = Appointment.objects.get()
    return str(row.taken_at_practice), str(row.left_at_practice), sum(one.amount for one in Taking.objects.all())


def changes():
    return [(change.kind, change.by_name, change.facts) for change in Change.objects.all()]


def test_it_is_taken_part_by_part_until_nothing_is_left(take):
    take("15.00")
    assert (sums(), Appointment.objects.get().standing) == (("15.00", "25.00", 1500), "to-pay")
    take("25.00", method="terminal")
    assert (sums(), Appointment.objects.get().standing) == (("40.00", "0.00", 4000), "paid")
    assert changes() == [
        ("taken", "Grace Kelly", {"amount": "15.00", "method": "cash"}),
        ("taken", "Grace Kelly", {"amount": "25.00", "method": "terminal"}),
    ]


def test_an_entry_says_what_was_taken_how_when_and_by_whom(take, grace):
    yesterday = timezone.now() - timedelta(days=1)
    take("15.00", method="transfer", taken_at=yesterday)
    facts = Taking.objects.values_list("amount", "currency", "method", "taken_at", "by", "by_name").get()
    assert facts == (1500, "eur", "transfer", yesterday, grace.pk, "Grace Kelly")


def test_what_is_undone_has_a_counter_entry_and_is_due_again(take, undo):
    entry = take("15.00", method="terminal")
    undo(entry)
    assert sums() == ("0.00", "40.00", 0)
    rows = Taking.objects.values_list("amount", "method", "undoes")
    assert list(rows) == [(1500, "terminal", None), (-1500, "cash", entry.pk)]
    assert changes()[1:] == [("undone", "Grace Kelly", {"amount": "15.00", "method": "cash"})]


def test_an_entry_is_undone_once_even_if_as_much_was_taken_again(take, undo):
    entry = take("15.00")
    undo(entry)
    take("15.00")
    with pytest.raises(ChangedMeanwhile):
        undo(entry)
    assert sums() == ("15.00", "25.00", 1500)


def test_an_entry_is_given_back_in_parts_until_nothing_is_left_of_it(take, undo):
    entry = take("15.00", method="terminal")
    take("20.00")
    undo(entry, "5.00")
    undo(entry, "7.00", method="transfer")
    assert (sums(), str(entry.left)) == (("23.00", "17.00", 2300), "3.00")
    with pytest.raises(ChangedMeanwhile):
        undo(entry, "3.01")
    undo(entry, "3.00")
    assert (sums(), str(entry.left)) == (("20.00", "20.00", 2000), "0.00")
    rows = Taking.objects.filter(undoes=entry).values_list("amount", "method")
    assert list(rows) == [(-500, "cash"), (-700, "transfer"), (-300, "cash")]
    assert [facts["amount"] for _, _, facts in changes()] == ["15.00", "20.00", "5.00", "7.00", "3.00"]


@pytest.mark.parametrize("status", STATUSES)
def test_nothing_is_taken_for_what_is_not_confirmed(take, appointment, status):
    Appointment.objects.update(status=status)
    with pytest.raises(ChangedMeanwhile):
        take("15.00")
    assert (sums(), changes()) == (("0.00", "0", 0), [])


def test_what_was_taken_for_a_cancelled_appointment_can_be_given_back_in_part_and_wholly(take, undo):
    entry = take("15.00")
    Appointment.objects.get().cancel(Decimal(0))
    undo(entry, "7.50")
    assert sums() == ("7.50", "0", 750)
    undo(entry, "7.50")
    assert sums() == ("0.00", "0", 0)


def test_a_no_show_can_still_pay(take):
    Appointment.objects.update(no_show_at=timezone.now())
    take("40.00")
    assert (sums(), Appointment.objects.get().standing) == (("40.00", "0.00", 4000), "no-show")


@pytest.mark.parametrize("change", [{"taken_at_practice": 10}, {"due_at_practice": 50}])
def test_whoever_read_another_sum_takes_nothing(appointment, grace, change):
    Appointment.objects.update(**change)
    with pytest.raises(ChangedMeanwhile):
        takings.take(appointment, Decimal(10), method="cash", taken_at=timezone.now(), by=grace)
    assert (Taking.objects.count(), Change.objects.count()) == (0, 0)


@pytest.mark.parametrize("amount", ["40.01", "-0.01"])
def test_the_database_refuses_more_than_is_due_and_less_than_nothing(appointment, take, amount):
    with pytest.raises(IntegrityError, match="booking_appointment_taken_at_practice"), transaction.atomic():
        take(amount)
    assert (sums(), changes()) == (("0.00", "40.00", 0), [])


@pytest.mark.parametrize("facts", [{"amount": 0}, {"amount": -1}, {"amount": 1, "counters": True}])
def test_the_database_refuses_an_entry_of_nothing_and_a_counter_entry_that_adds(appointment, facts):
    entry = make_taking(appointment)
    undoes = entry if facts.pop("counters", False) else None
    with pytest.raises(IntegrityError, match="payments_taking_or_counter_entry"), transaction.atomic():
        make_taking(appointment, undoes=undoes, **facts)


@pytest.mark.parametrize(
    "edit",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: Taking.objects.update(amount=1),
        lambda entry: Taking.objects.bulk_update([entry], ["amount"]),
        lambda entry: Taking.objects.all().delete(),
    ],
)
def test_an_entry_is_never_edited_or_deleted(take, edit):
    entry = take("15.00")
    entry.amount = 1
    with pytest.raises(NeverEdited), transaction.atomic():
        edit(entry)
    assert sums() == ("15.00", "25.00", 1500)


def test_a_login_that_is_deleted_leaves_its_name_in_the_entry(take, grace):
    take("15.00")
    grace.delete()
    assert Taking.objects.values_list("by", "by_name").get() == (None, "Grace Kelly")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_rest_at_once_one_does(appointment, take, meeting, together):
    meeting.at((takings, "write_sum"))
    answers = together(*[answer_of(lambda: take("40.00").amount, ChangedMeanwhile)] * 2)
    assert (sorted(map(str, answers)), sums()) == (["4000", "ChangedMeanwhile"], ("40.00", "0.00", 4000))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_an_entry_at_once_one_does(take, undo, meeting, together):
    take("20.00")
    entry = take("20.00")
    meeting.at((takings, "write_sum"))
    answers = together(*[answer_of(lambda: undo(entry).amount, ChangedMeanwhile)] * 2)
    assert (sorted(map(str, answers)), sums()) == (["-2000", "ChangedMeanwhile"], ("20.00", "20.00", 2000))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_back_the_greater_part_at_once_one_does(take, undo, meeting, together):
    take("20.00")
    entry = take("20.00")
    meeting.at((takings, "write_sum"))
    answers = together(*[answer_of(lambda: undo(entry, "11.00").amount, ChangedMeanwhile)] * 2)
    assert (sorted(map(str, answers)), sums()) == (["-1100", "ChangedMeanwhile"], ("29.00", "11.00", 2900))


@pytest.mark.django_db(transaction=True)
def test_who_takes_and_who_cancels_at_once_agree_on_what_was_taken(appointment, take, meeting, together):
    """Either the entry is there before it is cancelled, or nothing is taken."""
    meeting.at((takings, "write_sum"), (Appointment, "_give_back"))
    took, _ = together(
        answer_of(lambda: str(take("40.00").decimal_amount), ChangedMeanwhile), lambda: appointment.cancel(Decimal(0))
    )
    expected = {"40.00": ("40.00", "0", 4000), "ChangedMeanwhile": ("0.00", "0", 0)}[took]
    assert (Appointment.objects.get().status, sums()) == ("cancelled", expected)
