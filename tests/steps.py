"""What a client does on the site, step by step, in a real browser."""

import re

from playwright.sync_api import expect


def follow(page, link):
    """Wait until one is there: what is pressed too early is a link of the page before."""
    address = link.get_attribute("href")
    link.click()
    expect(page).to_have_url(re.compile(f"{re.escape(address)}$"))


def choose_a_time(page, service="Consultation"):
    page.goto("/")
    page.get_by_role("link", name=service).click()
    expect(page.get_by_role("heading", name="When?")).to_be_visible()
    page.locator(".next-free a").click()
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()


def hold(page, email="jo@example.com"):
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Hold this time").click()
    expect(page.get_by_role("heading", name="Pay to confirm")).to_be_visible()


def leave_for_stripe(page):
    page.get_by_role("button", name="Pay with Stripe").click()
    expect(page.get_by_label("Card number")).to_be_visible()


def pay(page, card="4242 4242 4242 4242"):
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("CVC").fill("123")
    page.get_by_role("button", name="Pay", exact=True).click()
