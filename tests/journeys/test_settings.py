"""An owner sets the name, the policy and the colour, and clients have them: with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from booking.colour import light
from booking.models import Appointment
from tests.factories import book, in_days
from tests.said import said
from tests.staff import sign_in, somebody

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def owner(visitor, live_server):
    sign_in(visitor, somebody("Owner", name="olive", first_name="Olive"), live_server.url)
    return visitor


def test_what_the_owner_sets_is_what_clients_see(owner, practice, settings):
    settings.CANCELLATION_POLICY, settings.POLICY_IS_DECIDED = "48h 100%, 24h 50%", False
    book(practice, in_days(3, "10:00", provider=practice))
    owner.goto("/staff/")
    owner.get_by_role("link", name=said("Decide on the policy")).click()
    owner.get_by_label(said("Name of the practice")).fill("Oak Street Clinic")
    owner.get_by_label(said("Cancellation policy")).fill("48h 101%")
    owner.get_by_label(said("Colour")).fill("#7a3b69")
    owner.get_by_role("button", name=said("See what changes")).click()
    expect(owner.get_by_role("alert")).to_be_focused()
    owner.get_by_label(said("Cancellation policy")).fill("72h 100%")
    owner.get_by_role("button", name=said("See what changes")).click()
    sample = owner.locator(".sample")
    expect(sample).to_contain_text("Oak Street Clinic")
    shown = sample.locator(".primary").evaluate("button => getComputedStyle(button).backgroundColor")
    assert shown == "rgb({}, {}, {})".format(*bytes.fromhex(light("#7a3b69").accent[1:]))
    expect(owner).not_to_have_title(re.compile("Oak Street Clinic"))
    owner.get_by_role("button", name=said("Save"), exact=True).click()
    expect(owner.get_by_text("Olive:", exact=False).first).to_be_visible()
    expect(owner).to_have_title(re.compile("Oak Street Clinic"))
    owner.goto("/")
    expect(owner.get_by_role("banner")).to_contain_text("Oak Street Clinic")
    book(practice, in_days(3, "12:00", provider=practice))
    assert [one.cancellation_policy for one in Appointment.objects.order_by("pk")] == ["48h 100%, 24h 50%", "72h 100%"]


def test_the_address_that_the_owner_gives_is_where_clients_come(owner, practice, settings):
    settings.PRACTICE_ADDRESS, settings.POLICY_IS_DECIDED = "", False
    owner.goto("/staff/")
    owner.get_by_role("link", name=said("Give the practice’s address")).click()
    owner.get_by_label(said("Postal address")).fill("12 Oak Street, Dublin 2")
    owner.get_by_role("button", name=said("See what changes")).click()
    owner.get_by_role("button", name=said("Save"), exact=True).click()
    expect(owner.get_by_text(said("Clients are told where to come."))).to_be_visible()
    booked = book(practice, in_days(3, "10:00", provider=practice), service=practice.services.get(price=0))
    owner.goto(f"/appointments/{booked.reference}/")
    expect(owner.get_by_text("12 Oak Street, Dublin 2")).to_be_visible()
    owner.goto(f"/staff/providers/{practice.slug}/")
    owner.get_by_label(said("Where clients come")).fill("By video")
    owner.get_by_role("button", name=said("Save"), exact=True).click()
    owner.wait_for_url(re.compile(r"/staff/(services/)?$"))
    owner.goto(f"/appointments/{booked.reference}/")
    expect(owner.get_by_text("By video")).to_be_visible()
