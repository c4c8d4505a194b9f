"""A new owner begins with an empty database and ends with a client who has booked: with JavaScript and without.

Each press and each field that is filled in is counted, as what a screen asks of somebody tells how long it takes.
"""

import re

import pytest
from playwright.sync_api import expect

from booking.models import Appointment, Provider, TimeOff
from tests.factories import make_provider
from tests.said import said
from tests.staff import sign_in, somebody
from tests.steps import choose_a_time

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


class Counted:
    """A browser that counts what its user presses and fills in."""

    def __init__(self, page):
        self.page, self.presses, self.fields = page, 0, 0

    def press(self, role, words):
        self.presses += 1
        self.page.get_by_role(role, name=said(words), exact=True).first.click()

    def fill(self, label, words, **values):
        self.fields += 1
        self.page.get_by_label(said(label, **values)).fill(words)


@pytest.fixture
def owner(visitor, live_server, settings):
    settings.POLICY_IS_DECIDED, settings.NOTICE_MINUTES = False, 0
    sign_in(visitor, somebody("Owner", name="olive", first_name="Olive"), live_server.url)
    visitor.goto("/staff/")
    return Counted(visitor)


def test_from_an_empty_database_to_a_time_that_is_booked(owner):
    owner.press("link", "Give the practice its name")
    owner.fill("Name of the practice", "Oak Street Clinic")
    owner.press("button", "See what changes")
    owner.press("button", "Save")
    owner.press("link", "Add a service")
    owner.fill("What is it called?", "Consultation")
    owner.fill("Price in %(currency)s", "0", currency="EUR")
    owner.press("button", "Save")
    owner.press("link", "Add a provider")
    owner.fill("Name", "Dr Ada Byrne")
    owner.press("button", "Save")
    expect(owner.page.locator("[name=day_0]")).to_have_value(re.compile("^0?9:00–17:00$"))
    owner.press("link", "See the page that clients see")
    assert (owner.presses, owner.fields) == (8, 4)
    expect(owner.page.get_by_text("Dr Ada Byrne").first).to_be_visible()
    book_a_time(owner.page)
    booked = Appointment.objects.get()
    assert (booked.status, booked.provider_name) == ("confirmed", "Dr Ada Byrne")


def book_a_time(page):
    choose_a_time(page)
    page.get_by_label(said("Email address")).fill("jo@example.com")
    page.get_by_role("button", name=said("Confirm appointment")).click()
    expect(page).to_have_url(re.compile("/appointments/"))


def test_a_slip_is_told_beside_its_field_and_nothing_typed_is_lost(owner):
    owner.press("link", "Add a provider")
    owner.fill("Name", "Dr Ada Byrne")
    owner.fill("Until", "5")
    owner.press("button", "Save")
    expect(owner.page.get_by_role("alert")).to_be_focused()
    expect(owner.page.get_by_label(said("Name"), exact=True)).to_have_value("Dr Ada Byrne")
    owner.fill("Until", "17.30")
    owner.press("button", "Save")
    expect(owner.page.locator("[name=day_0]")).to_have_value(re.compile("^0?9:00–17:30$"))
    assert str(Provider.objects.get().working_hours.first().closes) == "17:30:00"


def test_who_comes_later_gets_the_hours_and_the_holidays_that_are_right(owner, settings):
    settings.POLICY_IS_DECIDED, settings.HORIZON_DAYS, settings.PRACTICE_NAME = True, 365, "Oak Street Clinic"
    settings.PRACTICE_ADDRESS = "12 Oak Street"
    kim = make_provider(name="Kim Barry")
    owner.page.goto(f"{settings.SITE_URL}/staff/away/holidays/")
    add_the_holidays(owner)
    owner.page.goto(f"{settings.SITE_URL}/staff/add/provider/")
    owner.fill("Name", "Sean Daly")
    owner.press("button", "Save")
    owner.page.locator("[name=day_4]").fill("09:00–12:00")
    owner.press("button", "See what this changes")
    owner.press("button", "Save these hours")
    owner.press("link", "Look at the public holidays")
    expect(owner.page.get_by_text(said("Not off yet: %(names)s", names="Sean Daly")).first).to_be_visible()
    add_the_holidays(owner)
    sean = Provider.objects.get(name="Sean Daly")
    starts = [set(TimeOff.objects.filter(provider=one).values_list("starts", flat=True)) for one in (kim, sean)]
    assert (starts[0], TimeOff.objects.count()) == (starts[1], 2 * len(starts[0]))
    owner.page.goto(f"{settings.SITE_URL}/staff/")
    expect(owner.page.get_by_text(said("If you like", context="a step"))).to_have_count(0)


def add_the_holidays(owner):
    owner.page.locator("main form.desk-form button.primary").click()
    expect(owner.page).to_have_url(re.compile("/staff/away/$"))


def test_a_deposit_is_asked_about_and_the_services_are_put_in_order(owner):
    add_a_service(owner, "Follow-up", "60")
    add_a_service(owner, "First visit", "70", deposit="20")
    expect(owner.page.get_by_role("alert")).to_be_focused()
    owner.page.get_by_label(said("A deposit online, the rest at the practice")).check()
    owner.press("button", "Save")
    expect(owner.page.get_by_text(said("Before you open"))).to_be_visible()
    owner.page.goto("/staff/services/")
    expect(owner.page.locator(".touched .whom")).to_have_text(["Follow-up", "First visit"])
    earlier = owner.page.get_by_role("button", name=said("Earlier: %(name)s", name="First visit"))
    earlier.click()
    expect(owner.page.locator(".touched .whom")).to_have_text(["First visit", "Follow-up"])
    later = owner.page.get_by_role("button", name=said("Later: %(name)s", name="First visit"))
    expect(later).to_be_focused()
    owner.page.keyboard.press("Enter")
    expect(owner.page.locator(".touched .whom")).to_have_text(["Follow-up", "First visit"])


def add_a_service(owner, name, price, deposit=""):
    owner.page.goto("/staff/add/service/")
    owner.fill("What is it called?", name)
    owner.fill("Price in %(currency)s", price, currency="EUR")
    owner.fill("Deposit in %(currency)s", deposit, currency="EUR")
    owner.press("button", "Save")
