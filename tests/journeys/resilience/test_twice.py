"""A button is clicked twice, or in two tabs: the second press finds what the first has done."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from payments.models import Payment, Refund
from tests.journeys.resilience.pressing import HOLD, PAY, Press, with_javascript
from tests.steps import follow, keep_a_time, leave_for_stripe, pay, pay_for_a_time

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]


@with_javascript
@pytest.mark.parametrize("press", [HOLD, PAY], ids=["hold", "pay"])
def test_a_double_click_is_one_press(practice, visitor, press):
    press, sent = Press(visitor, press), []
    visitor.on("request", lambda request: sent.append(request.method))
    press.target.dblclick()
    expect(press.end).to_be_visible()
    assert sent.count("POST") == 1


@pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])
@pytest.mark.parametrize(("press", "payments"), [(HOLD, 0), (PAY, 1)], ids=["hold", "pay"])
def test_a_double_click_without_javascript_is_two_of_which_the_second_finds_the_first(
    practice, visitor, press, payments
):
    press, sent = Press(visitor, press), []
    visitor.on("request", lambda request: sent.append(request.method))
    press.next_answer_gets_lost()
    press.target.scroll_into_view_if_needed()
    box = press.target.bounding_box()
    for _ in range(2):
        # This moves the mouse, since Playwright would wait for the first answer before it clicks a button.
        with visitor.expect_request(press.address):
            visitor.mouse.click(box["x"] + 9, box["y"] + 9)
    expect(press.end).to_be_visible()
    assert sent.count("POST") == 2
    assert (Appointment.objects.count(), Payment.objects.count()) == (1, payments)


def test_paid_in_one_tab_the_other_cannot_pay_again(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    other.get_by_role("button", name="Pay with Stripe").click()
    expect(other.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    assert Payment.objects.count() == 1


def test_given_back_in_one_tab_the_other_cannot_pay(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    other.get_by_role("button", name="Pay with Stripe").click()
    expect(other.get_by_role("heading", name="This time was given back")).to_be_visible()
    assert Payment.objects.count() == 0


def test_cancelled_in_two_tabs_the_money_goes_back_once(practice, visitor, second_tab, settings):
    settings.CANCELLATION_POLICY = "0h 100%"
    pay_for_a_time(visitor)
    follow(visitor, visitor.get_by_role("link", name="The page of your appointment"))
    visitor.get_by_role("link", name="Cancel this appointment").click()
    expect(visitor.get_by_role("heading", name="Cancel this appointment?")).to_be_visible()
    for tab in (second_tab(), visitor):
        tab.get_by_role("button", name="Cancel and get €60.00 back").click()
        expect(tab.get_by_role("heading", name="Appointment cancelled")).to_be_visible()
    assert [refund.amount for refund in Refund.objects.all()] == [6000]
