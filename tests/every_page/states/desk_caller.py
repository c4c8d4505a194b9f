"""States of booking for a caller, and of finding a client."""

from tests.every_page.states.rows import LONG_NAME, appointment, practice
from tests.every_page.states.site import state
from tests.factories import in_days, make_appointment
from tests.staff import sign_in, somebody

PHONE = "+353871234567"


def open_form(site, provider, days=3, service="consultation"):
    """Open the form at ten o'clock, so many days from today, as somebody at reception."""
    sign_in(site.page, somebody("Reception", name="grace"), site.settings.SITE_URL)
    time = in_days(days, provider=provider).isoformat().replace("+", "%2B")
    site.open(f"/staff/book/?provider={provider.slug}&service={service}&time={time}")


@state("Press one to fill in their details:")
def the_form_for_a_caller_with_a_known_client(site):
    provider = practice()
    appointment(provider, days=5, client_phone=PHONE)
    open_form(site, provider)
    site.field("Name").press_sequentially("donau")


@state("The link is for the deposit of")
def the_form_for_a_caller_who_pays_a_deposit(site):
    open_form(site, practice(), service="running-analysis")


@state("Either way it is confirmed at once.")
def the_form_for_a_caller_who_pays_at_the_practice(site):
    open_form(site, practice(), service="blood-test")


@state("There is a problem")
def the_form_for_a_caller_with_errors(site):
    open_form(site, practice())
    site.text("Several in a row").click()
    site.field("How often").select_option("1")
    site.field("How many in all").fill("1")
    site.field("By link, until another time").check()
    site.press("Book this time")


@state("has that time.")
def a_callers_time_that_was_taken(site):
    provider = practice()
    open_form(site, provider)
    appointment(provider, client_phone=PHONE)
    site.field("Phone number").fill(PHONE)
    site.named("button", "Wilhelmine").wait_for()
    site.press("Book this time")


@state("Not booked: these times are not free")
def what_was_booked_for_a_caller(site):
    provider = practice()
    appointment(provider, days=10)
    open_form(site, provider)
    site.field("Name").fill(LONG_NAME)
    site.field("Phone number").fill(PHONE)
    site.text("Several in a row").click()
    site.field("How often").select_option("1")
    site.field("How many in all").fill("3")
    site.press("Book this time")


@state("Coming")
def a_client_who_is_found(site):
    provider = practice()
    appointment(provider, client_phone=PHONE)
    make_appointment(provider=provider, at=in_days(-3, provider=provider), client_name="Joe", status="confirmed")
    appointment(provider, days=-8, status="cancelled")
    open_form(site, provider)
    site.press("Find", "link")
    site.field("Name, email, phone number or reference").fill("donau")
    site.press("Find")


@state("Nobody is found for")
def nobody_who_is_found(site):
    open_form(site, practice())
    site.open("/staff/find/?q=donaudampfschifffahrtsgesellschaft")


@state("2 more people fit.")
def more_clients_than_fit_on_a_page(site):
    provider = practice()
    for number in range(12):
        at = in_days(number + 4, provider=provider)
        make_appointment(provider=provider, at=at, email=f"jo{number}@example.com", client_name=f"Jo {number}")
    open_form(site, provider)
    site.open("/staff/find/?q=jo")
