"""States of what goes wrong, and of the page that describes the API."""

from tests.every_page.states.rows import appointment, open_details
from tests.every_page.states.site import state


@state("There is nothing at this address")
def an_unknown_address(site):
    site.open("/nowhere/")


@state("That cannot be done here")
def an_address_that_is_only_posted_to(site):
    site.open(f"/payments/{appointment().reference}/checkout/")


@state("Your browser did not send our cookie")
def a_browser_without_cookies(site):
    open_details(site)
    site.page.context.clear_cookies()
    site.press("Continue to payment")


@state("Something went wrong on our side")
def a_fault_of_our_own(site):
    def fail(request):
        raise RuntimeError("on purpose")

    site.monkeypatch.setattr("booking.pages.book.choose", fail)
    site.open("/")


@state("There is no connection.")
def a_connection_that_was_lost(site):
    open_details(site)
    site.page.context.set_offline(True)
    site.press("Continue to payment")


@state("For programs")
def the_description_for_programs(site):
    site.open("/api/docs")
