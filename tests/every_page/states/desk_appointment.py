"""States of one appointment's page at the desk, and of the pages that change it."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import Appointment, Change, Mail
from payments import takings
from tests.every_page.states.rows import CANCELLED, GIVEN_BACK, appointment, payment_of
from tests.every_page.states.site import each, state
from tests.factories import in_days
from tests.staff import sign_in

PHONE = "+353871234567"


def at_the_desk(site, **facts):
    """Sign in as somebody with a long name who may do everything, and return the appointment and that user."""
    name = {"first_name": "Wilhelmine", "last_name": "Donaudampfschifffahrtsgesellschaft"}
    owner = User.objects.create(username="owner", is_staff=True, is_superuser=True, **name)
    sign_in(site.page, owner, site.settings.SITE_URL)
    booked = appointment(client_phone=PHONE, **facts)
    return booked, owner


def open_page(site, booked, part=""):
    site.open(f"/staff/appointments/{booked.pk}/{part}")


@state("What happened")
def an_appointment_at_the_desk(site):
    booked, owner = at_the_desk(site, status="confirmed")
    paid = payment_of(booked, dispute="needs_response", paid_at=timezone.now(), refund_due=6000)
    paid.refunds.create(attempt=1, amount=2000, reason="staff", status="succeeded")
    paid.refunds.create(
        attempt=2, amount=1000, reason="cancelled", status="failed", failure_reason="lost_or_stolen_card"
    )
    paid.refunds.create(attempt=3, amount=1000, reason="staff", status="owed")
    Mail.about(booked, Mail.Kind.CONFIRMED, "1").save()
    Change.objects.record(booked, Change.Kind.CORRECTED, owner, fields="client_name client_email client_phone note")
    open_page(site, booked)


@each(
    {
        "payment on its way": ("Payment on its way", {"hold_expires_at": None}),
        "without a fee": ("No fee", {"status": "confirmed", "service": "introductory-call"}),
        "deposit paid": ("To pay", {"status": "confirmed", "service": "running-analysis"}),
        "to pay here": ("To pay", {"status": "confirmed", "service": "blood-test"}),
        "no-show": ("Came after all", {"status": "confirmed", "days": -1, "no_show_at": timezone.now()}),
        "cancelled": ("Cancelled", CANCELLED),
        "given back": ("Given back before it was paid", GIVEN_BACK),
        "expired": ("Given back, as it was not paid", {"status": "expired"}),
    }
)
def an_appointment_at_the_desk_as_it_stands(site, **facts):
    booked, _ = at_the_desk(site, **facts)
    open_page(site, booked)


@state("Last, at")
def an_appointment_at_the_desk_that_a_colleague_changed_first(site):
    booked, owner = at_the_desk(site)
    open_page(site, booked)
    booked.keep_until(timezone.now() + timedelta(days=1), owner)
    site.press("Send the link to pay again")


@each(
    {
        "a deposit": ("The deposit stays paid", {"service": "running-analysis"}),
        "what is paid at the practice": ("It is paid at the practice, as before.", {"service": "blood-test"}),
    }
)
def the_step_that_moves_at_the_desk(site, **facts):
    booked, _ = at_the_desk(site, status="confirmed", **facts)
    later = in_days(4, "11:00", provider=booked.provider)
    open_page(site, booked, f"move/?day={later:%Y-%m-%d}&clock=11:00")


@state("Nothing was paid online, so nothing goes back by itself.")
def cancelling_at_the_desk_what_is_paid_at_the_practice(site):
    booked, _ = at_the_desk(site, status="confirmed", service="blood-test")
    open_page(site, booked, "cancel/")


@state("Or any other time")
def another_time_chosen_at_the_desk(site):
    booked, _ = at_the_desk(site, status="confirmed")
    open_page(site, booked, "move/")


@state("Read this first:")
def a_time_that_no_client_could_choose(site):
    booked, _ = at_the_desk(site, status="confirmed")
    night = in_days(70, "03:00", provider=booked.provider)
    open_page(site, booked, f"move/?day={night:%Y-%m-%d}&clock=03:00")


@state("That is more than is left.")
def cancelling_at_the_desk_with_more_than_is_left(site):
    booked, _ = at_the_desk(site, status="confirmed", returned=Decimal("20.00"))
    payment_of(booked, dispute="warning_needs_response")
    open_page(site, booked, "cancel/")
    site.field("Goes back to the client").fill("60")
    site.press("Cancel the appointment")


@state("There is a problem")
def more_money_to_return_than_was_paid(site):
    booked, _ = at_the_desk(site, status="confirmed")
    paid = payment_of(booked)
    open_page(site, booked, f"refund/{paid.pk}/")
    site.field("Amount").fill("60.01")
    site.press("Return it")


@state("There is a problem")
def details_with_a_phone_number_of_letters(site):
    booked, _ = at_the_desk(site)
    open_page(site, booked, "correct/")
    site.field("Phone number").fill("letters")
    site.press("Save the details")


@state("There is a problem")
def a_deadline_without_a_time(site):
    booked, _ = at_the_desk(site)
    open_page(site, booked, "keep/")
    site.field("Time", exact=True).fill("")
    site.press("Save the deadline")


@state("On record at")
def details_that_a_colleague_corrected_first(site):
    booked, owner = at_the_desk(site)
    open_page(site, booked, "correct/")
    Appointment.objects.get().correct(owner, client_name="Wilhelmina", note="")
    site.press("Save the details")


def some_of_it_taken(site, **facts):
    """Two parts of what is due at the practice were taken; one is undone, and of the other a part was given back.

    Return the appointment and that other entry.
    """
    due = {"status": "confirmed", "due_at_practice": Decimal("40.00"), **facts}
    booked, owner = at_the_desk(site, **due)
    payment_of(booked, paid_at=timezone.now())
    first, second = (
        takings.take(booked, Decimal(amount), method=method, taken_at=timezone.now(), by=owner)
        for amount, method in (("25.00", "cash"), ("10.00", "terminal"))
    )
    for entry, amount in ((second, "10.00"), (first, "5.00")):
        takings.undo(entry, Decimal(amount), method="transfer", taken_at=timezone.now(), by=owner)
    return booked, first


@state("Paid at the practice")
def an_appointment_of_which_a_part_was_paid_at_the_practice(site):
    booked, _ = some_of_it_taken(site)
    open_page(site, booked)


@state("The client can pay the rest at this address.")
def an_appointment_at_the_desk_of_which_the_rest_is_asked_for(site):
    booked, _ = some_of_it_taken(site)
    open_page(site, booked)
    site.press("Ask for the rest by link")


@state("It is cancelled. If you give it back, or a part of it, record that here.")
def a_cancelled_appointment_of_which_a_part_was_paid_at_the_practice(site):
    booked, _ = some_of_it_taken(site)
    booked.cancel(Decimal(0))
    open_page(site, booked)


@state("is still to pay at the practice")
def the_rest_to_take_at_the_practice(site):
    booked, _ = some_of_it_taken(site)
    open_page(site, booked, "take/")


@state("Choose how it was paid.")
def more_taken_than_is_left_and_nobody_said_how(site):
    booked, _ = some_of_it_taken(site)
    open_page(site, booked, "take/")
    site.field("Amount").fill("40")
    site.press("Record it")


@state("This cannot be taken back")
def an_entry_of_a_cancelled_appointment_to_undo(site):
    booked, entry = some_of_it_taken(site)
    booked.cancel(Decimal(0))
    open_page(site, booked, f"takings/{entry.pk}/undo/")
