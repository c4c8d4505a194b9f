"""A deposit is paid, the rest is taken in cash and half goes back: the owner's month and its file agree.

With JavaScript on and off.
"""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Appointment
from payments.fees import read_fees
from payments.models import Payment
from tests.factories import make_provider, make_service
from tests.said import price, said
from tests.spreadsheet import read
from tests.staff import sign_in, somebody
from tests.steps import choose_a_time, hold, leave_for_stripe, pay

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def practice(live_server):
    """It offers a running analysis at 120 euros, 40 of them as a deposit."""
    return make_provider(
        services=[make_service(name="Running analysis", price="120.00", payment="deposit", deposit="40.00")]
    )


def figure(page, name):
    return page.locator(".figures > div").filter(has_text=said(name)).first


def sums(page):
    """Return what the file of the month adds up to: what came, what went back, and the fees."""
    with page.expect_download() as started:
        page.get_by_role("link", name=said("Download for a spreadsheet (CSV)")).click()
    rows = read(started.value.path().read_bytes().decode())
    return [str(sum(Decimal(row[column] or 0) for row in rows)) for column in ("in", "out", "fee")]


def test_what_is_paid_taken_and_returned_stands_in_the_month(visitor, practice, live_server):
    choose_a_time(visitor, service="Running analysis")
    hold(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
    read_fees(timezone.now())
    sign_in(visitor, somebody("Owner", name="grace", first_name="Grace"), live_server.url)
    appointment = Appointment.objects.get()
    visitor.goto(f"/staff/appointments/{appointment.pk}/take/")
    visitor.get_by_label(said("Cash", context="how it was paid")).check()
    visitor.get_by_role("button", name=said("Record it")).click()
    expect(
        visitor.get_by_text(said("%(amount)s is recorded, and nothing is left to pay.", amount=price(80)))
    ).to_be_visible()
    visitor.goto(f"/staff/appointments/{appointment.pk}/refund/{Payment.objects.get().pk}/")
    visitor.get_by_label(said("Amount")).fill("20.00")
    visitor.get_by_role("button", name=said("Return it")).click()
    expect(visitor.get_by_role("heading", name="jo@example.com")).to_be_visible()
    visitor.get_by_role("link", name=said("Money"), exact=True).click()
    expect(figure(visitor, "Taken online")).to_contain_text(price(40))
    expect(figure(visitor, "Taken at the practice")).to_contain_text(price(80))
    expect(figure(visitor, "Returned")).to_contain_text(price(20))
    expect(figure(visitor, "Taken, minus what was returned")).to_contain_text(price(100))
    expect(figure(visitor, "Stripe’s fees")).to_contain_text(price("0.85"))
    assert sums(visitor) == ["120.00", "20.00", "0.85"]
    visitor.get_by_role("link", name=said("The month before")).click()
    expect(visitor.get_by_text(said("Taken online"))).to_have_count(0)
    visitor.go_back()
    expect(figure(visitor, "Taken online")).to_contain_text(price(40))
