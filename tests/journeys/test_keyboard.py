"""A client books, pays and cancels by keyboard alone, and always sees what has the focus."""

import re

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from tests.cards import typed
from tests.factories import make_provider, make_service

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def practice(live_server):
    services = [make_service(name="Consultation", price="60.00"), make_service(name="Call", position=1)]
    make_provider(name="Dr Ada Byrne", services=services)


def skip(keys, link):
    stops = keys.go_to(link)
    keys.page.keyboard.press("Enter")
    return stops


def choose(keys):
    keys.page.goto("/")
    skip(keys, "Skip to the content")
    keys.follow("Consultation")
    keys.arrive_at("When suits you?")
    keys.follow("free times?$")
    keys.arrive_at(re.compile(r"^\w+ \d+ \w+ \d{4}$"))
    keys.follow(r"^\d\d:\d\d$")
    keys.arrive_at("Your details")


def hold(keys):
    keys.fill("Email address", "jo@example")
    keys.press("Enter")
    keys.hear("Enter an email address, like name@example.com.")
    keys.follow("Enter an email address")
    expect(keys.page.get_by_label("Email address")).to_be_focused()
    keys.page.keyboard.press("End")
    keys.page.keyboard.type(".com")
    keys.fill("Your name", "Jo Byrne")
    keys.go_to("Email address", key="Shift+Tab")
    keys.go_to("Continue to payment")
    keys.press("Space")
    keys.arrive_at("Pay to confirm")


def pay(keys):
    keys.go_to("Pay with Stripe")
    keys.press("Enter", leaves=True)
    for label, text in typed().items():
        keys.fill(label, text)
    keys.go_to("^Pay$")
    keys.press("Space", leaves=True)
    keys.arrive_at("Appointment confirmed", whole=True)


def cancel(keys):
    keys.follow("the page of your appointment")
    expect(keys.page).to_have_url(re.compile("/appointments/"))  # the page before it has the same heading
    keys.arrive_at("Appointment confirmed")
    keys.follow("Cancel this appointment")
    keys.arrive_at("Cancel this appointment?")
    keys.go_to("^Cancel")
    keys.press("Space")
    keys.arrive_at("Appointment cancelled")


def test_the_times_are_four_stops_away_however_many_days_are_free(practice, keys):
    keys.page.goto("/?provider=dr-ada-byrne&service=consultation")
    next_month = keys.page.locator("a[rel=next]").get_attribute("href")
    keys.page.goto(next_month)
    skip(keys, "Skip to the content")
    stops = skip(keys, r"^Skip to the times of \w+ \d+ \w+ \d+$")
    assert stops + keys.go_to(r"^\d\d:\d\d$") == 4
    keys.press("Enter")
    keys.arrive_at("Your details")


def test_booking_paying_and_cancelling_by_keyboard_alone(practice, keys):
    choose(keys)
    hold(keys)
    pay(keys)
    assert list(Appointment.objects.values_list("status", "client_email")) == [("confirmed", "jo@example.com")]
    cancel(keys)
    assert list(Appointment.objects.values_list("status", "client_name")) == [("cancelled", "Jo Byrne")]
