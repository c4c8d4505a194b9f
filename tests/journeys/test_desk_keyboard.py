"""Somebody at the desk books a caller into a gap of the day, and then cancels that, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from tests.factories import in_days, make_appointment, make_service
from tests.staff import sign_in, somebody

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

ON_A_DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def reception(practice, keys, live_server):
    practice.services.set([make_service(name="Check-up", price="40.00")])
    # Its ring has to be seen as well, on the way to the gap behind it.
    make_appointment(provider=practice, at=in_days(3, "09:00", provider=practice), status="confirmed", price=0)
    sign_in(keys.page, somebody("Reception", name="grace"), live_server.url)
    return keys


def open_the_day(keys, day):
    keys.page.goto(f"/staff/?day={day:%Y-%m-%d}")
    keys.go_to("Skip to the content")
    keys.page.keyboard.press("Enter")


def book_a_caller(keys):
    keys.follow("\nFree$")
    keys.arrive_at("who calls?")
    keys.fill("^Name", "Zoë O’Neill")
    keys.press("Enter")
    keys.hear("Enter a phone number or an email address")
    keys.follow("Enter a phone number or an email address")
    expect(keys.page.get_by_label("Phone number")).to_be_focused()
    keys.page.keyboard.type("087 123 4567")
    keys.go_to("^Book this time")
    keys.press("Space")
    keys.arrive_at("Booked for Zoë O’Neill")


def cancel(keys):
    keys.follow("Look at the appointment")
    keys.arrive_at("Zoë O’Neill")
    keys.follow("^Cancel$")
    keys.arrive_at("Cancel this appointment?")
    keys.go_to("^Cancel the appointment")
    keys.go_to("Keep the appointment", key="Shift+Tab")
    keys.go_to("^Cancel the appointment")
    keys.press("Space")


@pytest.mark.parametrize("device", [ON_A_DESK])
def test_a_caller_is_booked_from_a_gap_and_cancelled_by_keyboard_alone(practice, reception):
    open_the_day(reception, in_days(3, provider=practice))
    book_a_caller(reception)
    facts = Appointment.objects.filter(client_name__gt="").values_list("status", "client_name", "client_phone")
    assert list(facts) == [("held", "Zoë O’Neill", "+353871234567")]
    cancel(reception)
    reception.be_told("The time is given back.")
    assert list(facts.all()) == [("cancelled", "Zoë O’Neill", "+353871234567")]
