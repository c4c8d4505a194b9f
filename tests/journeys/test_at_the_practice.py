"""Reception takes what is due at the practice, or asks for it by link, with JavaScript on and off."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from payments.models import Taking
from tests.factories import in_days, make_appointment
from tests.said import price, said
from tests.staff import sign_in, somebody
from tests.steps import leave_for_stripe, pay

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def due(practice):
    """Somebody of tomorrow who has still to pay €40.00 at the practice."""
    at = in_days(1, provider=practice)
    facts = {"status": "confirmed", "client_name": "Jo O’Neill", "due_at_practice": Decimal("40.00")}
    return make_appointment(provider=practice, at=at, **facts)


@pytest.fixture
def reception(visitor, live_server):
    sign_in(visitor, somebody("Reception", name="grace", first_name="Grace", last_name="Kelly"), live_server.url)
    return visitor


def take(page, amount, method):
    page.get_by_label(said("Amount")).fill(amount)
    page.get_by_label(said(method, context="how it was paid")).check()
    page.get_by_role("button", name=said("Record it")).click()


def standing(page):
    return page.locator(".how-it-stands")


def test_what_is_due_is_taken_in_two_parts_and_one_is_undone(reception, due):
    reception.goto(f"/staff/?day={due.appointment_time:%Y-%m-%d}")
    reception.get_by_role("link", name=said("Take payment from %(client)s", client="Jo O’Neill")).click()
    expect(reception.get_by_label(said("Amount"))).to_have_value("40.00")
    take(reception, "40.01", "Cash")
    expect(reception.get_by_role("alert")).to_contain_text(
        said("At most %(amount)s is left to pay at the practice.", amount=price(40))
    )
    take(reception, "15.00", "Cash")
    recorded = said("%(amount)s is recorded, and %(left)s is still to pay.", amount=price(15), left=price(25))
    expect(reception.get_by_text(recorded)).to_be_focused()
    expect(standing(reception)).to_contain_text(said("To pay %(amount)s", context="appointment", amount=price(25)))
    reception.get_by_role("link", name=said("Take payment")).click()
    take(reception, "25.00", "Card terminal")
    expect(standing(reception)).to_contain_text(said("Paid", context="appointment"))
    expect(reception.get_by_role("link", name=said("Take payment"))).to_have_count(0)
    reception.get_by_role("link", name=said("Undo or give back %(amount)s", amount=price(25))).click()
    expect(reception.get_by_label(said("Card terminal", context="how it was paid"))).to_be_checked()
    reception.get_by_role("button", name=said("Record it")).click()
    expect(
        reception.get_by_text(
            said("%(amount)s is recorded as taken off again, and nothing of the entry is left.", amount=price(25))
        )
    ).to_be_focused()
    expect(standing(reception)).to_contain_text(said("To pay %(amount)s", context="appointment", amount=price(25)))
    entries = Taking.objects.values_list("amount", "method", "by_name")
    assert [*entries] == [
        (1500, "cash", "Grace Kelly"),
        (2500, "terminal", "Grace Kelly"),
        (-2500, "terminal", "Grace Kelly"),
    ]
    assert str(Appointment.objects.get().taken_at_practice) == "15.00"
    reception.goto("/staff/")
    drawer = reception.locator(".taken-on-day")
    expect(drawer).to_contain_text(said("Taken at the practice on this day"))
    cash = said("Cash", context="how it was paid")
    expect(drawer).to_contain_text(said("%(means)s: %(amount)s", means=cash, amount=price(15)))


def test_the_rest_is_asked_for_by_link_and_paid_there(reception, due, webhooks_off):
    reception.goto(f"/staff/appointments/{due.pk}/")
    reception.get_by_role("button", name=said("Ask for the rest by link")).click()
    expect(reception.get_by_text(said("The link is on its way."))).to_be_focused()
    reception.goto(f"/payments/{due.reference}/")
    expect(reception.locator("form.pay .price")).to_have_text(price(40))
    leave_for_stripe(reception)
    pay(reception)
    expect(reception.get_by_role("heading", name=said("Your payment has arrived"))).to_be_visible()
    reception.goto(f"/staff/appointments/{due.pk}/")
    expect(standing(reception)).to_contain_text(said("Paid", context="appointment"))
    row = Appointment.objects.get()
    assert (str(row.due_online), str(row.due_at_practice), row.payments.get().problem) == ("60.00", "0.00", "")
