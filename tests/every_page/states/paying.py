"""States of the page before paying, and of the page that Stripe leads back to."""

from django.utils import timezone

from booking.models import Appointment
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


@state("Do not pay again")
def the_pay_page_of_what_is_paid_already(site):
    booked = appointment()
    payment_of(booked)
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
