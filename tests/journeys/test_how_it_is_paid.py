"""A client pays a deposit, or all of it at the practice: in a real browser, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from payments.models import Payment
from tests.factories import make_provider, make_service
from tests.said import price, said
from tests.steps import choose_a_time, hold, leave_for_stripe, pay

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def practice(live_server):
    """It takes a deposit for a running analysis, and a blood test is paid there."""
    analysis = make_service(name="Running analysis", price="120.00", payment="deposit", deposit="40.00")
    test = make_service(name="Blood test", minutes=15, price="35.00", payment="at practice", position=1)
    return make_provider(name="Dr Ada Byrne", services=[analysis, test])


def test_a_deposit_is_booked_paid_and_comes_back(practice, visitor, javascript):
    choose_a_time(visitor, "Running analysis")
    sentence = (
        "We keep this time for you while you pay a deposit of %(online)s by card. You pay the other %(there)s at the "
        "practice."
    )
    expect(visitor.get_by_text(said(sentence, online=price(40), there=price(80)))).to_be_visible()
    hold(visitor)
    expect(visitor.locator("form.pay").get_by_text(price(40), exact=True)).to_be_visible()
    rest = said("This is the deposit. You pay the other %(rest)s at the practice.", rest=price(80))
    expect(visitor.get_by_text(rest)).to_be_visible()
    button = visitor.get_by_role("button", name=said("Pay with Stripe"))
    expect(button).to_have_accessible_description(price(40))
    assert (len(visitor.full_loads) == 1) == javascript

    leave_for_stripe(visitor)
    expect(visitor.get_by_role("heading", name=price(40))).to_be_visible()
    pay(visitor)
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
    for amount in (120, 40):
        expect(visitor.locator(".summary").get_by_text(price(amount), exact=True)).to_be_visible()
    expect(visitor.locator(".summary .total")).to_contain_text(price(80))
    booked = Appointment.objects.get()
    assert (booked.status, Payment.objects.get().amount_captured, booked.due_at_practice) == ("confirmed", 4000, 80)

    booked.row.update(cancellation_policy="0h 50%")
    visitor.get_by_role("link", name=said("Cancel this appointment")).click()
    visitor.get_by_role("button", name=said("Cancel and get %(amount)s back", amount=price(20))).click()
    expect(visitor.get_by_role("heading", name=said("Appointment cancelled"))).to_be_visible()
    assert [refund.amount for refund in Payment.objects.get().refunds.all()] == [2000]


def test_what_is_paid_at_the_practice_is_confirmed_moved_and_cancelled(practice, visitor, javascript):
    choose_a_time(visitor, "Blood test")
    sentence = "You pay %(there)s at the practice. The appointment is confirmed as soon as you press the button."
    expect(visitor.get_by_text(said(sentence, there=price(35)))).to_be_visible()
    visitor.get_by_label(said("Email address")).fill("jo@example.com")
    visitor.get_by_role("button", name=said("Confirm appointment")).click()
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
    expect(visitor.locator(".summary")).to_contain_text(said("at the practice", context="where it is paid"))
    assert (len(visitor.full_loads) == 1) == javascript

    first = Appointment.objects.get()
    visitor.get_by_role("link", name=said("Change the time")).click()
    visitor.locator(".times a").last.click()
    visitor.get_by_role("button", name=said("Change the time")).click()
    expect(visitor.get_by_text(said("Your appointment was moved. It was %(before)s before."))).to_be_visible()
    moved = Appointment.objects.get()
    assert (moved.status, moved.appointment_time > first.appointment_time) == ("confirmed", True)

    visitor.get_by_role("link", name=said("Cancel this appointment")).click()
    visitor.get_by_role("button", name=said("Cancel this appointment")).click()
    expect(visitor.get_by_role("heading", name=said("Appointment cancelled"))).to_be_visible()
    assert (Appointment.objects.get().status, Payment.objects.count()) == ("cancelled", 0)
