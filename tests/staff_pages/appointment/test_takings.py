"""Staff write down money taken at the practice, and undo an entry; what is left to pay is read wherever it stands."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from booking.models import Appointment
from payments import takings
from payments.models import Taking
from tests.booking.clock import NOW, TEN, dublin
from tests.factories import make_appointment
from tests.pages import Page, page_and_htmx
from tests.staff_pages.appointment.people import (
    AT_WORK,
    RECEPTION,
    address,
    opened,
    press,
    provider_at_the_desk,
    read,
    somebody,
    story,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(provider):
    """Of its price of €60.00, €40.00 is due at the practice."""
    facts = {"status": "confirmed", "client_name": "Jo O’Neill", "due_at_practice": Decimal("40.00")}
    return make_appointment(provider=provider, at=TEN, **facts)


@pytest.fixture
def peg():
    return somebody("Peg Ryan", RECEPTION)


def take(browser, appointment, amount, *, seen_on=None, method="cash", **typed):
    known = {"day": "2026-06-01", "clock": "12:00", "method": method, **typed}
    return press(browser, appointment, "take/", seen_on=seen_on, amount=amount, **known)


def undo_of(entry):
    return f"takings/{entry.pk}/undo/"


def undo(browser, entry, *, seen_on=None, **typed):
    known = {"amount": entry.left, "day": "2026-06-01", "clock": "12:00", "method": "cash", **typed}
    return press(browser, entry.appointment, undo_of(entry), seen_on=seen_on, **known)


def chosen(page):
    """Return the radio buttons that are chosen beforehand."""
    return re.findall(r'<input type="radio" name="method" value="(\w+)"[^>]* checked', page.content.decode())


def entries():
    return list(Taking.objects.values_list("amount", "method", "by_name"))


# Taking


@page_and_htmx
def test_the_page_of_the_appointment_leads_to_a_form_with_all_that_is_left(grace, due, headers):
    page = Page(grace.get(address(due), headers=headers))
    assert page.links["Take payment"] == address(due, "take/")
    form = grace.get(address(due, "take/"), headers=headers)
    fields = Page(form).fields
    assert (fields["amount"], fields["day"], fields["clock"]) == ("40.00", "2026-06-01", "12:00")
    assert "€40.00 is to pay at the practice." in words(form)
    assert chosen(form) == []


def test_it_is_taken_in_parts_and_each_time_it_is_said_what_is_left(grace, due):
    answer = take(grace, due, "15.00")
    said = words(grace.get(answer["Location"]))
    assert (answer.status_code, answer["Location"]) == (303, address(due))
    assert "€15.00 is recorded, and €25.00 is still to pay." in said
    assert "To pay €25.00" in said
    assert "€15.00 of €40.00 is taken. €15.00 taken on Mon 1 Jun, 12:00: Cash. Recorded by Grace Kelly. Undo" in said
    assert "€25.00 is still to pay at the practice. €15.00 has been taken already." in read(grace, due, "take/")
    answer = take(grace, due, "25", method="terminal")
    said = words(grace.get(answer["Location"]))
    assert "€25.00 is recorded, and nothing is left to pay." in said
    assert ("All of €40.00 is taken." in said, "Take payment" in said, "Paid" in said) == (True, False, True)
    assert entries() == [(1500, "cash", "Grace Kelly"), (2500, "terminal", "Grace Kelly")]
    assert story(grace, due)[-2:] == [
        "Grace Kelly recorded €15.00 taken at the practice: cash.",
        "Grace Kelly recorded €25.00 taken at the practice: by card terminal.",
    ]


def test_what_came_by_transfer_days_ago_is_written_down_for_that_moment(grace, due, time_machine):
    time_machine.move_to(NOW + timedelta(days=3))
    assert take(grace, due, "40.00", method="transfer", day="2026-06-02", clock="09:30").status_code == 303
    entry = Taking.objects.get()
    assert (entry.taken_at, entry.at) == (dublin(2, "09:30"), timezone.now())
    assert "€40.00 taken on Tue 2 Jun, 09:30: Bank transfer." in read(grace, due)


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("40.01", "At most €40.00 is left to pay at the practice."),
        ("0", "Enter an amount above 0 in figures, like 20."),
        ("-1", "Enter an amount above 0 in figures, like 20."),
        ("1.005", "The currency has no such fraction: use fewer decimals."),
        ("all", "Enter an amount above 0 in figures, like 20."),
        ("", "Enter an amount above 0 in figures, like 20."),
        ("1e999999", "Enter an amount above 0 in figures, like 20."),
        ("NaN", "Enter an amount above 0 in figures, like 20."),
    ],
)
def test_an_amount_that_cannot_be_is_refused_and_stays_typed(grace, due, amount, sentence):
    refused = take(grace, due, amount)
    page = Page(refused)
    assert (refused.status_code, page.fields["amount"], entries()) == (422, amount, [])
    assert (page.links[sentence], "There is a problem" in page.problem) == ("#id_amount", True)


@pytest.mark.parametrize(
    ("typed", "sentence", "place"),
    [
        ({"method": ""}, "Choose how it was paid.", "#id_method"),
        ({"method": "shells"}, "Choose how it was paid.", "#id_method"),
        ({"clock": "12:01"}, "That is still to come. Enter when the money changed hands.", "#id_day"),
        ({"day": "2026-05-31"}, "That is too early. Enter a moment since Mon 1 Jun, 00:00.", "#id_day"),
        ({"day": "1900-01-01"}, "That is too early. Enter a moment since Mon 1 Jun, 00:00.", "#id_day"),
        ({"day": ""}, "Enter a day, like 2026-12-01.", "#id_day"),
    ],
)
def test_how_and_when_are_needed_and_cannot_be_ahead_or_before_it_was_booked(grace, due, typed, sentence, place):
    refused = take(grace, due, "40.00", **typed)
    assert (refused.status_code, Page(refused).links[sentence], entries()) == (422, place, [])


@pytest.mark.parametrize("facts", [{"due_at_practice": 0}, {"taken_at_practice": 40}, {"status": "cancelled"}])
def test_where_nothing_is_left_there_is_no_such_page(grace, due, facts):
    seen = opened(grace, due, "take/")
    Appointment.objects.update(**facts)
    assert "Take payment" not in read(grace, due)
    assert grace.get(address(due, "take/")).status_code == 303
    assert (take(grace, due, "40.00", seen_on=seen).status_code, entries()) == (409, [])


# Twice


def test_the_same_form_pressed_twice_is_recorded_once(grace, due):
    seen = opened(grace, due, "take/")
    take(grace, due, "15.00", seen_on=seen)
    again = take(grace, due, "15.00", seen_on=seen)
    said = words(again)
    assert (again.status_code, entries()) == (409, [(1500, "cash", "Grace Kelly")])
    assert "Last, at 12:00: Grace Kelly recorded €15.00 taken at the practice: cash." in said
    assert "€15.00 of €40.00 is taken." in said


def test_a_form_that_is_older_than_an_entry_that_was_undone_records_nothing(grace, due):
    seen = opened(grace, due, "take/")
    take(grace, due, "40.00", seen_on=seen)
    undo(grace, Taking.objects.get())
    assert take(grace, due, "40.00", seen_on=seen).status_code == 409
    assert [amount for amount, *_ in entries()] == [4000, -4000]


def test_the_second_of_two_reads_what_the_first_has_recorded(grace, peg, due):
    seen = opened(peg, due, "take/")
    take(grace, due, "40.00", method="terminal")
    refused = take(peg, due, "40.00", seen_on=seen)
    assert (refused.status_code, entries()) == (409, [(4000, "terminal", "Grace Kelly")])
    assert "Grace Kelly recorded €40.00 taken at the practice: by card terminal." in " ".join(Page(refused).problem)


def test_who_is_overtaken_in_the_last_moment_reads_it_as_well(grace, due, monkeypatch):
    def overtaken(appointment, *args, **how):
        raise takings.ChangedMeanwhile

    monkeypatch.setattr(takings, "take", overtaken)
    assert take(grace, due, "40.00").status_code == 409


# Undoing


def test_an_entry_is_undone_by_a_counter_entry_and_is_due_again(grace, peg, due):
    take(grace, due, "15.00", method="terminal")
    entry = Taking.objects.get()
    page = peg.get(address(due, undo_of(entry)))
    assert "€15.00 taken on Mon 1 Jun, 12:00: Card terminal. Recorded by Grace Kelly." in words(page)
    assert (Page(page).fields["amount"], chosen(page)) == ("15.00", ["terminal"])
    answer = undo(peg, entry)
    said = words(peg.get(answer["Location"]))
    assert (answer.status_code, entries()) == (303, [(1500, "terminal", "Grace Kelly"), (-1500, "cash", "Peg Ryan")])
    assert "€15.00 is recorded as taken off again, and nothing of the entry is left." in said
    assert "€15.00 taken off again on Mon 1 Jun, 12:00: Cash. Recorded by Peg Ryan." in said
    assert ("To pay €40.00" in said, "Take payment" in said) == (True, True)
    assert story(peg, due)[-1] == "Peg Ryan recorded €15.00 as taken off again at the practice: cash."


def test_a_part_of_an_entry_is_given_back_and_then_what_is_left_of_it(grace, peg, due):
    take(grace, due, "15.00", method="terminal")
    entry = Taking.objects.get()
    said = words(peg.get(undo(peg, entry, amount="5")["Location"]))
    assert "€5.00 is recorded as taken off again, and €10.00 of the entry is left." in said
    assert "€5.00 taken off again on Mon 1 Jun, 12:00: Cash. Recorded by Peg Ryan. Undo" in said
    assert ("To pay €30.00" in said, "€10.00 of €40.00 is taken." in said) == (True, True)
    page = peg.get(address(due, undo_of(entry)))
    assert (Page(page).fields["amount"], "€5.00 taken off again on Mon 1 Jun, 12:00: Cash." in words(page)) == (
        "10.00",
        True,
    )
    assert "and nothing of the entry is left." in words(peg.get(undo(peg, entry)["Location"]))
    assert [amount for amount, *_ in entries()] == [1500, -500, -1000]
    assert peg.get(address(due, undo_of(entry))).status_code == 303


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("15.01", "Only €15.00 is left of this entry."),
        ("0", "Enter an amount above 0 in figures, like 20."),
        ("1.005", "The currency has no such fraction: use fewer decimals."),
        ("", "Enter an amount above 0 in figures, like 20."),
    ],
)
def test_no_more_than_is_left_of_an_entry_is_given_back(grace, due, amount, sentence):
    take(grace, due, "15.00")
    refused = undo(grace, Taking.objects.get(), amount=amount)
    assert (refused.status_code, Page(refused).fields["amount"], len(entries())) == (422, amount, 1)
    assert Page(refused).links[sentence] == "#id_amount"


def test_an_entry_is_undone_once(grace, peg, due):
    take(grace, due, "15.00")
    entry = Taking.objects.get()
    seen = opened(peg, due, undo_of(entry))
    undo(grace, entry)
    refused = undo(peg, entry, seen_on=seen)
    assert (refused.status_code, len(entries())) == (409, 2)
    assert "Grace Kelly recorded €15.00 as taken off again" in words(refused)
    assert grace.get(address(due, undo_of(entry))).status_code == 303
    assert grace.get(address(due, undo_of(Taking.objects.last()))).status_code == 404


def test_an_entry_is_not_undone_before_the_money_was_taken(grace, due, time_machine):
    time_machine.move_to(NOW + timedelta(hours=1))
    take(grace, due, "15.00", clock="12:30")
    refused = undo(grace, Taking.objects.get(), clock="12:29")
    assert (refused.status_code, len(entries())) == (422, 1)
    assert "That is too early. Enter a moment since Mon 1 Jun, 12:30." in words(refused)


def test_a_changed_appointment_has_to_be_looked_at_before_an_entry_is_undone(grace, peg, due):
    take(grace, due, "15.00")
    entry = Taking.objects.get()
    seen = opened(peg, due, undo_of(entry))
    take(grace, due, "25.00")
    assert (undo(peg, entry, seen_on=seen).status_code, len(entries())) == (409, 2)


def test_an_entry_of_another_appointment_is_not_there(grace, due, provider):
    take(grace, due, "15.00")
    other = make_appointment(provider=provider, at=dublin(3, "10:00"), status="confirmed")
    assert grace.get(address(other, undo_of(Taking.objects.get()))).status_code == 404


# Cancelled, and who did not come


def test_cancelling_says_what_was_taken_and_that_it_does_not_go_back_by_itself(grace, due):
    take(grace, due, "15.00")
    assert "€15.00 was taken at the practice and does not go back by itself." in read(grace, due, "cancel/")


def test_what_was_taken_for_a_cancelled_one_is_shown_and_undone_and_nothing_more_is_taken(grace, due):
    take(grace, due, "15.00")
    Appointment.objects.get().cancel(Decimal(0))
    said = read(grace, due)
    assert "€15.00 of €40.00 is taken. It is cancelled. If you give it back, or a part of it, record that here." in said
    assert "Take payment" not in said
    entry = Taking.objects.get()
    assert "This cannot be taken back" in read(grace, due, undo_of(entry))
    assert undo(grace, entry, amount="7.50").status_code == 303
    assert "€7.50 of €40.00 is taken. It is cancelled. If you give it back, or a part of it, record that here." in read(
        grace, due
    )
    assert undo(grace, entry).status_code == 303
    assert "It is cancelled. If you give it back" not in read(grace, due)


def test_a_no_show_can_pay_and_stays_a_no_show(grace, due):
    Appointment.objects.update(no_show_at=NOW)
    assert "Did not come, €40.00 to pay" in read(grace, due)
    assert take(grace, due, "40.00").status_code == 303
    assert ("Did not come" in read(grace, due), "Did not come, " in read(grace, due)) == (True, False)


# Who may


def test_who_only_sees_money_sees_what_was_taken_and_changes_nothing(grace, due):
    looks = somebody("Lee Quinn", ["view_appointment", "see_every_diary", "view_payment"])
    take(grace, due, "15.00")
    said = read(looks, due)
    assert ("€15.00 taken on" in said, "Undo" in said, "Take payment" in said) == (True, False, False)
    parts = ("take/", undo_of(Taking.objects.get()))
    assert [looks.post(address(due, part)).status_code for part in parts] == [403, 403]
    assert len(entries()) == 1


def test_a_provider_reads_what_is_left_and_in_the_story_no_amount(grace, provider, due):
    take(grace, due, "15.00")
    undo(grace, Taking.objects.get())
    ada = provider_at_the_desk(provider)
    said = read(ada, due)
    assert ("To pay €40.00" in said, "Take payment" in said, "€15.00" in said) == (True, False, False)
    assert story(ada, due)[-2:] == [
        "Grace Kelly recorded money taken at the practice.",
        "Grace Kelly recorded money as taken off again at the practice.",
    ]


def test_a_provider_whom_the_practice_lets_take_money_does(provider, due):
    ada = provider_at_the_desk(provider, [*AT_WORK, "add_taking"])
    assert take(ada, due, "40.00").status_code == 303
    assert "€40.00 taken on Mon 1 Jun, 12:00: Cash. Recorded by Ada Byrne. Undo" in read(ada, due)


def test_no_entry_reaches_a_form_that_returns_money_by_stripe(olive, due):
    assert take(olive, due, "40.00").status_code == 303
    assert olive.get(address(due, "refund/1/")).status_code == 404
    assert "Return money" not in read(olive, due)


# The rest by link


def ask(browser, appointment, seen_on=None):
    return press(browser, appointment, "rest/", seen_on=seen_on)


def test_the_rest_is_asked_for_by_link_and_the_page_has_its_address_to_read_out(grace, due):
    take(grace, due, "15.00")
    assert f"{due.payment_url} Copy" not in read(grace, due)
    answer = ask(grace, due)
    said = words(grace.get(answer["Location"]))
    assert (answer.status_code, "The link is on its way." in said) == (303, True)
    assert f"{due.payment_url} Copy The client can pay the rest at this address." in said
    assert [(one.kind, one.address) for one in due.mails.all()] == [("rest link", "jo@example.com")]
    assert story(grace, due)[-2:] == [
        "Grace Kelly asked for the rest of €25.00 by link.",
        "On its way to jo@example.com: the link to pay the rest.",
    ]


def test_a_client_without_an_address_is_told_it_on_the_telephone(grace, due):
    Appointment.objects.update(client_email="", client_phone="+353871234567")
    assert "You then see the address to read out." in read(grace, due)
    said = words(grace.get(ask(grace, due)["Location"]))
    assert ("Read the address out." in said, due.mails.count()) == (True, 0)


def test_whoever_asks_after_a_colleague_has_taken_it_reads_that_instead(grace, peg, due):
    seen = opened(peg, due, "rest/")
    take(grace, due, "40.00")
    refused = ask(peg, due, seen_on=seen)
    assert (refused.status_code, due.mails.count()) == (409, 0)
    assert "Grace Kelly recorded €40.00 taken at the practice: cash." in words(refused)
    assert "Ask for the rest by link" not in read(peg, due)
