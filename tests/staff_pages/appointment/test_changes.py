"""Staff correct the details, write down who did not come, send the link again, and give another deadline."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking.models import Appointment
from tests.booking.clock import TEN, dublin
from tests.factories import make_appointment
from tests.pages import Page
from tests.staff_pages.appointment.people import address, opened, press, read, story, words

pytestmark = pytest.mark.django_db

PHONE = "+353871234567"


def details(appointment):
    appointment.refresh_from_db()
    return appointment.client_name, appointment.client_email, appointment.client_phone, appointment.note


def correct(browser, appointment, seen_on=None, **typed):
    known = {"client_name": "Jo O’Neill", "client_email": "jo@example.com", "client_phone": "", "note": ""}
    return press(browser, appointment, "correct/", seen_on=seen_on, **{**known, "language": "en", **typed})


# The details


def test_the_details_are_there_to_be_typed_over(grace, confirmed):
    Appointment.objects.update(client_phone=PHONE, note="Left knee")
    fields = Page(grace.get(address(confirmed, "correct/"))).fields
    assert [fields[name] for name in ("client_name", "client_email", "client_phone", "note")] == [
        "Jo O’Neill",
        "jo@example.com",
        "+353 87 123 4567",
        "Left knee",
    ]


def test_the_details_are_corrected_and_it_is_told_which(grace, confirmed):
    answer = correct(grace, confirmed, client_phone="087 123 4567", note="Left knee")
    assert answer.status_code == 303
    assert details(confirmed) == ("Jo O’Neill", "jo@example.com", PHONE, "Left knee")
    assert story(grace, confirmed)[-1] == "Grace Kelly corrected the phone number and the note."


def test_who_comes_is_corrected_as_the_client_is(grace, confirmed):
    assert correct(grace, confirmed, for_whom="Mia O’Neill").status_code == 303
    assert Appointment.objects.get().for_whom == "Mia O’Neill"
    assert story(grace, confirmed)[-1] == "Grace Kelly corrected the name of who comes."


def test_nothing_corrected_is_nothing_told(grace, confirmed):
    assert correct(grace, confirmed).status_code == 303
    assert story(grace, confirmed) == ["The client booked it."]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"client_email": "jo"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jö@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": ""}, "Enter an email address or a phone number, so that the client can be reached."),
        ({"client_phone": "call me"}, "Enter a phone number, like 085 012 3456. Begin one of another country with +."),
        ({"client_name": "x" * 101}, "Enter a name of at most 100 characters."),
        ({"client_name": "Jo\u202e"}, "Remove the line breaks and control characters, and try again."),
        ({"note": "x" * 1001}, "Shorten the note to 1,000 characters or fewer."),
    ],
)
def test_what_is_wrong_is_said_and_stays_typed(grace, confirmed, typed, sentence):
    refused = correct(grace, confirmed, **typed)
    assert (refused.status_code, Page(refused).problem) == (422, ["There is a problem", sentence])
    assert {name: Page(refused).fields[name] for name in typed} == typed
    assert details(confirmed) == ("Jo O’Neill", "jo@example.com", "", "")


def test_without_an_address_a_phone_number_is_enough(grace, confirmed):
    assert correct(grace, confirmed, client_email="", client_phone="+353 87 123 4567").status_code == 303
    assert details(confirmed)[1:3] == ("", PHONE)


def test_the_second_who_corrects_is_told_and_sees_both_and_overwrites_nothing(grace, olive, confirmed):
    seen = opened(grace, confirmed, "correct/")
    correct(olive, confirmed, client_name="Joan O’Neill")
    refused = correct(grace, confirmed, seen_on=seen, note="Left knee")
    assert (refused.status_code, details(confirmed)) == (409, ("Joan O’Neill", "jo@example.com", "", ""))
    said = words(refused)
    assert "Last, at 12:00: Olive Moss corrected the name." in said
    assert ("On record at “Name”: Joan O’Neill" in said, "On record at “Note”: nothing" in said) == (True, True)
    assert Page(refused).fields["note"] == "Left knee"


def sent_by(page):
    """Return what a page sends if somebody presses its button at once."""
    return {**Page(page).fields, "language": "en"}


def test_the_second_who_corrects_something_else_undoes_nothing_of_the_first(grace, olive, confirmed):
    Appointment.objects.update(note="Left knee\nsince May", client_phone=PHONE)
    hers = {**sent_by(grace.get(address(confirmed, "correct/"))), "client_name": "Joan O’Neill"}
    hers["note"] = hers["note"].replace("\n", "\r\n")
    typed = {**sent_by(olive.get(address(confirmed, "correct/"))), "client_phone": "085 012 3456", "note": "Knee"}
    assert olive.post(address(confirmed, "correct/"), typed).status_code == 303
    refused = grace.post(address(confirmed, "correct/"), hers)
    said = words(refused)
    assert (refused.status_code, "On record at “Note”: Knee" in said) == (409, True)
    assert "On record at “Phone number”: +353 85 012 3456" in said
    again = sent_by(refused)
    assert [again[name] for name in ("client_name", "client_phone", "note")] == [
        "Joan O’Neill",
        "+353 85 012 3456",
        "Knee",
    ]
    assert grace.post(address(confirmed, "correct/"), again).status_code == 303
    assert details(confirmed) == ("Joan O’Neill", "jo@example.com", "+353850123456", "Knee")


@pytest.mark.parametrize("was", ["", "x", "[]", "7", "{", '{"note": {"a": 1}}'])
def test_a_page_that_does_not_say_what_it_was_shown_keeps_all_that_was_typed(grace, olive, confirmed, was):
    seen = opened(grace, confirmed, "correct/")
    correct(olive, confirmed, client_phone=PHONE)
    refused = correct(grace, confirmed, seen_on={**seen, "was": was}, client_name="Joan O’Neill")
    fields = Page(refused).fields
    kept = (fields["client_name"], fields["client_phone"], fields["note"])
    assert (refused.status_code, kept) == (409, ("Joan O’Neill", "", ""))


# A no-show


@pytest.fixture
def past(provider):
    return make_appointment(provider=provider, at=dublin(1, "10:00"), status="confirmed", price=0)


def test_a_no_show_is_one_press_and_its_undoing_another(grace, past):
    assert "Nothing goes back, and nobody is told. It can be undone." in read(grace, past)
    assert press(grace, past, "no-show/").status_code == 303
    assert "Did not come" in read(grace, past)
    assert press(grace, past, "no-show/", came="yes").status_code == 303
    assert "No fee" in read(grace, past)
    assert story(grace, past)[1:] == [
        "Grace Kelly wrote down that the client did not come.",
        "Grace Kelly wrote down that the client came after all.",
    ]


@pytest.mark.parametrize("typed", [{}, {"came": "yes"}], ids=["marked", "undone"])
def test_the_second_who_says_so_is_told(grace, olive, past, typed):
    if typed:
        press(olive, past, "no-show/")
    seen = opened(grace, past, "no-show/")
    press(olive, past, "no-show/", **typed)
    refused = press(grace, past, "no-show/", seen_on=seen, **typed)
    assert (refused.status_code, "Last, at 12:00: Olive Moss wrote down that" in words(refused)) == (409, True)
    assert past.changes.count() == len(typed) + 1


def test_nobody_is_a_no_show_before_it_begins(grace, confirmed):
    refused = press(grace, confirmed, "no-show/")
    confirmed.refresh_from_db()
    assert (refused.status_code, confirmed.no_show_at) == (409, None)


# The link


@pytest.mark.parametrize(
    ("facts", "button", "kind"),
    [
        (
            {"status": "confirmed"},
            (
                "Mail the client their page again The confirmation goes to jo@example.com once more, with the link to "
                "the page of this appointment."
            ),
            "confirmed",
        ),
        ({}, "Send the link to pay again A mail goes to jo@example.com.", "payment link"),
    ],
)
def test_the_link_is_sent_again(grace, provider, facts, button, kind):
    booked = make_appointment(provider=provider, at=TEN, **facts)
    said = read(grace, booked)
    assert button in said
    assert press(grace, booked, "link/").status_code == 303
    assert booked.mails.filter(kind=kind, status="owed").count() == 1
    assert "Grace Kelly mailed the client the link again." in story(grace, booked)


def test_the_link_is_sent_once_however_often_it_is_pressed(grace, olive, confirmed):
    seen = opened(grace, confirmed, "link/")
    press(olive, confirmed, "link/")
    refused = press(grace, confirmed, "link/", seen_on=seen)
    assert (refused.status_code, "Olive Moss mailed the client the link again." in words(refused)) == (409, True)
    assert confirmed.mails.filter(kind="confirmed").count() == 1


def test_no_link_is_sent_to_nobody(grace, provider):
    caller = make_appointment(provider=provider, at=TEN, status="confirmed", email="", client_phone=PHONE)
    assert press(grace, caller, "link/").status_code == 409
    assert caller.changes.count() == 0


# Another deadline


def test_another_deadline_is_given_on_the_providers_clock(grace, held):
    page = grace.get(address(held, "keep/"))
    assert "It is kept unpaid until 12:15" in words(page)
    assert (Page(page).fields["day"], Page(page).fields["clock"]) == ("2026-06-01", "12:15")
    assert press(grace, held, "keep/", day="2026-06-01", clock="18:00").status_code == 303
    held.refresh_from_db()
    assert (held.kept_until, held.hold_expires_at) == (dublin(1, "18:00"), dublin(1, "18:00"))
    said = read(grace, held)
    assert ("The time is kept until 18:00." in said, "Held until 18:00" in said) == (True, True)


@pytest.mark.parametrize(
    ("day", "clock", "sentence"),
    [
        ("2026-06-01", "11:59", "That deadline is over. Choose a later one."),
        ("1900-01-01", "10:00", "That deadline is over. Choose a later one."),
        ("2026-06-02", "10:01", "The appointment begins before that deadline. Choose an earlier one."),
        ("9999-12-31", "23:59", "The appointment begins before that deadline. Choose an earlier one."),
        ("0001-01-01", "00:00", "That deadline is over. Choose a later one."),
        ("tomorrow", "18:00", "Enter a day, like 2026-12-01."),
        ("2026-06-01", "25:00", "Enter a time, like 09:30."),
    ],
)
def test_a_deadline_that_cannot_be_met_is_refused_and_stays_typed(grace, held, day, clock, sentence):
    refused = press(grace, held, "keep/", day=day, clock=clock)
    assert (refused.status_code, Page(refused).problem) == (422, ["There is a problem", sentence])
    assert (Page(refused).fields["day"], Page(refused).fields["clock"]) == (day, clock)
    held.refresh_from_db()
    assert held.kept_until is None


def test_the_second_who_gives_a_deadline_is_told(grace, olive, held):
    seen = opened(grace, held, "keep/")
    press(olive, held, "keep/", day="2026-06-01", clock="20:00")
    refused = press(grace, held, "keep/", seen_on=seen, day="2026-06-01", clock="13:00")
    assert (refused.status_code, "Olive Moss gave until Mon 1 Jun, 20:00 to pay." in words(refused)) == (409, True)
    held.refresh_from_db()
    assert held.kept_until == dublin(1, "20:00")


@pytest.mark.parametrize("facts", [{"status": "confirmed"}, {"hold_minutes": -1}, {"hold_expires_at": None}])
def test_only_what_is_held_with_a_deadline_gets_another(grace, provider, facts):
    booked = make_appointment(provider=provider, at=TEN, **facts)
    assert grace.get(address(booked, "keep/")).status_code == 303
    tomorrow = timezone.now() + timedelta(hours=1)
    refused = press(grace, booked, "keep/", seen_on={}, day=f"{tomorrow:%Y-%m-%d}", clock="18:00")
    assert (refused.status_code, booked.changes.count()) == (409, 0)
