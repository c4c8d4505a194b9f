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
from tests.said import price, said
from tests.steps import follow, keep_a_time, leave_for_stripe, pay, pay_for_a_time

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def look_at_one_time_and_take_another(page):
    page.get_by_role("link", name=said("Change the time")).click()
    follow(page, page.locator("a[rel=next]"))
    page.locator(".times a").first.click()
    expect(page.get_by_role("heading", name=said("Take this time instead?"))).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name=said("When suits you better?"))).to_be_visible()
    page.locator(".times a").last.click()
    page.get_by_role("button", name=said("Change the time")).click()
    expect(page.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()


def download_event(page):
    with page.expect_download() as download:
        page.get_by_role("link", name=said("Add to your calendar")).click()
    return vobject.readOne(download.value.path().read_text()).vevent


def test_another_time_is_taken_and_the_mails_and_the_calendar_follow(practice, visitor, settings):
    settings.CANCELLATION_POLICY = "0h 100%"
    pay_for_a_time(visitor)
    before = Appointment.objects.get().appointment_time
    call_command("tick")
    look_at_one_time_and_take_another(visitor)
    was = wording.in_full(before, practice.zone)
    expect(
        visitor.get_by_text(said("Your appointment was moved. It was %(before)s before.", before=was))
    ).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_text(said("You have this time already: %(time)s with %(provider)s."))).to_be_visible()
    expect(visitor.get_by_role("alert")).to_have_count(0)
    visitor.get_by_role("link", name=said("Look at your appointment")).click()
    now = Appointment.objects.get()
    assert (now.appointment_time > before, now.status, Payment.objects.count()) == (True, "confirmed", 1)
    event = download_event(visitor)
    assert (event.dtstart.value, event.sequence.value) == (now.appointment_time, "1")
    call_command("tick")
    assert [mail.subject for mail in outbox.outbox] == [
        said("Confirmed: %(when)s", when=wording.day_and_clock(before, practice.zone)),
        said("New time: %(when)s", when=wording.day_and_clock(now.appointment_time, practice.zone)),
    ]


def test_whoever_lost_their_mail_gets_the_links_again(practice, visitor):
    booked = make_appointment(provider=practice, at=in_days(3, provider=practice), status="confirmed")
    visitor.goto("/")
    visitor.get_by_role("link", name=said("Lost your confirmation mail?")).click()
    visitor.get_by_label(said("Email address")).fill("jo@example")
    visitor.get_by_role("button", name=said("Mail me the links")).click()
    expect(visitor.get_by_role("alert")).to_contain_text(said("Enter an email address, like name@example.com."))
    visitor.get_by_label(said("Email address")).fill("jo@example.com")
    visitor.get_by_role("button", name=said("Mail me the links")).click()
    expect(visitor.get_by_role("heading", name=said("Look in your mail"))).to_be_visible()
    expect(visitor).to_have_url(re.compile("/appointments/find/asked/$"))
    call_command("tick")
    (mail,) = outbox.outbox
    (link,) = re.findall(r"https?://\S+", mail.body)
    assert (mail.to, link) == (["jo@example.com"], booked.absolute_url)
    visitor.goto(link)
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()


def test_cancelling_shows_what_comes_back_before_and_after(practice, visitor, settings):
    settings.CANCELLATION_POLICY = "0h 50%"
    half, all_of_it = price(30), price(60)
    keep_a_time(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    follow(visitor, visitor.get_by_role("link", name=said("The page of your appointment")))
    visitor.get_by_role("link", name=said("Cancel this appointment")).click()
    expect(visitor.get_by_role("heading", name=said("Cancel this appointment?"))).to_be_visible()
    expect(
        visitor.get_by_text(
            said(
                "If you cancel now, <strong>%(refunded)s</strong> of the %(paid)s you paid goes back to your card. "
                "Banks take 5 to 10 days to show it.",
                refunded=half,
                paid=all_of_it,
            )
        )
    ).to_be_visible()
    visitor.get_by_role("button", name=said("Cancel and get %(amount)s back", amount=half)).click()
    expect(visitor.get_by_role("heading", name=said("Appointment cancelled"))).to_be_visible()
    expect(visitor.get_by_text(said("<strong>%(amount)s was returned.</strong>", amount=half))).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name=said("Appointment cancelled"))).to_be_visible()
    assert [(refund.amount, refund.status) for refund in Refund.objects.all()] == [(3000, "succeeded")]
