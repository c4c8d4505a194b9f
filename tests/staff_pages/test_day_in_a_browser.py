"""What others change appears on an open day by itself, and moves nothing that somebody reads or types."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.factories import in_days, make_appointment, make_provider
from tests.staff import logged_in

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

WAKE = "document.body.dispatchEvent(new Event('wake'))"
FOCUSED = "document.activeElement.id"


@pytest.fixture
def page(chromium, live_server, settings):
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 500})
    session = logged_in(User.objects.create(username="sam", is_superuser=True)).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.value, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_what_another_books_appears_while_focus_scroll_and_what_was_typed_stay(page):
    provider = make_provider(hours=[("06:00", "22:00")])
    early, late = (in_days(2, clock, provider=provider) for clock in ("08:00", "20:00"))
    make_appointment(provider=provider, at=late, client_name="Late", status="confirmed")
    page.goto(f"/staff/?day={late.date()}")
    day, first = page.get_by_label("Day", exact=True), page.get_by_role("link", name="Dr Ada Byrne")
    day.fill("2027-01-02")
    page.evaluate("window.scrollTo(0, 300)")
    make_appointment(provider=provider, at=early, client_name="Early", status="confirmed")
    with page.expect_response(lambda response: "shown=" in response.url) as answer:
        page.evaluate(WAKE)
    expect(page.locator(".columns").get_by_text("Early")).to_be_visible()
    assert (answer.value.status, page.evaluate("window.scrollY")) == (200, 300)
    assert (page.evaluate(FOCUSED), day.input_value()) == ("day", "2027-01-02")

    first.focus()
    focused = page.evaluate(FOCUSED)
    provider.appointments.update(client_name="Somebody Else")
    page.evaluate(WAKE)
    expect(page.locator(".columns").get_by_text("Somebody Else")).to_have_count(2)
    assert page.evaluate(FOCUSED) == focused
    with page.expect_response(lambda response: "shown=" in response.url) as answer:
        page.evaluate(WAKE)
    assert answer.value.status == 204

    first.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Dr Ada Byrne")).to_be_focused()
