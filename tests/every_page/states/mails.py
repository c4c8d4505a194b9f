"""States of the page that mails lost links again, and of the development mailbox."""

from contextlib import contextmanager
from tempfile import TemporaryDirectory

from django.utils import timezone
from playwright.sync_api import expect

from booking.mail import sending
from tests.every_page.states.rows import appointment
from tests.every_page.states.site import state


@state("Type the email address that you booked with.")
def finding_an_appointment(site):
    site.open("/appointments/find/")


@state("There is a problem")
def finding_an_appointment_by_no_address(site):
    site.open("/appointments/find/")
    site.press("Mail me the links")


@state("Look in your mail")
def finding_an_appointment_when_it_was_asked_for(site):
    site.open("/appointments/find/asked/")


@state("We cannot mail you the link of your appointment.")
def finding_an_appointment_where_no_mail_is_sent(site):
    site.settings.MAIL_IS_SENT = False
    site.open("/appointments/find/")


@contextmanager
def a_mailbox(site):
    """Open the development mailbox with the mail about an appointment in it."""
    site.settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    with TemporaryDirectory() as folder:
        site.settings.EMAIL_FILE_PATH = folder
        appointment().confirm()
        sending.send_due(timezone.now())
        site.open("/mail/")
        yield


@state("This is a development site.")
def the_development_mailbox(site):
    with a_mailbox(site):
        expect(site.named("link", "Confirmed: ")).to_be_visible()


@state("Confirmed: ")
def a_mail_in_the_development_mailbox(site):
    with a_mailbox(site):
        site.page.locator(".mails a").click()
        expect(site.named("heading", "Confirmed: ")).to_be_visible()
