"""States of the page before paying, and of the page that Stripe leads back to."""

from decimal import Decimal

from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import Appointment
from payments import takings
from tests.every_page.states.rows import CANCELLED, GIVEN_BACK, appointment, open_details, payment_of
from tests.every_page.states.site import each, state


@state("You pay by card on Stripe")
def the_pay_page(site):
    site.open(f"/payments/{appointment().reference}/")
    site.page.locator("main .step summary").click()


@state("This is the deposit.")
def the_pay_page_of_a_deposit(site):
    site.open(f"/payments/{appointment(service='running-analysis').reference}/")


@state("Pay to confirm")
def the_pay_page_swapped_in(site):
    open_details(site)
    site.field("Email address").fill("jo@example.com")
    site.press("Continue to payment")


@state("You came back from the payment page.")
def the_pay_page_after_stripe(site):
    site.open(f"/payments/{appointment().reference}/cancelled/")


@state("Stripe cannot be reached at the moment.")
def the_pay_page_with_stripe_out_of_reach(site):
    site.lose_stripe()
    site.open(f"/payments/{appointment().reference}/")
    site.press("Pay with Stripe")


@state("A payment for this time is on its way.")
def the_pay_page_of_a_slow_payment(site):
    booked = appointment(hold_expires_at=None)
    payment_of(booked, status="processing")
    site.open(f"/payments/{booked.reference}/")


@state("This is still to pay, here or at the practice:")
def the_pay_page_of_the_rest(site):
    booked, _ = asked_for_the_rest()
    site.open(f"/payments/{booked.reference}/")


@state("Your appointment has changed since you opened that page.")
def the_pay_page_of_the_rest_of_which_a_part_was_taken_meanwhile(site):
    booked, staff = asked_for_the_rest()
    site.open(f"/payments/{booked.reference}/")
    takings.take(booked, Decimal("15.00"), method="cash", taken_at=timezone.now(), by=staff)
    site.press("Pay with Stripe")


@state("Your payment has arrived")
def back_from_stripe_with_the_rest_paid(site):
    site.lose_stripe()
    booked, _ = asked_for_the_rest()
    Appointment.objects.update(due_at_practice=0)
    paid = payment_of(booked, is_rest=True)
    site.open(f"/payments/{booked.reference}/success/?session_id={paid.checkout_session_id}")


def asked_for_the_rest():
    """Return an appointment of which €40.00 is asked for by link, and who asked."""
    booked = appointment(status="confirmed", due_at_practice=Decimal("40.00"))
    staff = User.objects.create(username="grace", first_name="Grace", last_name="Kelly")
    booked.ask_for_rest(staff)
    return booked, staff


@state("Do not pay again")
def the_pay_page_of_what_is_paid_already(site):
    booked = appointment()
    payment_of(booked, problem="mismatch")
    site.open(f"/payments/{booked.reference}/")
    site.press("Pay with Stripe")


@state("This time was given back")
def a_hold_that_ran_out_before_pay_was_pressed(site):
    booked = appointment()
    site.open(f"/payments/{booked.reference}/")
    Appointment.objects.update(hold_expires_at=timezone.now())
    site.press("Pay with Stripe")


@each(
    {
        "confirmed": ("Appointment confirmed", {"status": "confirmed"}),
        "not heard of": ("Checking your payment", {"payment": {"status": "open"}}),
        "on its way": ("Your payment is on its way", {"payment": {"status": "processing"}}),
        "not paid": ("Not paid", {"payment": {"status": "expired"}}),
        "paid twice": ("your money goes back", {"status": "confirmed", "payment": {"problem": "paid twice"}}),
        "paid too late": ("your money goes back", {**GIVEN_BACK, "payment": {"problem": "time gone"}}),
        "of another amount": ("and we look into it", {"payment": {"problem": "mismatch"}}),
        "unknown": ("We cannot find your payment", {"payment": {"problem": "unknown", "status": "failed"}}),
        "cancelled since": ("Appointment cancelled", CANCELLED),
    }
)
def back_from_stripe(site, payment=None, **facts):
    site.lose_stripe()
    booked = appointment(**facts)
    paid = payment_of(booked, **(payment or {}))
    site.open(f"/payments/{booked.reference}/success/?session_id={paid.checkout_session_id}")
