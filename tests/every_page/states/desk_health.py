"""States of the page on health, and of the day that says that something is wrong."""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from booking.models import Mail
from payments.models import Examination, Heartbeat, Payment
from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import appointment, practice
from tests.every_page.states.site import state
from tests.factories import make_payment

PAGE = "/staff/health/"


def something_of_everything(site):
    """A payment that does not match, a mail that was refused, an audit that found both, and no tick."""
    at_the_desk(site)
    booked = appointment(practice(), client_phone="+353871234567")
    make_payment(booked, problem="mismatch")
    mail = Mail.about(booked, Mail.Kind.CONFIRMED, "refused")
    mail.status, mail.last_error = Mail.Status.REFUSED, "SMTPRecipientsRefused"
    mail.save()
    Examination.remember("audit", ["Payment 1 waits for staff: mismatch"] * 2, 2, timezone.now())


@state("The work in the background stands still")
def the_health_of_a_site_that_lacks_much(site):
    something_of_everything(site)
    site.open(PAGE)


@state("The work in the background goes on.")
def the_health_of_a_site_that_lacks_nothing(site):
    at_the_desk(site)
    practice()
    site.settings.MAILBOX = False
    Heartbeat.beat("tick", timezone.now())
    Examination.remember("audit", [], 0, timezone.now())
    site.open(PAGE)


@state("No mail leaves this site")
def the_health_of_a_demonstration(site):
    at_the_desk(site)
    practice()
    site.settings.MAILBOX = True
    Heartbeat.beat("tick", timezone.now())
    site.open(PAGE)


@state("Something has been wrong since")
def connections_that_were_examined(site):
    at_the_desk(site)
    practice()
    site.lose_stripe()
    site.settings.STATIC_ROOT = Path("/nowhere")
    site.open(PAGE)
    site.press("Examine the connections now")


@state("Stripe opened no payment page")
def the_health_of_a_site_that_was_opened_elsewhere(site):
    at_the_desk(site)
    unopened = make_payment(appointment(practice()), status="open", checkout_session_id=None)
    Payment.objects.filter(pk=unopened.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    site.settings.SITE_URL = "http://127.0.0.1:9"
    site.open(PAGE)


@state("Payments need a person")
def a_day_that_says_that_something_is_wrong(site):
    something_of_everything(site)
    site.open("/staff/")
