"""Who may return money returns a part of a payment or all of it, and the appointment stays as it is."""

from decimal import Decimal

import pytest

from booking.models import Appointment
from payments.models import Payment
from tests.booking.clock import NOW, dublin
from tests.factories import make_appointment, make_payment, make_taking
from tests.pages import Page
from tests.payments.standing import refunds_of
from tests.staff_pages.appointment.people import OWNER, address, opened, press, read, somebody, story, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(paid):
    return Payment.objects.get()


@pytest.fixture(autouse=True)
def no_call_to_stripe(monkeypatch):
    """What is written is sent to Stripe by the next tick."""
    monkeypatch.setattr("payments.refunds.send_refunds", lambda payment: None)


def part(payment):
    return f"refund/{payment.pk}/"


def give(browser, paid, payment, amount, *, reason="staff", seen_on=None):
    return press(browser, paid, part(payment), seen_on=seen_on, amount=amount, reason=reason)


def test_a_part_of_it_goes_back_and_the_appointment_stays(olive, paid, payment):
    page = olive.get(address(paid, part(payment)))
    assert Page(page).fields["amount"] == "60.00"
    said = words(page)
    assert "As soon as it is returned, a mail tells jo@example.com." in said
    assert "The appointment stays as it is." in said
    assert give(olive, paid, payment, "20.00").status_code == 303
    assert refunds_of(payment) == [("staff", 2000, "owed")]
    assert Appointment.objects.get().status == "confirmed"
    assert story(olive, paid)[-2:] == ["Olive Moss decided that €20.00 goes back.", "€20.00 goes back to the card."]


def test_the_second_time_the_page_says_what_went_back_before(olive, paid, payment):
    assert "The client paid €60.00. What goes to the card" in read(olive, paid, part(payment))
    give(olive, paid, payment, "10.00")
    assert "€60.00 paid, €10.00 returned, €50.00 left. What goes to the card" in read(olive, paid, part(payment))


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("staff", "€20.00 goes back to the card. It takes 5 to 10 days."),
        ("by hand", "€20.00 is written down as given back another way."),
    ],
)
def test_afterwards_the_page_says_what_becomes_of_the_amount(olive, paid, payment, reason, sentence):
    give(olive, paid, payment, "20.00", reason=reason)
    assert sentence in read(olive, paid)


@pytest.mark.parametrize(
    ("facts", "due_again"), [({"is_rest": True}, True), ({"is_rest": True, "problem": "mismatch"}, False), ({}, False)]
)
def test_only_a_rest_that_counts_is_said_to_be_due_at_the_practice_again(olive, paid, payment, facts, due_again):
    Payment.objects.update(**facts)
    assert ("is due at the practice again" in read(olive, paid, part(payment))) == due_again


def test_what_is_returned_while_the_bank_holds_the_payment_is_said_to_wait(olive, paid, payment):
    Payment.objects.update(dispute="needs_response")
    give(olive, paid, payment, "20.00")
    assert "€20.00 goes back to the card if the dispute is won. Until then it waits." in read(olive, paid)


def test_what_was_returned_otherwise_is_written_down(olive, paid, payment):
    assert give(olive, paid, payment, "20.00", reason="by hand").status_code == 303
    assert "€20.00 was returned, and not by Stripe." in story(olive, paid)


@pytest.mark.parametrize("amount", ["60.01", "0", "-1", "1.005", "all", "", "1e999999"])
def test_what_cannot_go_back_is_refused_and_stays_typed(olive, paid, payment, amount):
    refused = give(olive, paid, payment, amount)
    assert (refused.status_code, refunds_of(payment)) == (422, [])
    assert (Page(refused).fields["amount"], len(Page(refused).problem)) == (amount, 2)


@pytest.fixture
def with_cash(provider):
    """Of its price of €60.00, €20.00 was paid online, and the rest in cash."""
    due = {"due_at_practice": Decimal("40.00"), "taken_at_practice": Decimal("40.00")}
    booked = make_appointment(provider=provider, at=dublin(3, "12:00"), status="confirmed", **due)
    make_payment(booked, paid_at=NOW, amount=2000, amount_captured=2000)
    make_taking(booked, 4000)
    return booked


@pytest.mark.parametrize("amount", ["60.00", "40.00", "20.01"])
def test_what_was_paid_in_cash_does_not_go_back_through_stripe(olive, with_cash, amount):
    payment = with_cash.payments.get()
    assert Page(olive.get(address(with_cash, part(payment)))).fields["amount"] == "20.00"
    refused = give(olive, with_cash, payment, amount)
    assert (refused.status_code, refunds_of(payment)) == (422, [])
    assert Page(refused).problem[1:] == ["At most €20.00 is left to return."]
    cancelling = press(olive, with_cash, "cancel/", refund=amount)
    assert (cancelling.status_code, Page(cancelling).problem[1:]) == (422, ["That is more than is left."])
    assert "€40.00 was taken at the practice and does not go back by itself." in words(cancelling)
    assert Appointment.objects.get().status == "confirmed"


def test_the_second_who_returns_money_is_told_and_returns_none(olive, paid, payment):
    peg = somebody("Peg Ryan", OWNER)
    seen = opened(peg, paid, part(payment))
    give(olive, paid, payment, "20.00")
    refused = give(peg, paid, payment, "30.00", seen_on=seen)
    assert (refused.status_code, refunds_of(payment)) == (409, [("staff", 2000, "owed")])
    assert "Last, at 12:00: " in words(refused)
    assert (Page(refused).fields["amount"], Page(refused).fields["seen"]) == ("30.00", "1")
    assert (
        peg.post(address(paid, part(payment)), {"amount": "30.00", "reason": "staff", "seen": "1"}).status_code == 303
    )


def test_when_all_has_gone_back_there_is_no_such_page(olive, paid, payment):
    give(olive, paid, payment, "60.00")
    assert "Return money" not in read(olive, paid)
    assert olive.get(address(paid, part(payment))).status_code == 303


def test_a_payment_of_another_appointment_is_not_there(olive, provider, payment):
    other = make_appointment(provider=provider, at=dublin(3, "10:00"), status="confirmed")
    assert olive.get(address(other, part(payment))).status_code == 404
