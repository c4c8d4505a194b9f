"""Somebody at the desk moves a paid appointment and then cancels it with half back, with JavaScript on and off."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from booking.models import Appointment
from payments.checkout import open_session
from payments.models import Refund
from payments.settlement import settle
from tests.factories import in_days, make_appointment
from tests.payments.sandbox.pay_page import PayPage
from tests.said import price, said
from tests.staff import sign_in

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def paid(practice, webhooks_off, settings):
    settings.CANCELLATION_POLICY = "0h 100%"
    booked = make_appointment(provider=practice, at=in_days(3, provider=practice), client_name="Jo O’Neill")
    payment = open_session(booked)
    PayPage(payment.url).pay()
    settle(payment)
    return booked


def test_a_paid_appointment_is_moved_and_then_cancelled_with_half_back(visitor, paid, live_server):
    owner = User.objects.create(
        username="olive", first_name="Olive", last_name="Moss", is_staff=True, is_superuser=True
    )
    sign_in(visitor, owner, live_server.url)
    visitor.goto(f"/staff/appointments/{paid.pk}/")
    visitor.get_by_role("link", name=said("Move")).click()
    visitor.locator(".times a").last.click()
    expect(visitor.get_by_role("heading", name=said("Move it to this time?"))).to_be_visible()
    expect(visitor.get_by_text(said("A mail tells %(address)s.", address="jo@example.com"))).to_be_visible()
    visitor.get_by_role("button", name=said("Move it")).click()
    expect(visitor.get_by_text(said("Moved to %(moment)s."))).to_be_visible()
    expect(visitor.get_by_text(said("%(who)s moved it from %(was)s to %(became)s.", who="Olive Moss"))).to_be_visible()
    visitor.get_by_role("link", name=said("Cancel", context="an appointment")).click()
    expect(visitor.get_by_label(said("Goes back to the client"))).to_have_value("60.00")
    visitor.get_by_label(said("Goes back to the client")).fill("60.01")
    visitor.get_by_role("button", name=said("Cancel the appointment")).click()
    expect(visitor.get_by_role("alert")).to_contain_text(said("That is more than is left."))
    visitor.get_by_label(said("Goes back to the client")).fill("30.00")
    visitor.get_by_role("button", name=said("Cancel the appointment")).click()
    expect(visitor.get_by_text(said("It is cancelled."))).to_be_visible()
    expect(
        visitor.locator(".story").get_by_text(said("%(amount)s went back to the card.", amount=price(30)))
    ).to_be_visible()
    expect(visitor.get_by_role("link", name=said("Move"))).to_have_count(0)
    now = Appointment.objects.get()
    assert (now.status, now.appointment_time > paid.appointment_time, str(now.refund_due)) == (
        "cancelled",
        True,
        "30.00",
    )
    assert [(refund.amount, refund.status) for refund in Refund.objects.all()] == [(3000, "succeeded")]
    assert [(change.kind, change.by_name) for change in now.changes.all()] == [
        ("moved", "Olive Moss"),
        ("cancelled", "Olive Moss"),
    ]
