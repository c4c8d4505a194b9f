"""A receipt says what was paid, has the next number of its year, and is corrected by another one and never changed."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.utils import timezone, translation

from booking.models import Appointment
from booking.personal_data import Person
from payments import receipts, takings
from payments.models import NeverEdited, NumberedYear, Payment, Receipt
from payments.personal_data import erase
from payments.receipts import NothingPaid, issue
from tests.factories import in_days, make_appointment, make_payment, make_provider, to_pay_at_practice
from tests.pages import words
from tests.staff import somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    return make_provider()


def paid_for(provider, day, **facts):
    row = make_appointment(provider=provider, at=in_days(day, provider=provider), status="confirmed", **facts)
    make_payment(row, paid_at=timezone.now())
    return row


@pytest.fixture
def booked(provider):
    """It costs €60.00, which was paid online."""
    return paid_for(provider, 3, client_name="Jo O’Neill", for_whom="Mia Malone")


@pytest.fixture
def at_practice(provider):
    """All of its price of €60.00 is due at the practice."""
    return to_pay_at_practice(provider=provider, due="60.00")


@pytest.fixture
def take(db):
    grace = somebody("Reception", name="grace")

    def take(appointment, amount, method="cash"):
        now = Appointment.objects.get(pk=appointment.pk)
        return takings.take(now, Decimal(amount), method=method, taken_at=timezone.now(), by=grace)

    return take


@pytest.fixture
def undo(db):
    olive = somebody("Owner", name="olive")

    def undo(entry, amount=None):
        read = type(entry).objects.get(pk=entry.pk)
        off = read.decimal_amount if amount is None else Decimal(amount)
        return takings.undo(read, off, method="cash", taken_at=timezone.now(), by=olive)

    return undo


def lines(receipt):
    """Return the kind and the amount in cents of each line, and what they add up to."""
    return [(line["kind"], line["amount"]) for line in receipt.lines], receipt.total


def numbers():
    return [one.label for one in Receipt.objects.order_by("year", "number")]


def test_it_says_what_was_paid_for_what_by_whom_and_to_whom(booked, settings):
    settings.PRACTICE_NAME = "Linden House Practice"
    settings.PRACTICE_ADDRESS, settings.TAX_LINE = "12 Linden Road, Dublin 6", "VAT number IE1234567T"
    receipt = Receipt.objects.get(pk=issue(booked).pk)
    assert (receipt.practice_name, receipt.practice_address, receipt.tax_line) == (
        "Linden House Practice",
        "12 Linden Road, Dublin 6",
        "VAT number IE1234567T",
    )
    assert (receipt.client, receipt.for_whom) == ("Jo O’Neill", "Mia Malone")
    assert (receipt.service_name, receipt.provider_name, receipt.time_zone) == (
        "Consultation",
        "Dr Ada Byrne",
        "Europe/Dublin",
    )
    assert (receipt.appointment_time, receipt.price, receipt.currency) == (booked.appointment_time, 6000, "eur")
    assert lines(receipt) == ([("online", 6000)], 6000)
    [line] = receipt.lines_in_words
    payment = Payment.objects.get()
    assert (line.amount, line.at, line.reference) == (Decimal("60.00"), payment.paid_at, payment.payment_intent_id)


def test_where_the_practice_says_nothing_of_address_and_taxes_neither_does_it(booked):
    receipt = issue(booked)
    assert (receipt.practice_address, receipt.tax_line) == ("", "")


def test_without_a_name_it_names_the_address(booked):
    booked.client_name = ""
    booked.save()
    assert issue(booked).client == "jo@example.com"


def test_it_is_in_the_language_of_the_client_and_not_in_that_of_who_presses(booked):
    booked.service_names = {"es": "Consulta"}
    booked.language = "es"
    booked.save()
    with translation.override("en-ie"):
        receipt = issue(booked)
    assert (receipt.language, receipt.service_name) == ("es", "Consulta")


@pytest.mark.parametrize("status", ["held", "expired", "cancelled"])
def test_there_is_none_before_anything_was_paid(provider, status):
    row = make_appointment(provider=provider, at=in_days(3, provider=provider), status=status)
    make_payment(row, status="expired", amount_captured=0)
    with pytest.raises(NothingPaid):
        issue(row)
    assert (numbers(), NumberedYear.objects.count()) == ([], 0)


def test_there_is_none_of_what_is_free_and_of_what_is_still_to_be_paid_at_the_practice(provider, at_practice):
    free = make_appointment(provider=provider, at=in_days(4, provider=provider), status="confirmed", price=0)
    for row in (free, at_practice):
        with pytest.raises(NothingPaid):
            issue(row)


@pytest.mark.parametrize("problem", ["time gone", "paid twice", "mismatch", "unknown"])
def test_a_payment_that_did_not_pay_the_price_is_on_no_receipt(booked, problem):
    make_payment(booked, problem=problem, paid_at=timezone.now())
    assert lines(issue(booked)) == ([("online", 6000)], 6000)


def test_what_went_back_is_taken_off_unless_it_failed(booked):
    payment = Payment.objects.get()
    facts = [(1000, "cancelled", "succeeded"), (500, "by hand", "succeeded"), (400, "staff", "owed")]
    for number, (amount, reason, status) in enumerate(facts, 1):
        payment.refunds.create(attempt=number, amount=amount, reason=reason, status=status)
    payment.refunds.create(attempt=4, amount=300, reason="staff", status="failed")
    assert lines(issue(booked)) == (
        [("online", 6000), ("refund", -1000), ("by hand", -500), ("refund", -400)],
        4100,
    )


def test_what_the_bank_took_back_is_taken_off_at_the_end(booked):
    Payment.objects.update(dispute="lost", charged_back=6000, taken_back=6000)
    Payment.objects.get().refunds.create(attempt=1, amount=1000, reason="staff", status="succeeded")
    assert lines(issue(booked)) == ([("online", 6000), ("refund", -1000), ("bank", -5000)], 0)


@pytest.mark.parametrize(("dispute", "part"), [("lost", [("bank", -1500)]), ("under_review", []), ("won", [])])
def test_of_a_dispute_about_a_part_only_that_is_taken_off(booked, dispute, part):
    held, taken = {"lost": (1500, 1500), "under_review": (1500, 0), "won": (0, 0)}[dispute]
    Payment.objects.update(dispute=dispute, charged_back=held, taken_back=taken)
    assert lines(issue(booked)) == ([("online", 6000), *part], 4500 if part else 6000)


def test_what_was_taken_at_the_practice_stands_there_part_by_part(at_practice, take):
    take(at_practice, "20.00")
    take(at_practice, "15.00", "terminal")
    take(at_practice, "25.00", "transfer")
    assert lines(issue(at_practice)) == ([("cash", 2000), ("terminal", 1500), ("transfer", 2500)], 6000)


def test_a_slip_that_was_undone_before_is_not_on_it(at_practice, take, undo):
    undo(take(at_practice, "60.00"))
    with pytest.raises(NothingPaid):
        issue(at_practice)
    take(at_practice, "6.00")
    assert lines(issue(at_practice)) == ([("cash", 600)], 600)


def test_what_is_undone_after_it_was_on_paper_is_taken_off_on_the_next_and_on_all_after_that(at_practice, take, undo):
    entry = take(at_practice, "60.00")
    issue(at_practice)
    undo(entry)
    assert lines(issue(at_practice)) == ([("cash", 6000), ("undone", -6000)], 0)
    take(at_practice, "6.00")
    assert lines(issue(at_practice)) == ([("cash", 6000), ("undone", -6000), ("cash", 600)], 600)


def test_what_was_given_back_in_part_is_on_paper_with_what_was_taken(at_practice, take, undo):
    entry = take(at_practice, "60.00")
    undo(entry, "20.00")
    assert lines(issue(at_practice)) == ([("cash", 6000), ("undone", -2000)], 4000)
    undo(entry, "40.00")
    assert lines(issue(at_practice)) == ([("cash", 6000), ("undone", -2000), ("undone", -4000)], 0)


def test_what_was_wholly_given_back_in_parts_before_any_paper_stands_on_none(at_practice, take, undo):
    entry = take(at_practice, "50.00")
    undo(entry, "20.00")
    undo(entry, "30.00")
    take(at_practice, "6.00")
    assert lines(issue(at_practice)) == ([("cash", 600)], 600)


def test_a_payment_on_paper_brings_back_no_slip_that_was_undone(provider, take, undo):
    row = to_pay_at_practice(provider=provider)
    make_payment(row, amount=2000, amount_captured=2000, paid_at=timezone.now())
    undo(take(row, "40.00"))
    assert lines(issue(row)) == ([("online", 2000)], 2000)
    take(row, "40.00")
    assert lines(issue(row)) == ([("online", 2000), ("cash", 4000)], 6000)


def test_asked_for_again_it_is_the_same_one(booked):
    first = issue(booked)
    assert (issue(booked), numbers()) == (first, [first.label])


@pytest.mark.parametrize(
    "change",
    [
        {"client_name": "Joanna O’Neill"},
        {"for_whom": ""},
        {"no_show_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"cancelled_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"provider_name": "Dr Ada Byrne-Kelly"},
        {"language": "es"},
    ],
)
def test_what_it_says_of_the_appointment_is_corrected_by_another_one(booked, change):
    first = issue(booked)
    Appointment.objects.update(**change)
    second = issue(booked)
    assert (second.corrects, second.number) == (first, first.number + 1)
    assert issue(booked) == second


def test_a_tax_line_that_was_missing_is_on_the_next(booked, settings):
    first = issue(booked)
    settings.TAX_LINE = "VAT number IE1234567T"
    second = issue(booked)
    assert (second.corrects, first.tax_line, second.tax_line) == (first, "", "VAT number IE1234567T")


def test_the_first_stays_as_it_was_when_money_went_back(booked):
    first = issue(booked)
    Payment.objects.get().refunds.create(attempt=1, amount=6000, reason="staff", status="succeeded")
    second = issue(booked)
    assert lines(Receipt.objects.get(pk=first.pk)) == ([("online", 6000)], 6000)
    assert lines(second) == ([("online", 6000), ("refund", -6000)], 0)


@pytest.mark.parametrize(
    "edit",
    [
        lambda receipt: receipt.save(),
        lambda receipt: receipt.delete(),
        lambda receipt: Receipt.objects.update(total=1),
        lambda receipt: Receipt.objects.bulk_update([receipt], ["total"]),
        lambda receipt: Receipt.objects.all().delete(),
    ],
)
def test_it_is_never_changed_or_deleted(booked, edit):
    receipt = issue(booked)
    receipt.total = 1
    with pytest.raises(NeverEdited), transaction.atomic():
        edit(receipt)
    assert Receipt.objects.get().total == 6000


def test_erasing_a_client_blanks_who_it_was_and_nothing_else(booked):
    receipt = issue(booked)
    booked.row.update(appointment_time=in_days(-1, provider=booked.provider), end=timezone.now())
    erase(Person.read("jo@example.com"), timezone.now())
    kept = Receipt.objects.get()
    assert (kept.client, kept.for_whom) == ("", "")
    facts = [field.attname for field in Receipt._meta.concrete_fields]
    changed = {fact for fact in facts if getattr(kept, fact) != getattr(receipt, fact)}
    assert changed == {"client", "for_whom", "email_hash"}


def test_a_receipt_that_is_made_after_erasing_names_nobody(booked):
    booked.row.update(appointment_time=in_days(-1, provider=booked.provider), end=timezone.now())
    erase(Person.read("jo@example.com"), timezone.now())
    made = issue(booked)
    assert [getattr(made, name) for name in Receipt.PERSONAL] == [""] * 4


@pytest.mark.parametrize("who", ["jo@example.com", "087 123 4567"])
def test_erasing_a_client_blanks_their_name_also_where_the_appointment_is_of_another_since(provider, who):
    booked = paid_for(provider, -1, client_name="Jo O’Neill", for_whom="Mia Malone", client_phone="+353871234567")
    first = issue(booked)
    known = {"client_email": "sam@example.com", "client_phone": "", "client_name": "Sam Byrne", "for_whom": ""}
    booked.correct(somebody("Reception", name="grace"), **known)
    second = issue(booked)
    erase(Person.read(who), timezone.now())
    named = Receipt.objects.order_by("pk").values_list("pk", "client", "for_whom")
    assert list(named) == [(first.pk, "", ""), (second.pk, "Sam Byrne", "")]


def test_a_corrected_address_alone_makes_no_receipt_untrue(booked):
    receipt = issue(booked)
    booked.correct(somebody("Reception", name="grace"), client_email="jo.oneill@example.com")
    assert issue(booked) == receipt


def test_those_that_are_there_already_get_the_hashes_of_what_was_not_corrected_since(provider, monkeypatch):
    grace = somebody("Reception", name="grace")
    rows = [paid_for(provider, day, client_phone="+353871234567") for day in (3, 4, 5)]
    made = [issue(row) for row in rows]
    rows[1].correct(grace, client_email="sam@example.com")
    rows[2].correct(grace, client_name="Jo O’Neill")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_receipt SET email_hash = '', number_hash = ''")
    historical = MigrationLoader(connection).project_state(("payments", "0019_whose_receipt")).apps
    migration = import_module("payments.migrations.0019_whose_receipt")
    monkeypatch.setattr(migration, "AT_ONCE", 1)
    migration.as_far_as_it_is_known(historical, None)
    hashes = (made[0].email_hash, made[0].number_hash)
    known = Receipt.objects.order_by("pk").values_list("email_hash", "number_hash")
    assert list(known) == [hashes, ("", hashes[1]), hashes]


# Numbers


def test_numbers_go_on_from_one_appointment_to_the_next(provider, booked):
    others = [paid_for(provider, day) for day in (4, 5)]
    year = timezone.now().year
    assert [issue(row).label for row in (*others, booked)] == [f"{year}-0001", f"{year}-0002", f"{year}-0003"]


def test_the_calendar_of_the_practice_says_which_year_it_is(booked, settings, time_machine):
    """In Auckland it is the new year for thirteen hours before it is one in UTC; in Honolulu for ten hours not yet."""
    time_machine.move_to(datetime(2026, 12, 31, 11, 30, tzinfo=UTC), tick=False)
    settings.TIME_ZONE = "Pacific/Auckland"
    assert issue(booked).label == "2027-0001"
    time_machine.move_to(datetime(2027, 1, 1, 9, 30, tzinfo=UTC), tick=False)
    settings.TIME_ZONE = "Pacific/Honolulu"
    Appointment.objects.update(for_whom="")
    assert issue(booked).label == "2026-0001"
    assert numbers() == ["2026-0001", "2027-0001"]


LATE = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def days_on_paper(appointment):
    said = words(Client().get(f"/payments/{appointment.reference}/receipt/"))
    return said.count("31 December 2026"), said.count("1 January 2027")


def test_one_that_is_made_keeps_its_days_when_the_practice_has_another_time_zone(booked, settings, time_machine):
    time_machine.move_to(LATE, tick=False)
    Payment.objects.update(paid_at=LATE)
    receipt = issue(booked)
    settings.TIME_ZONE = "Europe/Berlin"
    assert (receipt.practice_zone, days_on_paper(booked)) == ("Europe/Dublin", (2, 0))
    assert issue(booked) == receipt
    Appointment.objects.update(for_whom="")
    second = issue(booked)
    # The day of the one before is the one that stands on that.
    assert (second.label, days_on_paper(booked)) == ("2027-0001", (1, 2))


def test_one_of_a_release_that_copied_no_time_zone_goes_by_that_of_the_practice(booked, settings, time_machine):
    time_machine.move_to(LATE, tick=False)
    Payment.objects.update(paid_at=LATE)
    issue(booked)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_receipt SET practice_zone = ''")
    assert days_on_paper(booked) == (2, 0)
    settings.TIME_ZONE = "Europe/Berlin"
    assert days_on_paper(booked) == (0, 2)


def test_those_that_are_there_already_get_the_time_zone_of_the_site(booked, settings):
    issue(booked)
    settings.TIME_ZONE = "Europe/Lisbon"
    historical = MigrationLoader(connection).project_state(("payments", "0017_zone_of_a_receipt")).apps
    import_module("payments.migrations.0017_zone_of_a_receipt").as_it_is_now(historical, None)
    assert Receipt.objects.get().practice_zone == "Europe/Lisbon"


def test_a_number_that_came_to_nothing_is_given_to_the_next(booked, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Receipt, "save", lambda receipt: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            issue(booked)
    assert issue(booked).number == 1


def test_from_ten_thousand_on_a_number_has_a_digit_more(booked):
    NumberedYear.objects.create(year=timezone.now().year, last=9999)
    assert issue(booked).label == f"{timezone.now().year}-10000"


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_twenty_numbers_without_a_gap(provider, together):
    rows = [paid_for(provider, day) for day in range(3, 23)]
    got = together(*[lambda row=row: issue(row).number for row in rows])
    assert sorted(got) == list(range(1, 21))
    assert [one.number for one in Receipt.objects.order_by("number")] == list(range(1, 21))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_for_one_appointment_both_get_the_same_receipt(booked, meeting, together):
    meeting.at((receipts, "give_number"))
    labels = together(*[lambda: issue(booked).label] * 2)
    assert (len(set(labels)), numbers()) == (1, labels[:1])


@pytest.mark.django_db(transaction=True)
def test_who_takes_money_while_a_receipt_is_made_is_on_it_or_on_the_next(at_practice, take, meeting, together):
    take(at_practice, "20.00")
    meeting.at((receipts, "as_it_is_now"), (takings, "write_entry"))
    together(lambda: issue(at_practice).label, lambda: take(at_practice, "15.00").pk)
    assert meeting.took_place is False
    assert lines(issue(at_practice)) == ([("cash", 2000), ("cash", 1500)], 3500)


def test_the_database_refuses_a_second_receipt_of_a_number(booked, provider):
    row = paid_for(provider, 9)
    issue(booked)
    NumberedYear.objects.update(last=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        issue(row)


@pytest.mark.parametrize("corrects_the_first", [False, True])
def test_the_database_refuses_a_second_first_one_and_a_second_correction(booked, corrects_the_first):
    first = issue(booked)
    Appointment.objects.update(for_whom="")
    issue(booked)
    again = receipts.as_it_is_now(booked, [])
    again.corrects = first if corrects_the_first else None
    with pytest.raises(IntegrityError), transaction.atomic():
        receipts.give_number(again, timezone.now())
