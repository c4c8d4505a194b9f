"""States of the page on which an owner makes links, and of the booking page in a frame."""

from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import practice
from tests.every_page.states.site import state


@state("HTML of a frame")
def a_link_and_a_frame_to_copy(site):
    at_the_desk(site)
    site.settings.EMBED_ON = ["https://www.oak.example"]
    site.open(f"/staff/links/?provider={practice().slug}")


@state("Choose one from the list.")
def a_link_to_what_is_not_there(site):
    at_the_desk(site)
    practice()
    site.open("/staff/links/?provider=nobody")


@state("Once you have chosen a time, you go on at")
def the_booking_page_in_a_frame(site):
    practice()
    site.settings.EMBED_ON = ["https://www.oak.example"]
    site.open("/?embedded=1")


@state("This time is free")
def a_time_in_a_frame(site):
    the_booking_page_in_a_frame(site)
    address = site.page.locator(".next-free a").first.get_attribute("href")
    site.open(f"{address}&embedded=1")
