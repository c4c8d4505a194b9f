"""manage.py audit prints a line for each row that staff cannot have made at the desk. Each test plants one of them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from booking.models import Appointment, ByStaff, Change, Mail
from booking.personal_data import Person
from payments import receipts
from payments.audit_of_the_desk import CHECKS
from payments.models import Receipt
from payments.personal_data import erase
from payments.refunds import return_money
from payments.takings import take
from tests.factories import book, in_days, make_appointment, make_payment, make_provider
from tests.manage import said_by
from tests.staff import somebody

TEN_EUROS = 1000


@pytest.fixture
def provider(db):
    return make_provider()


@pytest.fixture
def grace(db):
    return somebody("Owner", name="grace")


@pytest.fixture
def kept(provider, grace):
    """An appointment that staff keep unpaid until tomorrow."""
    staff = ByStaff(grace, timezone.now() + timedelta(days=1))
    return book(provider, in_days(3, provider=provider), staff=staff)


@pytest.fixture
def past(provider):
    """An appointment of yesterday, free of charge."""
    at = in_days(-1, provider=provider)
    return make_appointment(provider=provider, at=at, status="confirmed", price=Decimal(0), email="ann@example.com")


@pytest.fixture
def paid(provider):
    row = make_appointment(provider=provider, at=in_days(4, provider=provider), status="confirmed")
    make_payment(row)
    return row


def change(appointment, **facts):
    Appointment.objects.filter(pk=appointment.pk).update(**facts)


def kept_until_after_it_begins(kept, past, paid, grace):
    after = kept.appointment_time + timedelta(minutes=1)
    change(kept, kept_until=after, hold_expires_at=after)
    return f"Appointment {kept.pk} is kept unpaid until after it begins."


def held_too_short(kept, past, paid, grace):
    change(kept, hold_expires_at=kept.kept_until - timedelta(minutes=1))
    return f"Appointment {kept.pk} is held shorter than until the deadline that staff gave."


def kept_by_nobody(kept, past, paid, grace):
    kept.changes.all().delete()
    return f"Appointment {kept.pk} has a deadline for paying that nobody of the staff gave."


def waived_and_paid_for(kept, past, paid, grace):
    Change.objects.record(paid, Change.Kind.BOOKED, grace, waived="60.00")
    return f"Appointment {paid.pk} was booked free of charge and has a price."


def let_pay_here_and_paid_online(kept, past, paid, grace):
    Change.objects.record(paid, Change.Kind.BOOKED, grace, at_practice="60.00")
    return f"Appointment {paid.pk} was booked to be paid at the practice, and something is due online."


def out_of_reach(kept, past, paid, grace):
    change(paid, client_email="")
    return f"Appointment {paid.pk} is of a client without email address and phone number."


def erased_and_still_known(kept, past, paid, grace):
    erase(Person.read(past.client_email), timezone.now())
    change(past, note="Allergic to penicillin.")
    return f"Appointment {past.pk} is erased, and something of its client is still there."


def erased_and_still_mailed(kept, past, paid, grace):
    erase(Person.read(past.client_email), timezone.now())
    mail = Mail.about(paid, Mail.Kind.CANCELLED, "1")
    mail.appointment, mail.status = past, Mail.Status.SENT
    mail.save(force_insert=True)
    return f"Appointment {past.pk} is erased, and something of its client is still there."


def erased_and_still_sent_to_stripe(kept, past, paid, grace):
    erase(Person.read(past.client_email), timezone.now())
    make_payment(past, status="expired", amount_captured=0, params={"customer_email": "jo@example.com"})
    return f"Appointment {past.pk} is erased, and something of its client is still there."


def erased_and_still_on_a_receipt(kept, past, paid, grace):
    receipt = receipts.as_it_is_now(past, [])
    receipts.give_number(receipt, timezone.now())
    erase(Person.read(past.client_email), timezone.now())
    QuerySet(Receipt).filter(pk=receipt.pk).update(client="Jo O’Neill")
    return f"Appointment {past.pk} is erased, and something of its client is still there."


def mailed_to_nobody(kept, past, paid, grace):
    mail = Mail.about(paid, Mail.Kind.CANCELLED, "1")
    mail.address = ""
    mail.save(force_insert=True)
    return f"Mail {mail.pk} is owed to a client without email address."


def no_show_before_it_began(kept, past, paid, grace):
    change(paid, no_show_at=timezone.now())
    Change.objects.record(paid, Change.Kind.NO_SHOW, grace)
    return f"Appointment {paid.pk} is a no-show, and was not confirmed or had not begun."


def no_show_by_nobody(kept, past, paid, grace):
    change(past, no_show_at=timezone.now())
    return f"Appointment {past.pk} is a no-show, or is not, otherwise than staff said last."


def no_show_that_is_lost(kept, past, paid, grace):
    past.mark_no_show(grace)
    change(past, no_show_at=None)
    return f"Appointment {past.pk} is a no-show, or is not, otherwise than staff said last."


def corrected_by_nobody(kept, past, paid, grace):
    Change.objects.record(paid, Change.Kind.CORRECTED, fields="note")
    return f"Appointment {paid.pk} has a change of staff that names nobody: corrected."


def moved_elsewhere(kept, past, paid, grace):
    paid.reschedule(in_days(5, provider=paid.provider), by=grace)
    move = paid.changes.get()
    move.facts["became"] = kept.appointment_time.isoformat()
    move.save()
    return f"Appointment {paid.pk} is not at the time to which it was moved last."


def cancelled_with_another_refund(kept, past, paid, grace):
    past.cancel(Decimal(0), by=grace)
    past.changes.update(facts={"refund": "10.00"})
    return f"Appointment {past.pk} is not cancelled with the refund that is written down."


def cancelled_and_confirmed(kept, past, paid, grace):
    past.cancel(Decimal(0), by=grace)
    change(past, status="confirmed")
    return f"Appointment {past.pk} is not cancelled with the refund that is written down."


def decided_and_not_returned(kept, past, paid, grace):
    Change.objects.record(paid, Change.Kind.RETURNED, grace, amount="10.00", reason="staff")
    return f"Appointment {paid.pk} has less returned than staff decided."


def shown_otherwise(kept, past, paid, grace):
    change(paid, returned=Decimal("10.00"))
    return f"Appointment {paid.pk} says that another amount has gone back than its payment does."


def failed_otherwise(kept, past, paid, grace):
    change(paid, failed_to_return=Decimal("10.00"))
    return f"Appointment {paid.pk} says that another amount has gone back than its payment does."


BREACHES = [
    kept_until_after_it_begins,
    held_too_short,
    kept_by_nobody,
    waived_and_paid_for,
    let_pay_here_and_paid_online,
    out_of_reach,
    erased_and_still_known,
    erased_and_still_mailed,
    erased_and_still_sent_to_stripe,
    erased_and_still_on_a_receipt,
    mailed_to_nobody,
    no_show_before_it_began,
    no_show_by_nobody,
    no_show_that_is_lost,
    corrected_by_nobody,
    moved_elsewhere,
    cancelled_with_another_refund,
    cancelled_and_confirmed,
    decided_and_not_returned,
    shown_otherwise,
    failed_otherwise,
]


@pytest.mark.parametrize("plant", BREACHES)
def test_a_planted_breach_is_the_one_line_that_comes_out(kept, past, paid, grace, plant):
    line = plant(kept, past, paid, grace)
    assert said_by("audit") == (1, [line])


def test_every_check_has_a_breach_that_it_alone_finds():
    """There are six more breaches than checks, since three checks have two breaches each, and one has four."""
    assert len(BREACHES) == len(CHECKS) + 6


def test_what_staff_do_every_day_is_not_reported(kept, past, paid, grace, provider):
    kept.keep_until(timezone.now() + timedelta(hours=2), grace)
    kept.reschedule(in_days(2, "11:00", provider=provider), by=grace)
    past.mark_no_show(grace)
    past.undo_no_show(grace)
    past.mark_no_show(grace)
    paid.correct(grace, client_email="", client_phone="+353871234567")
    paid.reschedule(in_days(6, provider=provider), by=grace)
    assert said_by("audit") == (0, ["Nothing is wrong."])


@pytest.mark.parametrize("taken", ["rest by link", "nothing"])
def test_what_staff_let_be_paid_at_the_practice_is_not_reported(provider, grace, taken):
    booked = book(provider, in_days(5, provider=provider), staff=ByStaff(grace, at_practice=True))
    if taken == "rest by link":
        change(booked, due_at_practice=Decimal(0), rest_paid_online=Decimal("60.00"))
        make_payment(booked, is_rest=True)
    assert said_by("audit") == (0, ["Nothing is wrong."])


def test_what_staff_let_be_paid_at_the_practice_is_moved_taken_receipted_and_cancelled(provider, grace):
    booked = book(provider, in_days(5, provider=provider), staff=ByStaff(grace, at_practice=True))
    booked.reschedule(in_days(6, provider=provider), by=grace)
    booked.correct(grace, note="Left knee")
    assert booked.left_at_practice == Decimal("60.00")
    take(booked, Decimal("60.00"), method="cash", taken_at=timezone.now(), by=grace)
    receipt = receipts.issue(booked)
    booked.cancel()
    booked.refresh_from_db()
    assert (receipt.decimal_total, booked.status, booked.refund_due) == (Decimal("60.00"), "cancelled", Decimal(0))
    assert said_by("audit") == (0, ["Nothing is wrong."])


def test_what_staff_let_be_paid_at_the_practice_is_not_confirmed_once_it_is_due_online(provider, grace):
    booked = book(provider, in_days(5, provider=provider), staff=ByStaff(grace, at_practice=True))
    change(booked, due_at_practice=Decimal("40.00"))
    lines = [
        f"Appointment {booked.pk} is confirmed and not paid.",
        f"Appointment {booked.pk} was booked to be paid at the practice, and something is due online.",
    ]
    assert said_by("audit") == (1, lines)


def test_new_rules_for_clocks_after_a_no_show_are_not_reported(past, grace, monkeypatch):
    past.mark_no_show(grace)
    later = past.appointment_time + timedelta(hours=1)
    monkeypatch.setattr(Appointment, "agreed_instant", later)
    past.keep_wall_time()
    assert (past.appointment_time, past.no_show_at, said_by("audit")) == (later, None, (0, ["Nothing is wrong."]))


def test_what_staff_return_by_hand_is_not_reported(paid, grace):
    return_money(paid.payments.get(), TEN_EUROS, "by hand", by=grace)
    paid.refresh_from_db()
    assert (paid.returned, said_by("audit")) == (Decimal("10.00"), (0, ["Nothing is wrong."]))


def test_what_was_cancelled_before_there_was_a_desk_is_not_reported(past):
    change(past, status="cancelled", cancelled_at=timezone.now())
    assert said_by("audit") == (0, ["Nothing is wrong."])


def test_a_dispute_that_is_lost_has_taken_all_of_the_price(paid):
    paid.payments.update(dispute="lost", charged_back=6000, taken_back=6000)
    change(paid, returned=Decimal("60.00"))
    assert said_by("audit") == (0, ["Nothing is wrong."])
