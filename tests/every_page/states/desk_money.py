"""States of the desk's month."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import appointment, payment_of, practice
from tests.every_page.states.site import state
from tests.factories import make_taking


def this_month(days: int = 0) -> datetime:
    """Return noon of the month's first day, or so many days later."""
    return timezone.now().replace(day=1, hour=12, minute=0) + timedelta(days=days)


def a_month_with_all_there_is():
    """A payment with its fee, one that a bank disputes, a refund, what was taken, what is to pay, and a no-show."""
    provider = practice()
    paid = appointment(provider, status="confirmed")
    of_it = payment_of(paid, paid_at=this_month(), fee=115, fee_currency="eur", amount_captured=1_234_500)
    of_it.refunds.create(attempt=1, reason="staff", amount=2500, status="succeeded", sent_at=this_month(1))
    payment_of(paid, paid_at=this_month(2), dispute="needs_response")
    facts = {"due_at_practice": Decimal("40.00"), "taken_at_practice": Decimal("15.00"), "no_show_at": timezone.now()}
    unpaid = appointment(provider, status="confirmed", service="running-analysis", days=4, **facts)
    end = this_month() + timedelta(minutes=30)
    unpaid.row.update(appointment_time=this_month(), end=end, blocked_until=end)
    make_taking(unpaid, 1500, taken_at=this_month(1))
    return paid


@state("Taken, minus what was returned")
def the_month(site):
    at_the_desk(site)
    a_month_with_all_there_is()
    site.open("/staff/money/")


@state("The highest bar is")
def the_month_with_the_table_of_its_plot(site):
    at_the_desk(site)
    a_month_with_all_there_is()
    site.open("/staff/money/")
    site.page.locator("summary").first.click()


@state("In CHF")
def the_month_in_two_currencies(site):
    at_the_desk(site)
    payment_of(a_month_with_all_there_is(), paid_at=this_month(), currency="chf", amount_captured=5000)
    site.open("/staff/money/")


@state("Nothing was paid or returned in")
def a_month_in_which_nothing_was_paid(site):
    at_the_desk(site)
    practice()
    site.open("/staff/money/?month=2099-12")


@state("There is no such month in the books")
def a_month_that_there_is_not(site):
    at_the_desk(site)
    practice()
    site.open("/staff/money/?month=1900-01")
