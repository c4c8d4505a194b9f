"""States of the page on which the address of a provider's diary is made, for a calendar to subscribe to."""

from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import practice
from tests.every_page.states.site import state


def open_calendar(site):
    at_the_desk(site)
    site.open(f"/staff/calendars/{practice().slug}/")


@state("There is no address yet.")
def no_calendar_address_yet(site):
    open_calendar(site)


@state("How to add it")
def a_calendar_address_that_was_just_made(site):
    open_calendar(site)
    site.press("Make the address")


@state("It cannot be shown again.")
def a_calendar_address_that_is_in_use(site):
    open_calendar(site)
    site.press("Make the address")
    site.text("How to add it").wait_for()
    site.page.goto(site.page.url)


@state("The address is removed.")
def a_calendar_address_that_was_removed(site):
    a_calendar_address_that_is_in_use(site)
    site.press("Remove the address")


@state("Nothing was changed now")
def a_calendar_address_that_was_made_in_another_tab(site):
    open_calendar(site)
    tab = site.page.context.new_page()
    tab.goto(site.page.url)
    tab.locator("form.at-once .primary").click()
    tab.locator(".ways").wait_for()
    tab.close()
    site.press("Make the address")
