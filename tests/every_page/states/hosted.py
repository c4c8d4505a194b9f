"""States of the sandbox's payment page."""

import time

from payments.sandbox import checkout as stripe_checkout
from tests.cards import ASKS_FIRST, WITHOUT_FUNDS, typed
from tests.every_page.states.site import state
from tests.shapes import session_params


def open_hosted(site, **facts):
    session = stripe_checkout.create(session_params(), int(time.time()))
    session.change(**facts)
    site.open(f"/stripe-sandbox/pay/{session.pk}")


def pay(site, *card):
    for label, text in typed(*card).items():
        site.field(label).fill(text)
    site.press("Pay")


@state("Pay by card")
def the_hosted_page(site):
    open_hosted(site)


@state("Nothing was charged yet.")
def the_hosted_page_with_errors(site):
    open_hosted(site)
    pay(site, "4242", "13 / 34", "12")


@state("Your card has insufficient funds.")
def the_hosted_page_after_a_decline(site):
    open_hosted(site)
    pay(site, WITHOUT_FUNDS)


@state("Your bank asks whether it is you")
def the_hosted_page_when_the_bank_asks(site):
    open_hosted(site)
    pay(site, ASKS_FIRST)


@state("This payment page has expired")
def the_hosted_page_expired(site):
    open_hosted(site, status="expired")


@state("This is already paid")
def the_hosted_page_paid(site):
    open_hosted(site, status="complete")


@state("There is no such payment page")
def the_hosted_page_unknown(site):
    site.open("/stripe-sandbox/pay/cs_test_nobody")
