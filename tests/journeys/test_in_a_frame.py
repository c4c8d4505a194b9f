"""A client chooses a time in a frame on a page of the practice, with JavaScript on and off."""

import re

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from tests.servers import Handler, listening

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def expected():
    """Chromium says that it refuses a frame, and that it does not move the focus into one by itself."""
    return re.compile("Framing '.*' violates|Blocked autofocusing|Failed to load resource: .* status of 404")


@pytest.fixture
def pages_with_a_frame(live_server):
    """The port at which pages are served that show ours in a frame. Chromium finds all names of localhost there."""

    class Page(Handler):
        def answer(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<!doctype html><iframe src="{live_server.url}" height="700"></iframe>'.encode())

    with listening(Page) as server:
        yield server.server_address[1]


def test_a_time_is_chosen_in_the_frame_of_a_named_site_and_booked_on_the_whole_page(
    practice, visitor, live_server, pages_with_a_frame, settings
):
    """For the browser both are other sites than ours, from whose pages it sends no cookie of ours."""
    named, stranger = (f"http://{name}.localhost:{pages_with_a_frame}" for name in ("oak", "elm"))
    settings.EMBED_ON = [named]
    visitor.goto(stranger)
    visitor.frames[1].wait_for_url("chrome-error://chromewebdata/")
    visitor.goto(named)
    frame = visitor.frame_locator("iframe")
    frame.get_by_role("link", name="Introductory call with").first.click()
    frame.locator(".times a").first.click()
    visitor.get_by_label("Email address").fill("jo@example.com")
    expect(visitor.locator("header.site")).to_be_visible()
    assert (visitor.url.startswith(f"{live_server.url}/?"), "embedded" in visitor.url) == (True, False)
    visitor.get_by_role("button", name="Confirm appointment").click()
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    assert Appointment.objects.get().status == "confirmed"
