"""States of the pages of receipts."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from booking.models import Appointment
from payments.receipts import issue
from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import CANCELLED, appointment, payment_of
from tests.every_page.states.site import each, state
from tests.factories import make_taking


def paid(site, **facts):
    """Return one that was paid online, at a practice that says of itself all that it can."""
    site.settings.PRACTICE_ADDRESS = "12 Linden Road, Dublin 6"
    site.settings.TAX_LINE = "VAT number IE1234567T. Health care is exempt from VAT."
    booked = appointment(**{"status": "confirmed", "for_whom": "Mia Malone", **facts})
    payment_of(booked, paid_at=timezone.now() - timedelta(days=2))
    return booked


def open_receipt(site, booked, label=""):
    site.open(f"/payments/{booked.reference}/receipt/{label}")


@state("It says what was paid for this appointment")
def a_receipt_that_is_not_made_yet(site):
    open_receipt(site, paid(site))


@state("Nothing was paid for this appointment so far")
def a_receipt_before_anything_was_paid(site):
    open_receipt(site, appointment(status="confirmed", service="blood-test"))


@each(
    {
        "paid online": ("Paid online, through Stripe", {}),
        "of what was cancelled": ("Cancelled on", CANCELLED | {"confirmed_at": timezone.now()}),
        "of a client who did not come": ("Did not come", {"days": -1, "no_show_at": timezone.now()}),
    }
)
def a_receipt(site, **facts):
    booked = paid(site, **facts)
    issue(booked)
    open_receipt(site, booked)


@state("This is a test: no money was paid online.")
def a_receipt_of_what_was_paid_before_the_site_took_real_money(site):
    site.settings.STRIPE_SANDBOX = False
    booked = paid(site)
    issue(booked)
    open_receipt(site, booked)


@state("Paid at the practice, in cash")
def a_receipt_with_each_line_that_there_can_be(site):
    booked = paid(site, due_at_practice=Decimal("20.00"), taken_at_practice=Decimal("20.00"))
    entries = [make_taking(booked, 1000, method=method) for method in ("cash", "terminal", "transfer")]
    issue(booked)
    make_taking(booked, -1000, undoes=entries[0])
    online = booked.payments.get()
    payment_of(booked, dispute="lost", is_rest=True)
    online.refunds.create(attempt=1, amount=1000, reason="staff", status="succeeded")
    online.refunds.create(attempt=2, amount=1000, reason="by hand", status="succeeded")
    issue(booked)
    open_receipt(site, booked)


@state("This receipt no longer says all.")
def a_receipt_that_is_not_true_any_more(site):
    booked = paid(site)
    issue(booked)
    Appointment.objects.update(for_whom="")
    open_receipt(site, booked)


def corrected(site):
    """Return one of which all has gone back since its receipt was made, and that receipt."""
    booked = paid(site)
    first = issue(booked)
    booked.payments.get().refunds.create(attempt=1, amount=6000, reason="staff", status="succeeded")
    issue(booked)
    return booked, first


@state("It corrects receipt")
def a_receipt_that_corrects_another(site):
    booked, _ = corrected(site)
    open_receipt(site, booked)


@state("This receipt is no longer true.")
def a_receipt_that_was_corrected(site):
    booked, first = corrected(site)
    open_receipt(site, booked, f"{first.label}/")


@state("What was paid")
def a_receipt_of_a_deposit_says_what_is_left(site):
    booked = appointment(status="confirmed", due_at_practice=Decimal("40.00"))
    payment_of(booked, paid_at=timezone.now(), amount_captured=2000)
    issue(booked)
    open_receipt(site, booked)


# At the desk


def open_at_the_desk(site, booked, label=""):
    site.open(f"/staff/appointments/{booked.pk}/receipt/{label}")


@state("It gets a number and then stays as it is.")
def a_receipt_to_be_made_at_the_desk(site):
    at_the_desk(site)
    open_at_the_desk(site, paid(site))


@state("This receipt no longer says all.")
def a_receipt_at_the_desk_that_is_not_true_any_more(site):
    at_the_desk(site)
    booked = paid(site)
    issue(booked)
    booked.payments.get().refunds.create(attempt=1, amount=1000, reason="staff", status="succeeded")
    open_at_the_desk(site, booked)


@state("This receipt is no longer true.")
def a_receipt_at_the_desk_that_was_corrected(site):
    at_the_desk(site)
    booked, first = corrected(site)
    open_at_the_desk(site, booked, f"{first.label}/")
