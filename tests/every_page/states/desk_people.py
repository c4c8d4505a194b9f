"""States of the pages on which an owner sees, downloads and erases what is held about a person."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import LinksRequest, Mail, WaitingEntry
from booking.personal_data import Person
from payments.personal_data import erase
from payments.receipts import issue
from staff.models import PersonLog
from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import LONG_EMAIL, appointment, payment_of, practice
from tests.every_page.states.site import state
from tests.factories import make_taking


def somebody_of_whom_all_is_held():
    """Two appointments, one paid, with a mail and a receipt; a wish, a request, other addresses, looks of before."""
    provider = practice()
    known = {"client_phone": "+353871234567", "for_whom": "Wilhelmine Donaudampfschifffahrtsgesellschaft"}
    paid = appointment(provider, days=-3, status="confirmed", confirmed_at=timezone.now(), **known)
    payment_of(paid, paid_at=timezone.now(), params={"customer_email": LONG_EMAIL})
    issue(paid)
    Mail.objects.enqueue(paid, Mail.Kind.CANCELLED)
    Mail.objects.update(status="sent", sent_at=timezone.now())
    appointment(provider, days=-5, status="cancelled", cancelled_at=timezone.now(), client_time_zone="Asia/Tokyo")
    wait(provider)
    LinksRequest.objects.ask(LONG_EMAIL, timezone.now())
    for kind in PersonLog.Kind:
        PersonLog.objects.record(Person.read(LONG_EMAIL), kind, User.objects.get(username="sam"), timezone.now())
    return provider


def wait(provider):
    now = timezone.now()
    wish = {"service": provider.services.first(), "since": now, "until": now + timedelta(days=5)}
    facts = {"address": LONG_EMAIL, "mailbox": LONG_EMAIL, "time_zone": "Europe/Dublin", "asked_at": now}
    WaitingEntry.objects.create(provider=provider, confirmed_at=now, **wish, **facts)
    WaitingEntry.objects.create(confirmed_at=now, **wish, **facts)


def somebody_named_only_on_a_receipt():
    """One who paid in cash and had given no name, and whose appointment has the address of another since."""
    booked = appointment(days=-3, service="blood-test", status="confirmed", client_name="")
    make_taking(booked, 3500)
    issue(booked)
    booked.correct(User.objects.get(username="sam"), client_email="sam@example.com")


def look(site, who=LONG_EMAIL):
    site.open("/staff/people/")
    site.field("Email address or phone number").fill(who)
    site.press("Show what is held")


@state("First make sure that it is them")
def asking_about_whom(site):
    at_the_desk(site)
    site.open("/staff/people/")


@state("months after an appointment it is erased by itself")
def asking_about_whom_where_tick_erases(site):
    at_the_desk(site)
    site.settings.KEEP_PERSONAL_DATA_MONTHS = 36
    site.open("/staff/people/")


@state("Enter the whole email address")
def asking_about_nobody(site):
    at_the_desk(site)
    look(site, "Wilhelmine")


@state("Nothing is held under")
def a_person_of_whom_nothing_is_held(site):
    at_the_desk(site)
    look(site)


@state("Most likely theirs as well")
def all_that_is_held_about_a_person(site):
    at_the_desk(site)
    somebody_of_whom_all_is_held()
    look(site)
    site.page.locator("summary").first.click()


@state("What Stripe keeps")
def before_erasing_a_person(site):
    all_that_is_held_about_a_person(site)
    site.press("Erase it")
    site.named("button", "Erase it for good").wait_for()


@state("dashboard")
def before_erasing_a_person_who_paid_at_stripe(site):
    site.settings.STRIPE_SANDBOX, site.settings.STRIPE_DASHBOARD = False, "https://dashboard.stripe.com/"
    before_erasing_a_person(site)


@state("This cannot be erased yet")
def a_person_who_cannot_be_erased_yet(site):
    at_the_desk(site)
    provider = somebody_of_whom_all_is_held()
    appointment(provider, days=1, status="confirmed")
    look(site)
    site.press("Erase it")
    site.named("button", "Back to what is held").wait_for()


@state("say no more who the client was")
def after_erasing_a_person(site):
    before_erasing_a_person(site)
    site.press("Erase it for good")
    site.page.locator(".notice").wait_for()


@state("Nobody is found for")
def who_is_named_only_on_a_receipt_is_no_client(site):
    at_the_desk(site)
    somebody_named_only_on_a_receipt()
    site.open(f"/staff/find/?q={LONG_EMAIL}")


@state("This is all that is held here under this address or number.")
def a_person_who_is_named_only_on_a_receipt(site):
    at_the_desk(site)
    somebody_named_only_on_a_receipt()
    look(site)


@state("The name on each receipt")
def before_erasing_a_person_who_is_named_only_on_a_receipt(site):
    a_person_who_is_named_only_on_a_receipt(site)
    site.press("Erase it")
    site.named("button", "Erase it for good").wait_for()


@state("it was erased who the client was")
def an_appointment_that_was_erased(site):
    at_the_desk(site)
    provider = practice()
    booked = appointment(provider, days=-3, status="confirmed")
    Mail.objects.enqueue(booked, Mail.Kind.CANCELLED)
    Mail.objects.update(status="sent", sent_at=timezone.now())
    erase(Person.read(LONG_EMAIL), timezone.now())
    site.open(f"/staff/appointments/{booked.pk}/")
