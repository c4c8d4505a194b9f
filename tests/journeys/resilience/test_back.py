"""Going back, reloading and restoring a tab show how things stand by now, and press nothing."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from payments.models import Payment
from tests.journeys.resilience.pressing import with_javascript
from tests.steps import choose_a_time, hold, keep_a_time, leave_for_stripe, pay, pay_for_a_time

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]


def test_back_after_paying_shows_that_it_is_paid(practice, visitor):
    pay_for_a_time(visitor)
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="This is already paid")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    expect(visitor.get_by_role("button", name="Pay with Stripe")).to_have_count(0)


@with_javascript
def test_a_page_that_back_took_from_memory_shows_that_it_is_paid(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    leave_for_stripe(other)
    pay(other)
    expect(other.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    visitor.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()


def test_a_restored_tab_shows_the_same_page_at_every_step(practice, visitor, second_tab):
    def restored():
        tab = second_tab()
        expect(tab).to_have_title(visitor.title())
        expect(tab.locator("main")).to_have_text(visitor.locator("main").inner_text(), use_inner_text=True)
        tab.close()

    choose_a_time(visitor)
    restored()
    hold(visitor)
    restored()
    leave_for_stripe(visitor)
    visitor.get_by_role("link", name="Back").click()
    expect(visitor.get_by_text("You came back from the payment page.")).to_be_visible()
    restored()
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    restored()
    assert (Appointment.objects.get().status, Payment.objects.count()) == ("confirmed", 1)


def test_reloading_what_a_press_led_to_presses_nothing(practice, visitor):
    keep_a_time(visitor)
    sent = []
    visitor.on("request", lambda request: sent.append(request.method))
    visitor.reload()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    assert sent.count("POST") == 1
