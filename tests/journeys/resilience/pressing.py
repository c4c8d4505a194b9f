"""Press a link or a button whose request goes wrong, and see that the page says so and can be used again."""

import re

import pytest
import requests
from playwright.sync_api import expect

from tests.steps import choose_a_time, keep_a_time, open_what_is_chosen

with_javascript = pytest.mark.parametrize("javascript", [True], ids=["with JavaScript"])

NO_CONNECTION = "There is no connection. Nothing you typed is lost, and it is safe to try again."
OUR_FAULT = "Something went wrong on our side. Nothing you typed is lost, and it is safe to try again."
TOO_MUCH = "Too much came from your network just now. Nothing you typed is lost: wait a moment, and try again."
NO_ANSWER = "There is no answer yet. It is safe to try again: nothing is booked or paid twice."


def said(page):
    """The line in which the page says how its connection is."""
    return page.locator(".connection").get_by_role("status")


def type_details(page):
    choose_a_time(page)
    page.get_by_label("Email address").fill("jo@example.com")
    page.get_by_label("Note").fill("Left knee")
    open_what_is_chosen(page)


# Each says how to get there, what is pressed, which address its request has, and which heading it leads to.
LINK = (type_details, ("link", "Change time"), re.compile(r"date="), "When suits you?")
HOLD = (type_details, ("button", "Continue to payment"), re.compile(r"time="), "Pay to confirm")
PAY = (keep_a_time, ("button", "Pay with Stripe"), re.compile(r"/checkout/$"), "Pay by card")


class Press:
    """One press on one page."""

    def __init__(self, page, press):
        walk, (role, name), self.address, heading = press
        walk(page)
        self.page = page
        self.target = page.get_by_role(role, name=name)
        self.end = page.get_by_role("heading", name=heading)

    def without_connection(self):
        """Press while the browser is offline, and expect the sentence that says so."""
        self.page.context.set_offline(True)
        self.target.click()
        expect(said(self.page)).to_have_text(NO_CONNECTION)

    def failed_in_place(self):
        """Expect that the page says so where one sees it, and that the button can be pressed again."""
        expect(self.page.get_by_role("button", name="Try again")).to_be_in_viewport(ratio=1)
        expect(said(self.page)).to_be_in_viewport(ratio=1)
        expect(self.target).to_be_enabled()
        expect(self.target).to_be_focused()
        expect(self.page.locator("main")).not_to_have_attribute("aria-busy", "true")

    def next_answer_gets_lost(self):
        """Let the next request arrive and be acted on, while its answer and its cookies do not come back."""
        self.page.route(self.address, self.act_and_say_nothing, times=1)

    def act_and_say_nothing(self, route):
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        headers = route.request.headers
        requests.post(
            route.request.url, route.request.post_data, headers=headers, cookies=cookies, allow_redirects=False
        )


def the_same(press):
    press.target.click()


def try_again(press):
    press.page.get_by_role("button", name="Try again").click()


def wake(page):
    """Let the tab come into view again, upon which a page asks how things stand."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
