"""A page was left open overnight, or until its cookie was gone or the kept time was over."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Appointment
from booking.templatetags.wording import until
from tests.journeys.resilience.pressing import type_details, wake, with_javascript
from tests.steps import keep_a_time, leave_for_stripe

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

# Overnight


@pytest.fixture
def overnight():
    """Let two days pass, so that every time of a first page is over, at whatever hour a test is run."""
    with time_machine.travel(timezone.now(), tick=True) as clock:
        yield lambda: clock.shift(timedelta(days=2))


def test_yesterdays_times_give_way_to_todays(practice, visitor, overnight):
    visitor.goto("/")
    visitor.get_by_role("link", name="Consultation").click()
    expect(visitor.get_by_role("heading", name="When suits you?")).to_be_visible()
    overnight()
    visitor.locator(".next-free a").click()
    expect(visitor.get_by_role("alert")).to_contain_text("That time is in the past. Choose a later one.")
    visitor.get_by_role("alert").get_by_role("link").first.click()
    expect(visitor.get_by_role("heading", name="Your details")).to_be_visible()


def test_yesterdays_form_offers_other_times_and_keeps_what_was_typed(practice, visitor, overnight):
    type_details(visitor)
    overnight()
    visitor.get_by_role("button", name="Continue to payment").click()
    expect(visitor.get_by_role("alert")).to_contain_text("That time is in the past. Choose a later one.")
    visitor.locator("button[name=appointment_time]").first.click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    assert Appointment.objects.get().note == "Left knee"


def test_a_form_whose_cookie_is_gone_comes_back_and_works(practice, visitor):
    type_details(visitor)
    visitor.context.clear_cookies()
    visitor.get_by_role("button", name="Continue to payment").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Your browser did not send our cookie, so nothing was booked.")
    expect(visitor.get_by_label("Email address")).to_have_value("jo@example.com")
    assert {cookie["name"] for cookie in visitor.context.cookies()} == {"csrftoken", "holds"}
    visitor.get_by_role("button", name="Continue to payment").click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    assert Appointment.objects.get().note == "Left knee"


def test_paying_without_the_cookie_leads_back_to_where_one_can_pay(practice, visitor):
    keep_a_time(visitor)
    visitor.context.clear_cookies()
    visitor.get_by_role("button", name="Pay with Stripe").click()
    expect(visitor.get_by_role("heading", name="Your browser did not send our cookie")).to_be_visible()
    visitor.get_by_role("link", name="Go back to your appointment").click()
    visitor.get_by_role("link", name="Go on to pay").click()
    leave_for_stripe(visitor)


def test_the_pay_page_names_the_end_of_the_kept_time_by_the_clock(practice, visitor):
    keep_a_time(visitor)
    end = Appointment.objects.get().hold_expires_at
    expect(visitor.get_by_text("We keep this time for you until").locator("strong")).to_have_text(
        until(end, practice.zone)
    )


@with_javascript
def test_the_pay_page_tells_by_itself_when_the_kept_time_is_over(practice, visitor):
    visitor.clock.install()
    keep_a_time(visitor)
    Appointment.objects.update(hold_expires_at=timezone.now())
    visitor.clock.fast_forward("15:01")
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_focused()


@with_javascript
def test_a_pay_page_that_comes_into_view_tells_what_happened_meanwhile(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    wake(other)
    expect(other.get_by_role("heading", name="This time was given back")).to_be_visible()


@with_javascript
def test_coming_into_view_changes_nothing_that_is_still_true(practice, visitor):
    keep_a_time(visitor)
    visitor.get_by_role("button", name="Pay with Stripe").focus()
    with visitor.expect_response(re.compile("until=")) as answer:
        wake(visitor)
    assert answer.value.status == 204
    expect(visitor.get_by_role("button", name="Pay with Stripe")).to_be_focused()


@with_javascript
def test_a_hold_that_was_lengthened_in_another_tab_says_until_when(practice, visitor):
    keep_a_time(visitor)
    later = timezone.now() + timedelta(minutes=37)
    Appointment.objects.update(hold_expires_at=later)
    wake(visitor)
    expect(visitor.get_by_text("We keep this time for you until").locator("strong")).to_have_text(
        until(later, practice.zone)
    )
