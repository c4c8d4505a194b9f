"""The steps of a client on the site, in a real browser."""

import re
from time import sleep, time

from playwright.sync_api import expect

from tests.cards import GOOD, typed
from tests.said import said

# The button below the details of an appointment that costs something.
TO_PAYMENT = "Continue to payment"
# In seconds.
QUARTER = 15 * 60


def follow(page, link):
    """Press a link and wait for its page, so that the next step does not act on the page before."""
    address = link.get_attribute("href")
    link.click()
    expect(page).to_have_url(re.compile(f"{re.escape(address)}$"))


def let_the_quarter_end():
    """Wait until a new quarter of an hour has begun, if it begins within seconds.

    The first time on offer would become too soon between the page that shows it and the press on it.
    """
    left = QUARTER - time() % QUARTER
    if left < 5:
        sleep(left)


def choose_a_time(page, service="Consultation"):
    let_the_quarter_end()
    page.goto("/")
    # Where there is only one provider with one service, the page begins with the calendar.
    if not page.get_by_role("heading", name=said("When suits you?")).is_visible():
        page.get_by_role("link", name=said("%(name)s with %(who)s, %(length)s, %(price)s", name=service)).first.click()
    expect(page.get_by_role("heading", name=said("When suits you?"))).to_be_visible()
    page.locator(".next-free a").click()
    expect(page.get_by_role("heading", name=said("Your details"))).to_be_visible()


def open_what_is_chosen(page):
    """On a phone, what is chosen so far is one line that opens."""
    page.locator(".chosen summary").click()


def hold(page, email="jo@example.com"):
    page.get_by_label(said("Email address")).fill(email)
    page.get_by_role("button", name=said(TO_PAYMENT)).click()
    expect(page.get_by_role("heading", name=said("Pay to confirm"))).to_be_visible()


def leave_for_stripe(page):
    page.get_by_role("button", name=said("Pay with Stripe")).click()
    expect(page.get_by_label(said("Card number"))).to_be_visible()


def pay(page, number=GOOD):
    for label, text in typed(number).items():
        page.get_by_label(said(label)).fill(text)
    page.get_by_role("button", name=said("Pay"), exact=True).click()


def keep_a_time(page):
    choose_a_time(page)
    hold(page)


def pay_for_a_time(page):
    keep_a_time(page)
    leave_for_stripe(page)
    pay(page)
    expect(page.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
