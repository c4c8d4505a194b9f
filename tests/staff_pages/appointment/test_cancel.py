"""Staff cancel an appointment: who may return money decides what goes back, others give what was promised."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from booking.models import Appointment
from payments.models import Payment
from tests.booking.clock import TEN, dublin
from tests.booking.waiting import wait
from tests.factories import make_appointment
from tests.pages import Page
from tests.staff_pages.appointment.people import address, opened, press, provider_at_the_desk, read, story, words

pytestmark = pytest.mark.django_db


def standing(appointment):
    appointment.refresh_from_db()
    return appointment.status, appointment.refund_due


def test_the_owner_decides_what_goes_back_and_what_was_promised_is_preset(olive, paid):
    page = olive.get(address(paid, "cancel/"))
    said = words(page)
    assert "The cancellation terms promise €30.00 to a client who cancels now." in said
    assert ("Not gone back yet: €60.00." in said, "A mail tells jo@example.com." in said) == (True, True)
    assert Page(page).fields["refund"] == "30.00"
    answer = press(olive, paid, "cancel/", refund="45.00")
    assert (answer.status_code, answer["Location"]) == (303, address(paid))
    assert standing(paid) == ("cancelled", Decimal("45.00"))
    assert "It is cancelled." in read(olive, paid)
    assert "Olive Moss cancelled it, and €45.00 goes back." in story(olive, paid)


def test_reception_gives_what_was_promised_and_reads_it_first(grace, paid):
    page = grace.get(address(paid, "cancel/"))
    assert ("€30.00 goes back to the card" in words(page), "Goes back" in words(page)) == (True, False)
    assert press(grace, paid, "cancel/").status_code == 303
    assert standing(paid) == ("cancelled", Decimal("30.00"))


def test_reception_reads_who_can_give_back_all_if_it_is_the_practice_that_cancels(grace, olive, paid):
    said = "If the practice cancels, and not the client: whoever decides on money can give all of it back."
    assert [said in read(browser, paid, "cancel/") for browser in (grace, olive)] == [True, False]
    paid.row.update(cancellation_policy="1h 100%")
    assert said not in read(grace, paid, "cancel/")


def test_whoever_cancels_reads_until_when_how_much_would_come_back(grace, olive, paid):
    expected = "The cancellation terms Until Monday 1 June 2026, 22:00 €30.00 50% After that nothing"
    assert [expected in read(browser, paid, "cancel/") for browser in (grace, olive)] == [True, True]


def moved_far_ahead(appointment, by):
    appointment.reschedule(dublin(30, "10:00"), by=User.objects.get(username=by))
    return appointment


@pytest.mark.parametrize(
    ("at", "words_of_it", "refund"),
    [
        (TEN, "€30.00 goes back to the card", "30.00"),
        (dublin(1, "23:00"), "Nothing goes back", "0.00"),
        (TEN.replace(month=5), "Nothing goes back", "0.00"),
    ],
    ids=["tomorrow", "today", "over for a month"],
)
def test_reception_returns_no_more_than_was_promised_by_moving_it_first(grace, provider, at, words_of_it, refund):
    booked = make_appointment(provider=provider, at=at, status="confirmed", confirmed_at=at - timedelta(days=60))
    said = read(grace, moved_far_ahead(booked, "grace"), "cancel/")
    why = "as was promised before staff moved it. Whoever decides on money can give back more."
    assert (words_of_it in said, why in said) == (True, True)
    assert press(grace, booked, "cancel/", refund="60.00").status_code == 409
    assert press(grace, booked, "cancel/").status_code == 303
    assert standing(booked) == ("cancelled", Decimal(refund))


def test_whoever_of_the_staff_moved_it_and_however_often(grace, olive, paid):
    paid.reschedule(dublin(1, "22:00"), by=User.objects.get(username="olive"))
    moved_far_ahead(paid, "grace")
    assert press(grace, paid, "cancel/").status_code == 303
    assert standing(paid) == ("cancelled", Decimal(0))


def test_who_decides_on_money_is_preset_what_is_promised_after_a_move_too(olive, paid):
    page = olive.get(address(moved_far_ahead(paid, "olive"), "cancel/"))
    assert "The cancellation terms promise €60.00 to a client who cancels now." in words(page)
    assert Page(page).fields["refund"] == "60.00"


def test_the_client_keeps_the_terms_of_the_time_to_which_staff_moved_it(grace, paid):
    moved_far_ahead(paid, "grace").cancel()
    assert standing(paid) == ("cancelled", Decimal("60.00"))


def test_what_its_client_moved_or_paid_after_the_move_goes_back_by_the_terms_of_its_time(grace, provider, time_machine):
    held = make_appointment(provider=provider, at=TEN)
    moved_far_ahead(held, "grace")
    time_machine.shift(timedelta(minutes=1))
    held.confirm()
    held.reschedule(dublin(29, "10:00"))
    assert press(grace, held, "cancel/").status_code == 303
    assert standing(held) == ("cancelled", Decimal("60.00"))


def test_it_says_before_the_press_that_who_waits_for_such_a_time_is_told(grace, paid, provider):
    assert "such a time" not in read(grace, paid, "cancel/")
    wait(provider)
    assert "1 person who waits for such a time is told that it is free." in read(grace, paid, "cancel/")
    wait(provider, email="ann@example.com")
    assert "2 people who wait for such a time are told in turn that it is free." in read(grace, paid, "cancel/")


@pytest.mark.parametrize("moves", [1, 10])
def test_the_page_costs_the_same_however_often_it_was_moved(grace, paid, moves, django_assert_num_queries):
    for _ in range(moves):
        moved_far_ahead(paid, "grace")
        wait(paid.provider, day=29, until=dublin(30, "23:00"))
    with django_assert_num_queries(12):
        grace.get(address(paid, "cancel/"))


@pytest.mark.parametrize("refund", ["60.00", "0", "", "all"])
def test_reception_gives_nothing_else_whatever_is_sent(grace, paid, refund):
    refused = press(grace, paid, "cancel/", refund=refund)
    assert (refused.status_code, standing(paid)) == (409, ("confirmed", Decimal(0)))
    assert "What goes back is not what this page said: see what it is now, and press again." in words(refused)
    assert Page(refused).fields["refund"] == "30.00"


@pytest.mark.parametrize(
    ("refund", "sentence"),
    [
        ("60.01", "That is more than is left."),
        ("-1", "Ensure this value is greater than or equal to 0."),
        ("1.005", "EUR has no such fraction: use fewer decimals."),
        ("all", "Enter a number."),
        ("", "This field is required."),
    ],
)
def test_what_cannot_go_back_is_answered_by_a_sentence_and_is_still_there(olive, paid, refund, sentence):
    refused = press(olive, paid, "cancel/", refund=refund)
    assert (refused.status_code, standing(paid)) == (422, ("confirmed", Decimal(0)))
    assert (Page(refused).problem[1:], Page(refused).fields["refund"]) == ([sentence], refund)


def test_reception_is_shown_what_changed_while_the_page_was_open(grace, paid, time_machine):
    seen = opened(grace, paid, "cancel/")
    time_machine.shift(timedelta(hours=11, minutes=59))
    refused = press(grace, paid, "cancel/", seen_on=seen)
    assert (refused.status_code, "Nothing goes back" in words(refused)) == (409, True)
    assert standing(paid) == ("confirmed", Decimal(0))


def test_what_is_not_paid_is_cancelled_and_nobody_is_mailed(grace, held):
    said = read(grace, held, "cancel/")
    assert "Nothing was paid, so nothing goes back." in said
    assert "No mail goes out: tell the client yourself." in said
    assert press(grace, held, "cancel/").status_code == 303
    assert (standing(held), held.mails.count()) == (("cancelled", Decimal(0)), 0)


def test_while_a_payment_is_on_its_way_it_is_not_said_that_nothing_was_paid(grace, on_its_way):
    said = read(grace, on_its_way, "cancel/")
    assert "A payment is on its way. If it comes after all, all of it goes back by itself." in said
    assert "Nothing was paid" not in said
    assert press(grace, on_its_way, "cancel/").status_code == 303


def test_what_is_free_of_charge_is_cancelled(grace, confirmed):
    assert "Nothing was paid, so nothing goes back." in read(grace, confirmed, "cancel/")
    assert press(grace, confirmed, "cancel/").status_code == 303
    assert standing(confirmed) == ("cancelled", Decimal(0))


def test_what_has_begun_is_cancelled_as_well(olive, provider):
    past = make_appointment(provider=provider, at=dublin(1, "09:00"), status="confirmed")
    assert "promise nothing to a client who cancels now" in read(olive, past, "cancel/")
    assert press(olive, past, "cancel/", refund="60.00").status_code == 303
    assert standing(past) == ("cancelled", Decimal("60.00"))


def test_of_two_who_cancel_the_second_is_told_by_whom_it_was(grace, olive, paid):
    seen = opened(grace, paid, "cancel/")
    press(olive, paid, "cancel/", refund="60.00")
    refused = press(grace, paid, "cancel/", seen_on=seen)
    assert (refused.status_code, standing(paid)) == (409, ("cancelled", Decimal("60.00")))
    assert "Last, at 12:00: " in words(refused)
    assert "Olive Moss cancelled it, and €60.00 goes back." in story(grace, paid)


def test_of_two_who_cancel_at_the_same_moment_the_second_is_told_as_well(grace, olive, paid, monkeypatch):
    seen = opened(olive, paid, "cancel/")

    def as_seen_and_then_cancelled_by_another(request, appointment):
        Appointment.objects.get(pk=paid.pk).cancel(Decimal("10.00"))
        return True

    monkeypatch.setattr("staff.pages.cancel.is_as_seen", as_seen_and_then_cancelled_by_another)
    refused = press(olive, paid, "cancel/", seen_on=seen, refund="60.00")
    assert (refused.status_code, standing(paid)) == (409, ("cancelled", Decimal("10.00")))
    assert "The client cancelled it, and €10.00 goes back." in words(refused)


def test_what_was_moved_meanwhile_is_not_cancelled_before_that_is_read(grace, olive, paid):
    seen = opened(olive, paid, "cancel/")
    paid.reschedule(dublin(4, "10:00"), by=None if paid.is_movable else olive_herself())
    refused = press(olive, paid, "cancel/", seen_on=seen, refund="10.00")
    assert (refused.status_code, standing(paid)) == (409, ("confirmed", Decimal(0)))
    assert "moved it from Tue 2 Jun, 10:00 to Thu 4 Jun, 10:00." in words(refused)
    assert Page(refused).fields["refund"] == "10.00"


def olive_herself():
    from django.contrib.auth.models import User

    return User.objects.get(username="olive")


def test_money_that_went_back_meanwhile_is_told_first(olive, paid):
    seen = opened(olive, paid, "cancel/")
    Appointment.objects.update(returned=Decimal("20.00"))
    assert press(olive, paid, "cancel/", seen_on=seen, refund="60.00").status_code == 409
    assert standing(paid) == ("confirmed", Decimal(0))


def test_a_hold_that_is_paid_before_the_press_is_not_cancelled(grace, held):
    seen = opened(grace, held, "cancel/")
    held.confirm()
    refused = press(grace, held, "cancel/", seen_on=seen)
    assert (refused.status_code, "It was confirmed." in words(refused), standing(held)[0]) == (409, True, "confirmed")


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_what_is_over_has_no_such_page(grace, provider, status):
    over = make_appointment(provider=provider, at=dublin(2, "12:00"), status=status)
    assert grace.get(address(over, "cancel/")).status_code == 303
    refused = grace.post(address(over, "cancel/"))
    assert (refused.status_code, "Nothing was changed now" in words(refused)) == (409, True)


def test_what_the_bank_has_is_said_first(olive, paid):
    Payment.objects.update(dispute="needs_response")
    assert "The client’s bank disputes this payment and has taken the money." in read(olive, paid, "cancel/")


def test_who_sees_no_money_reads_what_cancelling_gives_back_and_nothing_of_the_payment(paid, provider):
    Payment.objects.update(dispute="needs_response")
    said = read(provider_at_the_desk(provider), paid, "cancel/")
    assert ("€30.00 goes back to the card" in said, "disputes this payment" in said) == (True, False)
