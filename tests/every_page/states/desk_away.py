"""States of the pages for time off and for a week of working hours."""

from datetime import datetime, time

from django.utils import timezone

from booking.models import TimeOff
from booking.schedule import public_holidays
from tests.every_page.states.desk_day import a_busy_day, at_the_desk
from tests.every_page.states.rows import practice
from tests.every_page.states.site import state
from tests.factories import make_appointment, make_provider


@state("Nothing is saved yet")
def time_off_that_touches_somebody(site):
    day = a_busy_day(site)
    off = TimeOff.objects.get()
    for provider in (off.provider, type(off.provider).objects.get(name="Marta Ruiz")):
        TimeOff.objects.create(provider=provider, starts=off.starts, ends=off.ends)
    site.open("/staff/away/")
    site.field("Who is away").select_option("*")
    site.field("First day").fill(str(day))
    site.press("Save")


@state("Choose who is away.")
def time_off_of_nobody(site):
    a_busy_day(site)
    site.open("/staff/away/")
    site.press("Save")


@state("Booked on that day:")
def the_holidays_of_a_year(site):
    """On the first of the next year somebody is booked, and the second is off for one of two already."""
    at_the_desk(site)
    provider, year = practice(), timezone.localdate().year + 1
    make_provider(name="Marta Ruiz", services=provider.services.all())
    first, second, *_ = public_holidays.of_year(year)
    at = datetime.combine(first, time(10), provider.zone)
    make_appointment(provider=provider, at=at, status="confirmed", client_phone="+353871234567")
    TimeOff.objects.bulk_create(public_holidays.time_off([second], [provider], timezone.now()))
    site.open("/staff/away/holidays/")


@state("These would be outside.")
def a_week_that_leaves_somebody_outside(site):
    a_busy_day(site)
    provider = TimeOff.objects.get().provider
    site.open(f"/staff/hours/{provider.slug}/")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        site.field(day, exact=True).fill("7:00-7:30")
    site.press("See what this changes")


@state("Is this as you mean it?")
def a_week_that_may_be_a_slip_for_two_providers(site):
    at_the_desk(site)
    provider = practice()
    make_provider(name="Marta Ruiz", services=provider.services.all(), hours=[("00:00", "00:00")])
    site.open(f"/staff/hours/{provider.slug}/")
    site.field("Monday", exact=True).fill("9-12, 1-5, 22:30-0")
    site.field("Tuesday", exact=True).fill("")
    for day in ("Wednesday", "Thursday"):
        site.field(day, exact=True).fill("9-5")
    site.page.get_by_label("Marta Ruiz").check()
    site.press("See what this changes")


@state("Nothing would change")
def a_week_that_changes_nothing(site):
    at_the_desk(site)
    site.open(f"/staff/hours/{practice().slug}/")
    site.press("See what this changes")


@state("There is a problem")
def a_week_that_overlaps(site):
    at_the_desk(site)
    site.open(f"/staff/hours/{practice().slug}/")
    site.field("Monday", exact=True).fill("9:00-13:00, 12:00-17:00")
    site.press("See what this changes")
