"""What others change appears on an open day by itself, and moves nothing that somebody reads or types."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.factories import in_days, make_appointment, make_provider
from tests.staff import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

WAKE = "document.body.dispatchEvent(new Event('wake'))"
FOCUSED = "document.activeElement.id"
# As htmx does each 20 seconds, for a test that cannot wait so long.
FASTER = "document.querySelector('[hx-trigger]').setAttribute('hx-trigger', 'every 50ms, wake from:body')"
BEGIN_AGAIN = "htmx.process(document.querySelector('[hx-trigger]'))"
HIDE = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true })"
SEEN = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def page(chromium, live_server):
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 500})
    page = context.new_page()
    sign_in(page, User.objects.create(username="sam", is_superuser=True), live_server.url)
    yield page
    context.close()


@pytest.fixture
def provider():
    return make_provider(hours=[("06:00", "22:00")])


def polls_of(page):
    """Ask every moment whether anything has changed, and return a list that gets the status of each answer."""
    statuses = []
    page.on("response", lambda answer: statuses.append(answer.status) if "shown=" in answer.url else None)
    page.evaluate(FASTER)
    page.evaluate(BEGIN_AGAIN)
    return statuses


def ask(page):
    with page.expect_response(lambda response: "shown=" in response.url) as answer:
        page.evaluate(WAKE)
    return answer.value.status


def test_what_another_books_appears_while_focus_scroll_and_what_was_typed_stay(page, provider):
    early, late = (in_days(2, clock, provider=provider) for clock in ("08:00", "20:00"))
    make_appointment(provider=provider, at=late, client_name="Late", status="confirmed")
    page.goto(f"/staff/?day={late.date()}")
    day, first, news = page.get_by_label("Day", exact=True), page.get_by_role("link", name="Dr Ada Byrne"), "#changed"
    day.fill("2027-01-02")
    page.evaluate("window.scrollTo(0, 300)")
    top = page.locator(".columns").bounding_box()["y"]
    make_appointment(provider=provider, at=early, client_name="Early", status="confirmed")
    assert ask(page) == 200
    expect(page.locator(".columns").get_by_text("Early")).to_be_visible()
    expect(page.locator(news)).to_have_text("08:00 Early is now: Paid.")
    assert (page.evaluate("window.scrollY"), page.locator(".columns").bounding_box()["y"]) == (300, top)
    assert (page.evaluate(FOCUSED), day.input_value()) == ("day", "2027-01-02")

    first.focus()
    focused = page.evaluate(FOCUSED)
    provider.appointments.update(client_name="Somebody Else")
    page.evaluate(WAKE)
    expect(page.locator(".columns").get_by_text("Somebody Else")).to_have_count(2)
    expect(page.locator(news)).to_have_text("Appointments changed: 2.")
    assert page.evaluate(FOCUSED) == focused
    assert ask(page) == 204

    first.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Dr Ada Byrne")).to_be_focused()
    expect(page.locator(news)).to_have_text("")


def test_what_is_cancelled_moved_or_gone_is_said_in_the_words_of_the_day(page, provider):
    ten = in_days(2, provider=provider)
    booked = make_appointment(provider=provider, at=ten, client_name="Ada Byrne", status="confirmed")
    held = make_appointment(provider=provider, at=in_days(2, "12:00", provider=provider), client_name="Jo")
    page.goto(f"/staff/?day={ten.date()}&provider=dr-ada-byrne")
    news, day = page.locator("#changed"), f"{ten:%a} {ten.day} {ten:%b}"
    assert news.get_attribute("role") == "status"
    booked.cancel()
    ask(page)
    expect(news).to_have_text(f"{day}, 10:00 Ada Byrne is now: Cancelled.")
    provider.appointments.filter(pk=held.pk).update(status="expired", hold_expires_at=None)
    ask(page)
    expect(news).to_have_text(f"{day}, 12:00 Jo is not here any more.")


def test_a_day_that_nobody_sees_asks_nothing_until_it_is_looked_at(page, provider):
    page.goto("/staff/")
    page.evaluate(HIDE % "true")
    statuses = polls_of(page)
    page.wait_for_timeout(300)
    assert statuses == []
    page.evaluate(HIDE % "false")
    with page.expect_response(lambda response: "shown=" in response.url):
        page.evaluate(SEEN)


def test_a_day_whose_session_is_over_says_so_once_and_leads_to_the_sign_in_page(page, provider):
    page.goto("/staff/?day=2027-01-04")
    page.get_by_label("Day", exact=True).fill("2027-01-02")
    Session.objects.all().delete()
    statuses = polls_of(page)
    expect(page.get_by_text("You are signed out. Nothing you typed is lost: sign in, and go on.")).to_be_visible()
    page.wait_for_timeout(300)
    assert statuses == [401]
    assert page.get_by_label("Day", exact=True).input_value() == "2027-01-02"
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.url.endswith("/staff/login/?next=/staff/%3Fday%3D2027-01-04")
