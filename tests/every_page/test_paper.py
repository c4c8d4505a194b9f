"""On paper, the pages of an appointment and its receipts have all that one needs to know, and nothing to press.

What a day has taken at the practice is on a page by itself, as each provider's list is.
"""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Appointment
from booking.templatetags import wording
from payments.models import Payment, Receipt
from tests.every_page.states import LONG_EMAIL, LONG_NAME, STATES

PAGES = ("the appointment", "the money of", "the pay page", "back from stripe", "a hold that ran out")
TO_MAKE = ("a receipt that is not made yet", "a receipt before anything was paid", "a receipt to be made at the desk")
RECEIPTS = [state for state in STATES if state.startswith("a receipt") and state not in TO_MAKE]
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


def test_what_was_taken_on_a_day_is_the_last_page_of_its_paper(site):
    lines = print_out(site, "today when money was taken")
    today = wording.day_name(timezone.localdate())
    assert lines[lines.index("Taken at the practice on this day") :] == [
        "Taken at the practice on this day",
        today,
        "Cash: €12,330.00, which is €12,345.00 less €15.00 undone",
        "Card terminal: -€25.00, which is €0.00 less €25.00 undone",
        "Bank transfer: €30.00",
        "Cash: CHF\N{NO-BREAK SPACE}50.00",
    ]
    assert re.findall(rb"/Count (\d+)", site.page.pdf()) == [b"2"]


@pytest.mark.parametrize("state", RECEIPTS)
def test_a_receipt_is_one_page_of_a4_with_nothing_to_press(site, state):
    lines = print_out(site, state)
    assert (lines.count("Linden House Practice"), site.page.evaluate(TO_PRESS)) == (1, [])
    document = site.page.pdf(prefer_css_page_size=True)
    boxes = [tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^]]+)\]", document)]
    assert (re.findall(rb"/Count (\d+)", document), boxes) == ([b"1"], [pytest.approx((0, 0, 595, 842), abs=1)])


def test_a_receipt_on_paper(site):
    lines = print_out(site, "a receipt that corrects another")
    first, second = Receipt.objects.all()
    booked, payment = Appointment.objects.get(), Payment.objects.get()
    today = wording.day(second.issued_at, booked.agreed_zone)
    assert lines == [
        "Demonstration: no money moved.",
        "Linden House Practice",
        "12 Linden Road, Dublin 6",
        "VAT number IE1234567T. Health care is exempt from VAT.",
        f"Receipt {second.label}",
        f"It corrects receipt {first.label} of {today}, and takes its place.",
        *("Date", today),
        *("Paid by", booked.client_name),
        *("Who comes", "Mia Malone"),
        *("For", "Consultation"),
        *("With", LONG_NAME),
        *("When", wording.in_full(booked.appointment_time, booked.agreed_zone)),
        *("Price", "€60.00"),
        "What was paid",
        *("Paid online, through Stripe", f"{wording.day(payment.paid_at, booked.agreed_zone)} pi_1", "€60.00"),
        *("Returned, through Stripe", f"{today} pi_1", "-€60.00"),
        *("Paid, less what was returned", "Nothing"),
    ]


@pytest.mark.parametrize(
    ("state", "notice"),
    [
        ("a receipt that is not true any more", "This receipt no longer says all."),
        ("a receipt at the desk that is not true any more", "This receipt no longer says all."),
        ("a receipt that was corrected", "This receipt is no longer true."),
    ],
)
def test_a_receipt_that_is_not_true_any_more_says_so_on_paper_too(site, state, notice):
    assert [line for line in print_out(site, state) if line.startswith(notice)] != []
