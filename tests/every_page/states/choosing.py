"""States of the booking page: the start, the calendar and the details."""

from datetime import timedelta

from tests.every_page.states.rows import LONG_ADDRESS, appointment, choice, open_details, practice
from tests.every_page.states.site import state
from tests.factories import in_days, make_provider, make_service


def at_the_practice(site):
    """Return a provider without a place of their own, at a practice with a long address."""
    provider = practice()
    provider.place, site.settings.PRACTICE_ADDRESS = "", LONG_ADDRESS
    provider.save()
    return provider


@state("Nobody can be booked online yet.")
def no_provider_yet(site):
    site.open("/")


@state("Who would you like to see?")
def the_start_page(site):
    practice()
    make_provider(name="Daniel Okafor", services=[make_service(name="Physiotherapy")])
    site.open("/")


@state("Donaudampfschifffahrtsgesellschaftsplatz")
def the_start_page_where_all_are_at_the_practice(site):
    at_the_practice(site)
    site.open("/")


@state("Pay or give it back")
def the_start_page_with_a_time_kept(site):
    site.keeps(appointment(practice()))
    site.open("/")


@state("What would you like to book?")
def the_services_of_one_provider(site):
    site.open(f"/?provider={practice().slug}")


@state("We do not know this provider or service.")
def an_unknown_provider(site):
    practice()
    site.open("/?provider=nobody")


@state("You have this time already:")
def back_at_a_time_that_is_booked_by_now(site):
    mine = appointment(practice(), status="confirmed")
    site.keeps(mine)
    site.open(choice(mine.provider, time=mine.appointment_time.isoformat()))


@state("Next free time:")
def the_calendar(site):
    site.open(choice(practice()))


@state("When suits you?")
def the_calendar_swapped_in(site):
    practice()
    site.open("/")
    site.page.locator(".services a").first.click()


@state("Show times there")
def the_calendar_on_another_clock(site):
    site.open(choice(practice(), zone="America/New_York"))
    site.text("Change the time zone").click()


@state("No free times on this day.")
def a_day_without_times(site):
    provider = practice()
    midnight = in_days(3, "00:00", provider=provider)
    provider.time_off.create(starts=midnight, ends=midnight + timedelta(days=1))
    site.open(choice(provider, date=f"{midnight.astimezone(provider.zone):%Y-%m-%d}"))


@state("No free times in")
def a_month_without_times(site):
    provider = practice()
    provider.time_off.create(starts=in_days(7, provider=provider), ends=in_days(200, provider=provider))
    site.open(choice(provider, date=f"{in_days(45, provider=provider):%Y-%m}"))


@state("There are no free times in the next weeks.")
def no_free_time_at_all(site):
    provider = practice()
    provider.time_off.create(starts=in_days(-1, provider=provider), ends=in_days(400, provider=provider))
    site.open(choice(provider))


@state("That day cannot be booked here.")
def a_day_that_is_over(site):
    site.open(choice(practice(), date="2020-01-01"))


@state("These are the nearest free times:")
def a_time_that_is_taken(site):
    provider = practice()
    taken = appointment(provider, status="confirmed")
    site.open(choice(provider, time=taken.appointment_time.isoformat()))


@state("We keep this time for you while you pay")
def the_details(site):
    open_details(site)


@state("10:00 Dublin time")
def the_details_on_another_clock(site):
    provider = practice()
    site.open(choice(provider, zone="America/New_York", time=in_days(3, provider=provider).isoformat()))


@state("This appointment is free of charge.")
def the_details_of_what_is_free(site):
    open_details(site, "introductory-call")


@state("while you pay a deposit of")
def the_details_of_what_takes_a_deposit(site):
    open_details(site, "running-analysis")


@state("at the practice. The appointment is confirmed")
def the_details_of_what_is_paid_at_the_practice(site):
    open_details(site, "blood-test")


@state("What is paid online is now")
def the_details_of_what_is_paid_in_another_way_meanwhile(site):
    provider = open_details(site)
    site.field("Email address").fill("jo@example.com")
    provider.services.filter(slug="consultation").update(payment="deposit", deposit="20.00")
    site.press("Continue to payment")


@state("There is a problem")
def the_details_with_errors(site):
    open_details(site)
    site.field("Email address").fill("jo@example")
    site.field("Your name").fill("J" * 101)
    site.field("Note").fill("n" * 1001)
    site.press("Continue to payment")


@state("What you typed is still here.")
def the_details_of_a_time_just_taken(site):
    provider = open_details(site)
    appointment(provider, status="confirmed")
    site.field("Email address").fill("jo@example.com")
    site.press("Continue to payment")


@state("We keep this time for you while you pay")
def the_details_at_the_practice(site):
    provider = at_the_practice(site)
    site.open(choice(provider, time=in_days(3, provider=provider).isoformat()))


@state("The place is now")
def the_details_of_a_practice_that_has_moved(site):
    provider = at_the_practice(site)
    site.open(choice(provider, time=in_days(3, provider=provider).isoformat()))
    site.field("Email address").fill("jo@example.com")
    site.settings.PRACTICE_ADDRESS = "3 Mill Street, Cork"
    site.press("Continue to payment")


@state("You are keeping this time")
def the_details_of_a_time_that_is_kept(site):
    mine = appointment(practice(), client_name="Jo")
    site.keeps(mine, appointment(mine.provider, days=4))
    site.open(choice(mine.provider, time=mine.appointment_time.isoformat()))
    site.text("Change your details").click()


@state("The price is now €80.00.")
def the_details_of_what_has_changed_meanwhile(site):
    provider = open_details(site)
    site.field("Email address").fill("jo@example.com")
    provider.services.filter(slug="consultation").update(price="80.00", duration_minutes=60)
    site.press("Continue to payment")


@state("You keep 3 unpaid times already.")
def the_details_with_too_many_times_kept(site):
    provider = practice()
    site.keeps(*[appointment(provider, days=days) for days in (4, 5, 6)])
    site.open(choice(provider, time=in_days(3, provider=provider).isoformat()))
    site.field("Email address").fill("jo@example.com")
    site.press("Continue to payment")
