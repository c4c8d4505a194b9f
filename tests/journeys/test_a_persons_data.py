"""Somebody asks what is held about them, and then to be erased: with JavaScript on and off."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from tests.factories import in_days, make_appointment, make_payment
from tests.said import said
from tests.staff import sign_in, somebody

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]

EMAIL = "nuala@example.com"
KNOWN = {"client_name": "Nuala O’Neill", "email": EMAIL, "note": "Allergic to penicillin."}


@pytest.fixture
def owner(visitor, live_server):
    sign_in(visitor, somebody("Owner", name="olive"), live_server.url)
    visitor.goto("/staff/find/")
    return visitor


@pytest.fixture
def booked(practice):
    """What she has paid and come to, and what is ahead."""
    past = make_appointment(provider=practice, at=in_days(-1, provider=practice), status="confirmed", **KNOWN)
    make_payment(past, params={"customer_email": EMAIL})
    return make_appointment(provider=practice, at=in_days(5, provider=practice), status="confirmed", **KNOWN)


def look_up(page):
    page.get_by_label(said("Email address or phone number")).fill(EMAIL)
    page.get_by_role("button", name=said("Show what is held")).click()
    expect(page.locator(".chosen-time")).to_have_text(EMAIL)


def downloaded(page, button):
    with page.expect_download() as download:
        page.get_by_role("button", name=said(button)).click()
    return Path(download.value.path()).read_text()


def test_what_is_held_is_handed_over_and_erased_once_nothing_is_in_the_way(owner, booked):
    owner.get_by_role("link", name=said("Somebody asks what you hold about them, or wants it erased")).click()
    look_up(owner)
    owner.locator("summary").last.click()
    expect(owner.get_by_text("Allergic to penicillin.").last).to_be_visible()
    assert "Allergic to penicillin." in downloaded(owner, "Download to read")
    assert len(json.loads(downloaded(owner, "Download for programs (JSON)"))["appointments"]) == 2

    owner.get_by_role("button", name=said("Erase it"), exact=True).click()
    expect(owner.get_by_role("alert")).to_contain_text(said("This cannot be erased yet:"))
    owner.get_by_role("alert").get_by_role("link").click()
    owner.get_by_role("link", name=said("Cancel", context="an appointment"), exact=True).click()
    owner.get_by_role("button", name=said("Cancel the appointment")).click()
    expect(owner.get_by_text(said("It is cancelled."))).to_be_visible()

    owner.goto("/staff/people/")
    look_up(owner)
    owner.get_by_role("button", name=said("Erase it"), exact=True).click()
    owner.get_by_role("button", name=said("Erase nothing")).click()
    owner.get_by_role("button", name=said("Erase it"), exact=True).click()
    owner.get_by_role("button", name=said("Erase it for good")).click()
    expect(owner.locator(".notice")).to_be_focused()
    assert owner.url.endswith("/staff/people/")
    assert set(Appointment.objects.values_list("client_email", "client_name", "note")) == {("", "", "")}

    look_up(owner)
    expect(owner.get_by_text(said("%(who)s erased it.", who="olive"))).to_be_visible()
