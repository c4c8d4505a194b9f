"""States of an appointment's page, and of the pages that cancel or move it."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

from django.utils import timezone

from booking.models import Appointment
from payments.checkout import open_session
from tests.every_page.states.rows import CANCELLED, GIVEN_BACK, appointment, payment_of
from tests.every_page.states.site import each, state
from tests.factories import in_days, make_appointment

PAID_IN_TWO = {"days": 5, "due_at_practice": Decimal("40.00"), "taken_at_practice": Decimal("35.00")}


@each(
    {
        "held": ("Your time is kept", {}),
        "held for a slow payment": ("Your time is kept", {"hold_expires_at": None}),
        "confirmed": ("Appointment confirmed", {"status": "confirmed"}),
        "confirmed and free": ("Appointment confirmed", {"status": "confirmed", "service": "introductory-call"}),
        "confirmed with a deposit": ("Paid", {"status": "confirmed", "service": "running-analysis"}),
        "confirmed and paid at the practice": ("at the practice", {"status": "confirmed", "service": "blood-test"}),
        "held for a deposit": ("Deposit", {"service": "running-analysis"}),
        "moved": ("Your appointment was moved.", {"status": "confirmed", "moved_from": timezone.now()}),
        "over": ("Appointment confirmed", {"status": "confirmed", "days": -1}),
        "cancelled": ("Appointment cancelled", CANCELLED),
        "given back": ("This time was given back", GIVEN_BACK),
        "expired": ("This time was given back", {"status": "expired"}),
    }
)
def the_appointment(site, **facts):
    site.open(f"/appointments/{appointment(**facts).reference}/")


@each(
    {
        "returned": ("€60.00 was returned.", {"status": "succeeded"}),
        "on its way": ("€60.00 is on its way back to you.", {"status": "pending"}),
        "waiting for the bank": ("€60.00 is waiting.", {"status": "owed", "dispute": "needs_response"}),
        "failed": ("could not be returned to your card.", {"status": "failed"}),
        "with the bank": ("Your bank has returned your payment.", {"status": "canceled", "dispute": "lost"}),
        "a part with the bank": (
            "Your bank has returned €20.00 of your payment.",
            {"status": "canceled", "dispute": "lost", "charged_back": 2000},
        ),
    }
)
def the_money_of_a_cancelled_appointment(site, status, dispute="", **facts):
    booked = appointment(**GIVEN_BACK)
    paid = payment_of(booked, dispute=dispute, refund_due=0 if dispute == "lost" else 6000, **facts)
    paid.refunds.create(attempt=1, amount=6000, reason="cancelled", status=status)
    site.open(f"/appointments/{booked.reference}/")


@each(
    {
        "all of it comes back": ("Cancel and get €60.00 back", {"days": 5}),
        "half of it comes back": ("Cancel and get €30.00 back", {"days": 2, "cancellation_policy": "24h 50%"}),
        "some went back before": ("has gone back to you already", {"days": 5, "returned": Decimal("20.00")}),
        "too late": ("it is too late for that", {"days": 2, "cancellation_policy": "72h 100%"}),
        "nothing ever comes back": ("This practice returns nothing", {"cancellation_policy": ""}),
        "free": ("Keep the appointment", {"service": "introductory-call"}),
        "a deposit comes back": ("Cancel and get €40.00 back", {"days": 5, "service": "running-analysis"}),
        "due at the practice": ("Keep the appointment", {"service": "blood-test"}),
        "paid at the practice too": (
            "For the €35.00 you paid at the practice, ask the practice.",
            {"days": 5, **PAID_IN_TWO},
        ),
    }
)
def the_cancel_step(site, **facts):
    site.open(f"/appointments/{appointment(status='confirmed', **facts).reference}/cancel/")


@state("Nothing was cancelled yet.")
def the_cancel_step_when_its_terms_have_changed(site):
    booked = appointment(status="confirmed", days=5)
    site.open(f"/appointments/{booked.reference}/cancel/")
    Appointment.objects.update(returned=Decimal("20.00"))
    site.press("Cancel and get €60.00 back")


@state("This appointment has begun or is over")
def the_appointment_that_began_before_cancel_was_pressed(site):
    booked = appointment(status="confirmed", service="introductory-call")
    site.open(f"/appointments/{booked.reference}/cancel/")
    begun = timezone.now() - timedelta(minutes=1)
    Appointment.objects.update(appointment_time=begun)
    site.press("Cancel this appointment")


@state("When suits you better?")
def another_time_for_an_appointment(site):
    site.open(f"/appointments/{appointment(status='confirmed', days=5).reference}/reschedule/")


@state("Take this time instead?")
def the_step_that_changes_the_time(site):
    moved = appointment(status="confirmed", days=5)
    later = (moved.appointment_time + timedelta(days=1)).isoformat().replace("+", "%2B")
    site.open(f"/appointments/{moved.reference}/reschedule/?time={later}")


def about_to_move(site, **facts):
    """Open the last page before the appointment is moved, and return the appointment."""
    moved = appointment(**{"status": "confirmed", "days": 5, **facts})
    later = quote(in_days(6, provider=moved.provider).isoformat())
    site.open(f"/appointments/{moved.reference}/reschedule/?time={later}")
    return moved


@state("That time was taken a moment ago.")
def a_time_that_was_taken_before_the_appointment_moved(site):
    moved = about_to_move(site)
    make_appointment(provider=moved.provider, at=in_days(6, provider=moved.provider), status="confirmed")
    site.press("Change the time")


@state("so nothing was changed. Try again soon.")
def moving_with_stripe_out_of_reach(site):
    moved = about_to_move(site, status="held")
    open_session(moved)
    site.lose_stripe()
    site.press("Change the time")


@state("The time of this appointment can no longer be changed here.")
def moving_what_was_cancelled_in_another_tab(site):
    moved = about_to_move(site)
    moved.cancel(Decimal(0))
    site.press("Change the time")
