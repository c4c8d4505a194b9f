"""Reception books a caller from a gap of the day, with JavaScript on and off."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment, Mail
from tests.factories import in_days
from tests.said import price, said
from tests.staff import sign_in, somebody

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def reception(visitor, live_server):
    sign_in(visitor, somebody("Reception", name="grace"), live_server.url)
    return visitor


def book_for(reception, client):
    """Press the button below what was typed, and see who it is booked for."""
    reception.get_by_role("button", name=said("Book this time")).click()
    heading = said("Booked for <bdi>%(client)s</bdi>", client=client)
    expect(reception.get_by_role("heading", name=heading)).to_be_visible()


def test_a_caller_is_booked_by_link_with_a_phone_only(practice, reception, javascript):
    practice.services.filter(price=0).update(active=False)
    reception.goto(f"/staff/?day={in_days(3, provider=practice):%Y-%m-%d}")
    reception.locator("a[href*='/staff/book/?']:visible").first.click()
    expect(reception.get_by_role("heading", name=said("%(moment)s: who calls?"))).to_be_visible()
    reception.get_by_label(said("Name")).fill("Zoë O’Neill")
    reception.get_by_role("button", name=said("Book this time")).click()
    expect(reception.get_by_role("alert")).to_contain_text(
        said("Enter a phone number or an email address: one of the two is needed.")
    )
    reception.get_by_label(said("Phone number")).fill("087 123 4567")
    reception.get_by_label(said("By link, until tomorrow, %(time)s")).check()
    book_for(reception, "Zoë O’Neill")
    booked = Appointment.objects.get()
    assert (booked.status, booked.client_name, booked.client_phone) == ("held", "Zoë O’Neill", "+353871234567")
    expect(reception.get_by_text(booked.payment_url)).to_be_visible()
    expect(
        reception.get_by_text(
            said("Nothing is mailed, as there is no email address: read out what the client needs to know.")
        )
    ).to_be_visible()
    assert Mail.objects.filter(reader="client").count() == 0
    expect(reception.get_by_role("button", name=said("Copy"))).to_be_visible(visible=javascript)
    if javascript:
        reception.context.grant_permissions(["clipboard-write"])
        reception.get_by_role("button", name=said("Copy")).click()
        expect(reception.get_by_role("button", name=said("Copied"))).to_be_visible()


def test_a_caller_who_wants_to_pay_at_the_desk_is_confirmed_at_once(practice, reception, javascript):
    address = f"/staff/book/?provider={practice.slug}&service=consultation&time="
    reception.goto(f"{address}{in_days(3, provider=practice).isoformat().replace('+', '%2B')}")
    reception.get_by_label(said("Name")).fill("Jo Malone")
    reception.get_by_label(said("Phone number")).fill("087 123 4567")
    reception.get_by_label(said("At the practice: %(price)s", price=price(60))).check()
    book_for(reception, "Jo Malone")
    sentence = said("It is confirmed. The client can look at it, change it or cancel it here:")
    expect(reception.get_by_text(sentence)).to_be_visible()
    booked = Appointment.objects.get()
    assert (booked.status, booked.due_online, booked.due_at_practice) == ("confirmed", 0, 60)
    reception.get_by_role("link", name=said("Look at the appointment")).click()
    told = said("%(who)s booked it, to be paid at the practice instead of online.", who="grace")
    expect(reception.get_by_text(told)).to_be_visible()
    reception.get_by_role("link", name=said("Take payment")).click()
    expect(reception.get_by_text(price(60)).first).to_be_visible()


def test_a_known_client_is_offered_and_several_are_booked_in_a_row(practice, reception, javascript):
    first = in_days(3, provider=practice)
    address = f"/staff/book/?provider={practice.slug}&service=consultation&time="
    reception.goto(f"{address}{first.isoformat().replace('+', '%2B')}")
    reception.get_by_label(said("Name")).fill("Jo Malone")
    reception.get_by_label(said("Email address")).fill("jo@example.com")
    reception.get_by_role("button", name=said("Book this time")).click()
    reception.get_by_role("link", name=said("Book for another caller")).click()
    reception.locator(".times a").last.click()
    expect(reception.get_by_role("heading", name=said("%(moment)s: who calls?"))).to_be_visible()
    expect(reception.get_by_label(said("Email address"))).to_have_value("")
    reception.get_by_label(said("Name")).press_sequentially("malo")
    if not javascript:
        reception.get_by_role("button", name=said("Find client")).click()
    reception.get_by_role("button", name="Jo Malone").click()
    expect(reception.get_by_label(said("Email address"))).to_have_value("jo@example.com")
    reception.get_by_text(said("Several in a row")).click()
    reception.get_by_label(said("How often")).select_option("1")
    reception.get_by_label(said("How many in all")).fill("3")
    reception.get_by_label(said("Free of charge this time")).check()
    book_for(reception, "Jo Malone")
    assert Appointment.objects.filter(client_email="jo@example.com", status="confirmed").count() == 3
