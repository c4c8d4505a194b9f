"""A client finds an appointment again, changes its time or cancels it, with JavaScript on and off."""

import re

import pytest
import vobject
from django.core import mail as outbox
from django.core.management import call_command
from playwright.sync_api import expect

from booking.models import Appointment
from booking.templatetags import wording
from payments.models import Payment, Refund
from tests.factories import in_days, make_appointment
from tests.steps import follow, keep_a_time, leave_for_stripe, pay, pay_for_a_time

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look_at_one_time_and_take_another(page):
    page.get_by_role("link", name="Change the time").click()
    follow(page, page.locator("a[rel=next]"))
    page.locator(".times a").first.click()
    expect(page.get_by_role("heading", name="Take this time instead?")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="When suits you better?")).to_be_visible()
    page.locator(".times a").last.click()
    page.get_by_role("button", name="Change the time").click()
    expect(page.get_by_role("heading", name="Appointment confirmed")).to_be_visible()


def download_event(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to your calendar").click()
    return vobject.readOne(download.value.path().read_text()).vevent


def test_another_time_is_taken_and_the_mails_and_the_calendar_follow(practice, visitor, settings):
    settings.CANCELLATION_POLICY = "0h 100%"
    pay_for_a_time(visitor)
    before = Appointment.objects.get().appointment_time
    call_command("tick")
    look_at_one_time_and_take_another(visitor)
    was = wording.in_full(before, practice.zone)
    expect(visitor.get_by_text(f"Your appointment was moved. It was {was} before.")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_text("You have this time already:")).to_be_visible()
    expect(visitor.get_by_role("alert")).to_have_count(0)
    visitor.get_by_role("link", name="Look at your appointment").click()
    now = Appointment.objects.get()
    assert (now.appointment_time > before, now.status, Payment.objects.count()) == (True, "confirmed", 1)
    event = download_event(visitor)
    assert (event.dtstart.value, event.sequence.value) == (now.appointment_time, "1")
    call_command("tick")
    assert [mail.subject.partition(":")[0] for mail in outbox.outbox] == ["Confirmed", "New time"]


def test_whoever_lost_their_mail_gets_the_links_again(practice, visitor):
    booked = make_appointment(provider=practice, at=in_days(3, provider=practice), status="confirmed")
    visitor.goto("/")
    visitor.get_by_role("link", name="Lost your confirmation mail?").click()
    visitor.get_by_label("Email address").fill("jo@example")
    visitor.get_by_role("button", name="Mail me the links").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Enter an email address, like name@example.com.")
    visitor.get_by_label("Email address").fill("jo@example.com")
    visitor.get_by_role("button", name="Mail me the links").click()
    expect(visitor.get_by_role("heading", name="Look in your mail")).to_be_visible()
    expect(visitor).to_have_url(re.compile("/appointments/find/asked/$"))
    call_command("tick")
    (mail,) = outbox.outbox
    (link,) = re.findall(r"https?://\S+", mail.body)
    assert (mail.to, link) == (["jo@example.com"], booked.absolute_url)
    visitor.goto(link)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()


def test_cancelling_shows_what_comes_back_before_and_after(practice, visitor, settings):
    settings.CANCELLATION_POLICY = "0h 50%"
    keep_a_time(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    follow(visitor, visitor.get_by_role("link", name="The page of your appointment"))
    visitor.get_by_role("link", name="Cancel this appointment").click()
    expect(visitor.get_by_role("heading", name="Cancel this appointment?")).to_be_visible()
    expect(visitor.get_by_text("If you cancel now, €30.00 of the €60.00 you paid goes back")).to_be_visible()
    visitor.get_by_role("button", name="Cancel and get €30.00 back").click()
    expect(visitor.get_by_role("heading", name="Appointment cancelled")).to_be_visible()
    expect(visitor.get_by_text("€30.00 was returned.")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="Appointment cancelled")).to_be_visible()
    assert [(refund.amount, refund.status) for refund in Refund.objects.all()] == [(3000, "succeeded")]
