"""Reception's work on appointments, and what the owner sets up for all, with JavaScript on and off."""

from datetime import time

import pytest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import ngettext
from playwright.sync_api import expect

from booking import customs
from booking.models import Appointment, TimeOff
from booking.schedule import public_holidays
from tests.factories import in_days, make_appointment
from tests.said import said
from tests.staff import sign_in, somebody

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]

AFTERNOON = 5  # days from today


@pytest.fixture
def booked(practice):
    """Somebody who has come, or not, and has not paid what is ahead; and two on an afternoon that will be blocked."""
    known = {"client_name": "Nuala O’Neill", "email": "nuala@example.com"}
    make_appointment(provider=practice, at=in_days(-1, provider=practice), status="confirmed", **known)
    make_appointment(provider=practice, at=in_days(5, provider=practice), **known)
    for clock, name in (("14:00", "Joe Malone"), ("15:00", "Ann Walsh")):
        at = in_days(AFTERNOON, clock, provider=practice)
        make_appointment(provider=practice, at=at, status="confirmed", client_name=name)


@pytest.fixture
def reception(visitor, live_server):
    sign_in(visitor, somebody("Reception", name="grace"), live_server.url)
    visitor.goto("/staff/")
    return visitor


@pytest.fixture
def owner(visitor, live_server):
    sign_in(visitor, somebody("Owner", name="olive"), live_server.url)
    visitor.goto("/staff/")
    return visitor


def weekday(number):
    return capfirst(customs.weekday_names()[number][0])


def find(page, wanted, appointment):
    """Go from any page to that one of the client's appointments, 0 for the first on the page."""
    page.get_by_role("link", name=said("Find", context="page")).click()
    page.get_by_label(said("Name, email, phone number or reference")).fill(wanted)
    page.get_by_role("button", name=said("Find", context="button"), exact=True).click()
    page.locator(".found a").nth(appointment).click()
    expect(page.get_by_role("heading", name=said("What happened"))).to_be_visible()


def correct_the_phone_number(page):
    page.get_by_role("link", name=said("Correct the details")).click()
    page.get_by_label(said("Phone number")).fill("nothing")
    page.get_by_role("button", name=said("Save the details")).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label(said("Name"))).to_have_value("Nuala O’Neill")
    page.get_by_label(said("Phone number")).fill("087 123 4567")
    page.get_by_role("button", name=said("Save the details")).click()
    expect(page.get_by_text(said("The details are saved."))).to_be_focused()


def give_another_deadline(page, until):
    page.get_by_role("link", name=said("Another deadline")).click()
    page.get_by_label(said("Day", context="field")).fill(f"{until:%Y-%m-%d}")
    page.get_by_label(said("Time"), exact=True).fill("12:00")
    page.get_by_role("button", name=said("Save the deadline")).click()
    expect(page.get_by_text(said("The time is kept until %(moment)s."))).to_be_focused()


def mark_a_no_show_and_undo_it(page):
    page.get_by_role("button", name=said("Did not come", context="button")).click()
    expect(page.get_by_text(said("It is written down that the client did not come."))).to_be_focused()
    page.get_by_role("button", name=said("Came after all")).click()
    expect(page.get_by_text(said("It is written down that the client came."))).to_be_focused()


def block_the_afternoon(page, day):
    page.get_by_role("link", name=said("Away", context="page")).click()
    page.get_by_label(said("First day")).fill(f"{day:%Y-%m-%d}")
    page.get_by_label(said("From (optional)", context="time off")).fill("13:00")
    page.get_by_label(said("Until (optional)", context="time off")).fill("17:00")
    page.get_by_role("button", name=said("Save")).click()
    expect(page.get_by_role("alert")).to_contain_text(
        ngettext(
            "Nothing is saved yet: one appointment is booked in it.",
            "Nothing is saved yet: %(count)d appointments are booked in it.",
            2,
        )
        % {"count": 2}
    )
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("button", name=said("Save all the same")).click()
    expect(page.get_by_text(said("Saved: %(people)s, %(time)s.", people="Dr Ada Byrne"))).to_be_visible()


