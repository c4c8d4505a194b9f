"""States of the desk's day and of a provider's week."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import Service, TimeOff
from tests.every_page.states.rows import LONG_NAME, appointment, practice
from tests.every_page.states.site import state
from tests.factories import in_days, make_appointment, make_provider, make_taking, to_pay_at_practice
from tests.staff import sign_in, somebody


def at_the_desk(site):
    """Give the browser the session of somebody with a long name who may do everything."""
    user = User.objects.create(username="sam", last_name="Donaudampfschifffahrtsgesellschaft", is_superuser=True)
    sign_in(site.page, user, site.settings.SITE_URL)


def a_busy_day(site):
    """An appointment of each standing on the day after tomorrow, time off, and a provider elsewhere. Return the day."""
    at_the_desk(site)
    provider = practice()
    appointment(provider, days=2, client_phone="+353871234567")
    for clock, facts in {
        "08:00": {"status": "confirmed", "service": provider.services.get(price=0)},
        "09:00": {"status": "confirmed", "service": provider.services.get(slug="running-analysis")},
        "09:45": {"status": "confirmed", "service": provider.services.get(slug="blood-test")},
        "11:00": {"hold_expires_at": None},
        "12:00": {"status": "confirmed", "client_name": "Nuala O’Neill"},
        "12:30": {"status": "confirmed", "client_name": "Nuala O’Neill", "due_at_practice": Decimal("40.00")},
        "13:00": {"status": "confirmed", "no_show_at": timezone.now(), "due_at_practice": Decimal("40.00")},
        "14:00": {"status": "cancelled", "cancelled_at": timezone.now()},
    }.items():
        make_appointment(provider=provider, at=in_days(2, clock, provider=provider), **facts)
    make_provider(name="Marta Ruiz", zone="Europe/Madrid", services=provider.services.all())
    off = [in_days(2, clock, provider=provider) for clock in ("15:00", "16:30")]
    TimeOff.objects.create(provider=provider, starts=off[0], ends=off[1])
    return in_days(2, provider=provider).date()


@state("Did not come")
def the_day(site):
    site.open(f"/staff/?day={a_busy_day(site)}")


@state(LONG_NAME)
def the_week_of_a_provider(site):
    day = a_busy_day(site)
    site.open(f"/staff/?day={day}")
    site.page.set_viewport_size({"width": 1280, "height": 900})
    site.press(LONG_NAME, "link")
    site.named("link", "All providers").wait_for()


@state("There is no such day in the diary")
def a_day_that_there_is_not(site):
    at_the_desk(site)
    practice()
    site.open("/staff/?day=1900-01-01")


@state("Now")
def today_when_one_is_free_all_day_and_another_is_not_in(site):
    at_the_desk(site)
    make_provider(name=LONG_NAME, hours=[("00:00", "00:00")])
    make_provider(name="Marta Ruiz", hours=[], services=Service.objects.all())
    site.open("/staff/")


@state("Taken at the practice on this day")
def today_when_money_was_taken(site):
    at_the_desk(site)
    due = to_pay_at_practice(provider=practice())
    make_provider(name="Marta Ruiz", hours=[], services=Service.objects.all())
    slip = make_taking(due, 1_234_500)
    make_taking(due, -1500, undoes=slip)
    make_taking(due, -2500, method="terminal", undoes=slip)
    make_taking(due, 3000, method="transfer")
    make_taking(due, 5000, currency="chf")
    site.open("/staff/")


@state("Away all day")
def a_day_on_which_everybody_is_away(site):
    at_the_desk(site)
    for provider in (practice(), make_provider(name="Marta Ruiz", services=Service.objects.all())):
        days = [in_days(days, "00:00", provider=provider) for days in (2, 3)]
        TimeOff.objects.create(provider=provider, starts=days[0], ends=days[1])
    site.open(f"/staff/?day={in_days(2, provider=provider).date()}")


@state("Nobody can be booked yet.")
def the_day_of_a_practice_without_providers(site):
    at_the_desk(site)
    site.open("/staff/")


@state("There is no diary that you may see yet.")
def that_day_for_who_may_add_no_provider(site):
    sign_in(site.page, somebody("Reception", last_name=LONG_NAME), site.settings.SITE_URL)
    site.open("/staff/")
