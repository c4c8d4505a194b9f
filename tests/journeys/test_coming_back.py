"""A client goes back, reloads, leaves Stripe unpaid or opens a second tab, with JavaScript on and off."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from payments.models import Payment
from tests.steps import choose_a_time, hold, keep_a_time, leave_for_stripe

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]


def test_back_at_the_details_of_a_time_that_is_kept_offers_to_go_on_paying(practice, visitor):
    choose_a_time(visitor)
    details = visitor.url
    visitor.get_by_label("Your name").fill("Jo Byrne")
    hold(visitor)
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="You are keeping this time")).to_be_visible()
    expect(visitor.get_by_role("button", name="Continue to payment")).to_have_count(0)
    visitor.get_by_role("link", name="Go on to pay").click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    visitor.goto(details)
    visitor.get_by_text("Change your details").click()
    expect(visitor.get_by_label("Your name")).to_have_value("Jo Byrne")
    visitor.get_by_label("Email address").fill("jo.byrne@example.com")
    visitor.get_by_role("button", name="Save these details").click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    held = Appointment.objects.filter(status="held").values_list("client_name", "client_email")
    assert list(held) == [("Jo Byrne", "jo.byrne@example.com")]


def test_back_from_stripe_the_pay_button_works_again(practice, visitor):
    keep_a_time(visitor)
    leave_for_stripe(visitor)
    first = Payment.objects.get().checkout_session_id
    visitor.go_back()
    expect(visitor.get_by_role("button", name="Pay with Stripe")).to_be_enabled()
    leave_for_stripe(visitor)
    assert Payment.objects.get().checkout_session_id == first


def test_leaving_stripe_unpaid_offers_to_give_the_time_back(practice, visitor):
    keep_a_time(visitor)
    leave_for_stripe(visitor)
    visitor.get_by_role("link", name="Back").click()
    expect(visitor.get_by_text("You came back from the payment page.")).to_be_visible()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    assert (Appointment.objects.get().status, Payment.objects.get().status) == ("cancelled", "expired")


def test_back_and_reload_do_what_a_person_expects(practice, visitor):
    choose_a_time(visitor)
    details = visitor.url
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="When suits you?")).to_be_visible()
    expect(visitor.locator("header.site")).to_have_count(1)
    visitor.reload()
    expect(visitor.get_by_role("heading", name="When suits you?")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="What would you like to book?")).to_be_visible()
    visitor.go_forward()
    expect(visitor.get_by_role("heading", name="When suits you?")).to_be_visible()
    visitor.go_forward()
    expect(visitor.get_by_label("Email address")).to_be_visible()
    assert visitor.url == details


def test_an_error_leaves_no_trace_in_the_history(practice, visitor, javascript):
    choose_a_time(visitor)
    visitor.get_by_role("button", name="Continue to payment").click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    visitor.go_back()
    if not javascript:
        visitor.go_back()
    expect(visitor.get_by_role("heading", name="When suits you?")).to_be_visible()


def test_two_tabs_hold_one_time_once(practice, visitor):
    choose_a_time(visitor)
    second = visitor.context.new_page()
    second.goto(visitor.url)
    hold(visitor)
    hold(second)
    assert (Appointment.objects.count(), second.url) == (1, visitor.url)
