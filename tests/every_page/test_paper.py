"""On paper, the pages of an appointment have all that one needs to know, and nothing to press."""

import pytest
from playwright.sync_api import expect

from booking.models import Appointment
from booking.templatetags import wording
from tests.every_page.states import LONG_EMAIL, LONG_NAME, STATES

PAGES = ("the appointment", "the money of", "the pay page", "back from stripe", "a hold that ran out")
PHONE = "+353 1 555 0100"
# A link in a sentence is printed, as a part of that sentence. A link that stands alone is only there to be pressed, and
# must not be printed.
TO_PRESS = """() => {
    const inSentence = (element) => element.matches("main p > a")
        && element.textContent.trim() !== element.parentElement.textContent.trim();
    return [...document.querySelectorAll("form, button, input, select, main a")]
        .filter((element) => element.checkVisibility() && !inSentence(element))
        .map((element) => element.outerHTML);
}"""

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]


def print_out(site, state):
    words, reach = STATES[state]
    site.settings.PRACTICE_PHONE = PHONE
    reach(site)
    expect(site.page.get_by_text(words).first).to_be_visible()
    site.page.emulate_media(media="print")
    return [line for line in site.page.locator("body").inner_text().splitlines() if line.strip()]


@pytest.mark.parametrize("state", [state for state in STATES if state.startswith(PAGES)])
def test_it_says_whose_it_is_whom_to_call_and_where_to_find_it_and_has_nothing_to_press(site, state):
    lines = print_out(site, state)
    address = f"{site.settings.SITE_URL}/appointments/{Appointment.objects.get().reference}/"
    assert [lines[0], *(fact for fact in (PHONE, address) if fact in lines)] == [
        "Linden House Practice",
        PHONE,
        address,
    ]
    assert site.page.evaluate(TO_PRESS) == []


def test_a_confirmed_appointment_on_paper(site):
    lines = print_out(site, "the appointment, confirmed and free")
    booked = Appointment.objects.get()
    day = wording.day(booked.appointment_time, booked.zone)
    assert lines == [
        "Linden House Practice",
        "Appointment confirmed",
        *(day, "10:00–10:15", wording.zone_name(booked.zone, booked.appointment_time)),
        *(LONG_NAME, "General practitioner"),
        "12 Linden Road, Dublin 6",
        (
            f"We look forward to seeing you. This is on its way to {LONG_EMAIL} as well. "
            "Keep this page: its address is how you find it again."
        ),
        *("For", "Introductory call", "15 minutes"),
        *("Email", LONG_EMAIL),
        *("Name", booked.client_name),
        *("Note", *booked.note.splitlines()),
        *("Call", PHONE),
        *("Online", f"{site.settings.SITE_URL}/appointments/{booked.reference}/"),
        *("Price", "Free"),
        "If your plans change",
        f"You can change the time until {day}, 10:00.",
    ]