def move_one_and_cancel_the_other(page):
    page.get_by_role("link", name=said("Move %(client)s", client="Joe Malone")).click()
    page.locator(".times a").last.click()
    page.get_by_role("button", name=said("Move it")).click()
    expect(page.get_by_text(said("Moved to %(moment)s."))).to_be_focused()
    page.get_by_role("link", name=said("Away", context="page")).click()
    expect(page.locator(".touched .whom")).to_have_text(["Ann Walsh"])
    page.get_by_role("link", name=said("Cancel %(client)s", client="Ann Walsh")).click()
    page.get_by_role("button", name=said("Cancel the appointment")).click()
    expect(page.get_by_text(said("It is cancelled."))).to_be_focused()
    page.get_by_role("link", name=said("Away", context="page")).click()
    expect(page.get_by_role("heading", name=said("Coming time off"))).to_be_visible()
    expect(page.locator(".touched")).to_have_count(0)


def stories():
    """Who is booked with which number, and what was done about each appointment, in order."""
    return [
        (one.client_name, one.status, one.client_phone, [change.kind for change in one.changes.order_by("pk")])
        for one in Appointment.objects.order_by("pk")
    ]


def test_reception_finds_corrects_waits_longer_marks_a_no_show_and_blocks_an_afternoon(practice, booked, reception):
    find(reception, "oneill", 0)
    correct_the_phone_number(reception)
    give_another_deadline(reception, in_days(4, provider=practice))
    find(reception, "oneill", 1)
    mark_a_no_show_and_undo_it(reception)
    block_the_afternoon(reception, in_days(AFTERNOON, provider=practice))
    move_one_and_cancel_the_other(reception)
    assert stories() == [
        ("Nuala O’Neill", "confirmed", "", ["no-show", "came"]),
        ("Nuala O’Neill", "held", "+353871234567", ["corrected", "kept longer"]),
        ("Joe Malone", "confirmed", "", ["moved"]),
        ("Ann Walsh", "cancelled", "", ["cancelled"]),
    ]
    unpaid = Appointment.objects.get(status="held")
    assert unpaid.hold_expires_at == in_days(4, "12:00", provider=practice)


def test_the_owner_looks_at_new_hours_saves_them_and_adds_the_public_holidays(practice, booked, owner):
    owner.get_by_role("link", name=said("Hours", context="page"), exact=True).click()
    owner.get_by_label(weekday(0), exact=True).fill("10")
    owner.get_by_role("button", name=said("See what this changes")).click()
    expect(owner.get_by_role("alert")).to_be_focused()
    owner.get_by_label(weekday(0), exact=True).fill("10-2")
    owner.get_by_role("button", name=said("See what this changes")).click()
    expect(owner.get_by_text(said("Is this as you mean it?"))).to_be_visible()
    owner.get_by_label(weekday(0), exact=True).fill("10-14.30")
    owner.get_by_role("button", name=said("Copy Monday to all days")).click()
    expect(owner.get_by_label(weekday(6))).to_have_value("10-14.30")
    expect(owner.locator(".steps ins")).to_have_count(7)
    expect(owner.get_by_text(said("%(length)s a week.", length=customs.length(31.5, "hour")))).to_be_visible()
    expect(owner.locator(".touched").get_by_role("link", name="Ann Walsh", exact=True)).to_be_visible()
    owner.get_by_role("button", name=said("Save these hours all the same")).click()
    expect(owner.get_by_text(said("The hours are saved, and clients can choose from them at once."))).to_be_visible()
    hours = set(practice.working_hours.values_list("opens", "closes"))
    assert (practice.working_hours.count(), hours) == (7, {(time(10), time(14, 30))})

    owner.get_by_role("link", name=said("Away", context="page")).click()
    owner.get_by_role("link", name=said("Look at the public holidays")).click()
    today = timezone.localdate()
    days = len([day for year in (today.year, today.year + 1) for day in public_holidays.of_year(year) if day > today])
    owner.get_by_role("button", name=ngettext("Add this day", "Add these %(days)s days", days) % {"days": days}).click()
    expect(
        owner.get_by_text(
            ngettext("One public holiday added.", "%(days)d public holidays added.", days) % {"days": days}
        )
    ).to_be_visible()
    assert TimeOff.objects.count() == days
