"""A client makes the receipt and prints it; half goes back, and another corrects it: with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from payments.models import Payment, Receipt
from tests.factories import make_provider, make_service
from tests.said import price, said
from tests.steps import keep_a_time, leave_for_stripe, pay

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def receipt_named(page, label):
    return page.get_by_role("heading", name=said("Receipt %(number)s", number=label), exact=True)


def test_what_was_paid_is_on_a_receipt_and_what_went_back_on_the_next(live_server, visitor, javascript):
    make_provider(services=[make_service(price="60.00")])
    keep_a_time(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()

    visitor.get_by_role("link", name=said("Receipt", context="link"), exact=True).click()
    visitor.get_by_role("button", name=said("Make the receipt")).click()
    [first] = wait_for_receipts(visitor, 1)
    expect(receipt_named(visitor, first.label)).to_be_visible()
    expect(visitor.locator(".receipt .total")).to_contain_text(price(60))
    expect(visitor.get_by_role("button", name=said("Print, or save as PDF"))).to_be_visible(visible=javascript)
    if javascript:
        visitor.evaluate("window.print = () => { document.title = 'printed' }")
        visitor.get_by_role("button", name=said("Print, or save as PDF")).click()
        assert visitor.title() == "printed"
    assert first.language == ("en" if javascript else "es")

    Appointment.objects.get().row.update(cancellation_policy="0h 50%")
    visitor.get_by_role("link", name=said("The page of your appointment")).click()
    visitor.get_by_role("link", name=said("Cancel this appointment")).click()
    visitor.get_by_role("button", name=said("Cancel and get %(amount)s back", amount=price(30))).click()
    expect(visitor.get_by_role("heading", name=said("Appointment cancelled"))).to_be_visible()
    visitor.get_by_role("link", name=said("Receipt", context="link"), exact=True).click()
    expect(receipt_named(visitor, first.label)).to_be_visible()
    visitor.get_by_role("button", name=said("Make a new one that corrects it")).click()
    _, second = wait_for_receipts(visitor, 2)
    expect(receipt_named(visitor, second.label)).to_be_visible()
    expect(visitor.locator(".receipt .total")).to_contain_text(price(30))
    assert (second.corrects, second.total, Payment.objects.get().amount_returning) == (first, 3000, 3000)

    visitor.get_by_role("link", name=said("Receipt %(number)s", number=first.label)).click()
    expect(visitor.locator(".receipt .total")).to_contain_text(price(60))
    visitor.get_by_role("link", name=said("Receipt %(number)s", number=second.label)).click()
    expect(visitor.locator(".receipt .total")).to_contain_text(price(30))


def wait_for_receipts(page, count):
    """Wait until the page shows a receipt that is true now, and return all that there are."""
    expect(page.locator(".receipt .total")).to_be_visible()
    expect(page.get_by_role("button", name=said("Make a new one that corrects it"))).to_have_count(0)
    made = list(Receipt.objects.all())
    assert len(made) == count
    return made
