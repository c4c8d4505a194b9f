"""What stands around the content of a desk's page belongs to it: which page is open, and who is signed in."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.factories import in_days, make_appointment, make_provider
from tests.staff import sign_in, somebody

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

CURRENT = """menus => menus.flatMap((menu) => [...menu.querySelectorAll("[aria-current]")])
    .map((link) => [link.textContent, link.getAttribute("aria-current")])"""


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def page(chromium, live_server, provider):
    """The browser of an owner, at the day. What it loads whole, and not through htmx, is noted."""
    context = chromium.new_context(base_url=live_server.url)
    page, page.full_loads = context.new_page(), []
    sign_in(page, somebody("Owner", first_name="Olive"), live_server.url)
    page.goto("/staff/")
    page.on("request", lambda request: page.full_loads.append(request.url) if request.is_navigation_request() else None)
    yield page
    context.close()


def marked(page):
    return page.locator("nav[aria-label=Desk]").evaluate_all(CURRENT)


def press(page, name, heading):
    page.get_by_role("navigation", name="Desk").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"^\s*{heading}"))


def test_the_menu_marks_the_page_that_is_open_and_no_other(page, provider):
    assert marked(page) == [["Day", "page"]]
    press(page, "Away", "Away")
    assert marked(page) == [["Away", "page"]]
    press(page, "Services", "Services and providers")
    assert marked(page) == [["Services", "page"]]
    page.locator("main").get_by_role("link", name="Consultation", exact=True).click()
    expect(page).to_have_url(re.compile("/staff/services/consultation/"))
    assert marked(page) == [["Services", "true"]]
    assert page.full_loads == []
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Services and providers")
    assert marked(page) == [["Services", "page"]]
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Away")
    assert marked(page) == [["Away", "page"]]


def test_a_page_that_the_menu_does_not_lead_to_leaves_none_marked(page, provider):
    at = in_days(3, provider=provider)
    booked = make_appointment(provider=provider, at=at, status="confirmed", client_name="Zoë O’Neill")
    page.goto(f"/staff/?day={at.date()}")
    page.get_by_role("link", name="Zoë O’Neill").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoë O’Neill")
    assert page.url.endswith(f"/staff/appointments/{booked.pk}/")
    assert marked(page) == []


@pytest.mark.parametrize("address", ["add/service/", "add/provider/", "providers/dr-ada-byrne/"])
def test_the_pages_that_services_lead_to_mark_services(page, provider, address):
    page.goto("/staff/services/")
    page.locator(f"main a[href='/staff/{address}']").first.click()
    expect(page).to_have_url(re.compile(f"/staff/{address}$"))
    assert marked(page) == [["Services", "true"]]
    assert len(page.full_loads) == 1


def test_the_key_that_opens_a_page_of_the_menu_leads_to_its_heading(page):
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Health").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Health of the site")).to_be_focused()
    assert marked(page) == [["Health", "page"]]


def test_what_is_refused_marks_the_page_that_it_was_sent_to(page):
    press(page, "Away", "Away")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert marked(page) == [["Away", "page"]]


def test_once_nobody_is_signed_in_no_name_and_no_menu_stand_above_the_sign_in(page):
    expect(page.get_by_role("banner")).to_contain_text("Olive")
    Session.objects.all().delete()
    page.get_by_role("link", name="Away", exact=True).click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.full_loads == []
    expect(page.get_by_role("banner")).to_have_count(1)
    expect(page.get_by_role("banner")).to_have_text("Linden House Practice")
    page.get_by_role("banner").get_by_role("link").click()
    expect(page.get_by_text("For staff")).to_be_visible()
