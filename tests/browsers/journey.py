"""All that a client does on the site, step by step, and a look at the desk."""

from urllib.parse import parse_qs, urlsplit

from tests.browsers.browser import Browser
from tests.cards import typed

NEXT = '//a[@rel = "next"]'
DAYS_OF = '//table//a[contains(@href, "date={}-")]'
TIMES = '//*[contains(@class, "times")]//a'
TIMETABLE = '//*[contains(@class, "timetable")]//h2'


def go(browser: Browser, site: str, *, javascript: bool) -> None:
    """Walk all the way. Raises AssertionError at the first step whose page does not say what it should."""
    choose_a_time(browser, site)
    browser.call("() => { window.isFirstPage = true }")
    mistype_and_hold(browser)
    is_first_page = browser.call("() => window.isFirstPage === true")
    assert is_first_page == javascript, "With JavaScript a step is swapped into the page; without, it is a new page."
    pay(browser)
    change_the_time(browser)
    cancel(browser)
    look_at_the_desk(browser, site)


def choose_a_time(browser: Browser, site: str) -> None:
    """Choose a provider, a service, and a day of next month, so that all of the money will come back."""
    browser.open(site)
    browser.follow("Consultation")
    browser.see("heading", "When suits you?")
    (month,) = parse_qs(urlsplit(browser.follow_link(NEXT)).query)["date"]
    browser.follow_link(f"({DAYS_OF.format(month)})[last()]")
    browser.follow_link(TIMES)
    browser.see("heading", "Your details")


def mistype_and_hold(browser: Browser) -> None:
    browser.fill("Your name", "Jo Byrne")
    browser.fill("Email address", "jo@example")
    browser.press("Continue to payment")
    browser.see("alert", "Enter an email address, like name@example.com.")
    browser.find('//input[@value = "Jo Byrne"]')
    browser.fill("Email address", "jo@example.com")
    browser.press("Continue to payment")
    browser.see("heading", "Pay to confirm")


def pay(browser: Browser) -> None:
    browser.press("Pay with Stripe")
    for label, text in typed().items():
        browser.fill(label, text)
    browser.press("Pay")
    browser.see("heading", "Appointment confirmed")


def change_the_time(browser: Browser) -> None:
    """Look at one time, go back with the browser's own button, and take another."""
    browser.follow("Change the time")
    browser.follow_link(f"({TIMES})[1]")
    browser.see("heading", "Take this time instead?")
    browser.back()
    browser.see("heading", "When suits you better?")
    browser.follow_link(f"({TIMES})[last()]")
    browser.press("Change the time")
    browser.see("words", "Your appointment was moved.")


def cancel(browser: Browser) -> None:
    browser.follow("Cancel this appointment")
    browser.press("Cancel and get")
    browser.see("heading", "Appointment cancelled")
    browser.see("words", "was returned.")


def look_at_the_desk(browser: Browser, site: str) -> None:
    """Sign in by a button of the demonstration, and turn from today's page to tomorrow's."""
    browser.open(f"{site}/staff/")
    browser.press("Look around at reception")
    browser.find(TIMETABLE)
    browser.follow_link(NEXT)
    browser.find(TIMETABLE)
