"""A client chooses a time, fills in the details and pays, in a real browser with JavaScript on and off."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from playwright.sync_api import expect

from booking.models import Appointment, Service
from booking.templatetags import wording
from payments.models import Payment
from tests.cards import DECLINED, card_form
from tests.factories import in_days, make_appointment
from tests.payments.ticking import later_tick
from tests.said import price, said
from tests.servers import NOWHERE
from tests.steps import (
    choose_a_time,
    follow,
    hold,
    keep_a_time,
    leave_for_stripe,
    open_what_is_chosen,
    pay,
    pay_for_a_time,
)

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_choose_mistype_correct_decline_pay(practice, visitor, javascript):
    choose_a_time(visitor)
    visitor.get_by_label(said("Your name")).fill("Jo Byrne")
    visitor.get_by_label(said("Email address")).fill("jo@example")
    visitor.get_by_role("button", name=said("Continue to payment")).click()
    expect(visitor.get_by_role("alert")).to_contain_text(said("Enter an email address, like name@example.com."))
    expect(visitor.get_by_role("alert")).to_be_focused()
    expect(visitor.get_by_label(said("Your name"))).to_have_value("Jo Byrne")
    hold(visitor)
    expect(visitor.locator("form.pay").get_by_text(price(60))).to_be_visible()
    assert (len(visitor.full_loads) == 1) == javascript

    leave_for_stripe(visitor)
    pay(visitor, DECLINED)
    expect(visitor.get_by_role("alert")).to_contain_text(said("Your card was declined."))
    assert Appointment.objects.get().status == "held"
    pay(visitor)
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
    facts = Appointment.objects.values_list("status", "client_email", "client_name").get()
    assert facts == ("confirmed", "jo@example.com", "Jo Byrne")


@pytest.mark.parametrize("device", [{"color_scheme": "dark"}])
def test_the_whole_way_in_the_dark(practice, visitor):
    ground = "getComputedStyle(document.body).backgroundColor"
    keep_a_time(visitor)
    assert visitor.evaluate(ground) == "rgb(20, 19, 17)"
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
    assert visitor.evaluate(ground) == "rgb(20, 19, 17)"


@pytest.mark.parametrize("device", [{"timezone_id": "Asia/Tokyo"}])
def test_a_client_in_tokyo_reads_their_own_clock_from_the_calendar_to_the_mail(practice, visitor, javascript):
    # The first page is fetched anew once the browser has said its zone. A press before that would abort it.
    visitor.goto("/", wait_until="networkidle")
    visitor.get_by_role("link", name="Consultation").click()
    if not javascript:
        visitor.get_by_text(said("Change the time zone")).click()
        visitor.get_by_label(said("Time zone")).select_option("Asia/Tokyo")
        visitor.get_by_role("button", name=said("Show times there")).click()
    expect(
        visitor.get_by_text(said("Times are %(zone)s. %(provider)s works on %(theirs)s.", provider="Dr Ada Byrne"))
    ).to_be_visible()
    follow(visitor, visitor.locator("a[rel=next]"))
    visitor.locator(".times a").first.click()
    hold(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
    appointment = Appointment.objects.get()
    start, here = appointment.appointment_time, ZoneInfo("Asia/Tokyo")
    expect(visitor.get_by_text(wording.day(start, here), exact=True)).to_be_visible()
    expect(visitor.get_by_text(f"{wording.clock(start, here)}–")).to_be_visible()
    expect(visitor.get_by_text(wording.in_full(start, practice.zone))).to_be_visible()
    call_command("tick")
    (mail,) = outbox.outbox
    assert mail.subject == said("Confirmed: %(when)s", when=wording.day_and_clock(start, here))
    assert f"{said('That is', context='fact')}: {wording.in_full(start, practice.zone)}" in mail.body


def test_a_free_service_is_confirmed_at_once(practice, visitor, javascript):
    choose_a_time(visitor, "Introductory call")
    visitor.get_by_label(said("Email address")).fill("jo@example.com")
    visitor.get_by_role("button", name=said("Confirm appointment")).click()
    expect(visitor.get_by_role("heading", name=said("Appointment confirmed"))).to_be_visible()
    assert (len(visitor.full_loads) == 1) == javascript
    visitor.get_by_role("link", name=said("Cancel this appointment")).click()
    visitor.get_by_role("button", name=said("Cancel this appointment")).click()
    expect(visitor.get_by_role("heading", name=said("Appointment cancelled"))).to_be_visible()
    assert Appointment.objects.get().status == "cancelled"


def test_with_the_webhook_switched_off_the_client_still_ends_confirmed(practice, visitor, webhooks_off):
    pay_for_a_time(visitor)
    assert [payment.status for payment in Payment.objects.all()] == ["paid"]


def test_the_tab_closed_right_after_paying_the_next_tick_confirms(practice, visitor, webhooks_off):
    keep_a_time(visitor)
    leave_for_stripe(visitor)
    token = visitor.locator("input[name=csrfmiddlewaretoken]").input_value()
    # The form reaches Stripe, but the tab is closed before the answer could lead back.
    visitor.request.post(visitor.url, form={**card_form(), "csrfmiddlewaretoken": token}, max_redirects=0)
    visitor.close()
    assert Appointment.objects.get().status == "held"
    later_tick()
    assert Appointment.objects.get().status == "confirmed"


def test_a_time_that_has_just_gone_offers_the_nearest_and_keeps_what_was_typed(practice, visitor):
    choose_a_time(visitor)
    chosen = datetime.fromisoformat(visitor.locator("input[name=appointment_time]").input_value())
    make_appointment(provider=practice, at=chosen, status="confirmed", email="ann@example.com")
    visitor.get_by_label(said("Email address")).fill("jo@example.com")
    visitor.get_by_label(said("Note")).fill("Left knee")
    visitor.get_by_role("button", name=said("Continue to payment")).click()
    expect(visitor.get_by_role("alert")).to_contain_text(said("That time was taken a moment ago."))
    alternatives = visitor.locator("button[name=appointment_time]")
    expect(alternatives).to_have_count(3)
    expect(visitor.get_by_label(said("Email address"))).to_have_value("jo@example.com")
    expect(visitor.get_by_label(said("Note"))).to_have_value("Left knee")
    alternatives.first.click()
    expect(visitor.get_by_role("heading", name=said("Pay to confirm"))).to_be_visible()
    assert list(Appointment.objects.filter(note="Left knee").values_list("status", flat=True)) == ["held"]


def test_a_price_that_changed_while_the_page_was_open_is_said_before_anything_is_held(practice, visitor):
    choose_a_time(visitor)
    visitor.get_by_label(said("Note")).fill("Left knee")
    visitor.get_by_label(said("Email address")).fill("jo@example.com")
    Service.objects.filter(name="Consultation").update(price="80.00")
    visitor.get_by_role("button", name=said("Continue to payment")).click()
    alert = visitor.get_by_role("alert")
    expect(alert).to_contain_text(
        said("The price is now %(now)s. When you opened this page it was %(before)s.", now=price(80), before=price(60))
    )
    expect(alert).to_be_focused()
    expect(visitor.get_by_label(said("Note"))).to_have_value("Left knee")
    assert Appointment.objects.count() == 0
    hold(visitor)
    assert [str(held.price) for held in Appointment.objects.filter(note="Left knee")] == ["80.00"]


def test_a_hold_that_ran_out_says_so_when_pay_is_pressed(practice, visitor):
    keep_a_time(visitor)
    Appointment.objects.update(hold_expires_at=in_days(-1, provider=practice))
    visitor.get_by_role("button", name=said("Pay with Stripe")).click()
    expect(visitor.get_by_role("heading", name=said("This time was given back"))).to_be_visible()
    visitor.get_by_role("link", name=said("Book this time again")).click()
    expect(visitor.get_by_role("heading", name=said("Your details"))).to_be_visible()


def test_stripe_out_of_reach_says_so_in_place(practice, visitor, settings):
    keep_a_time(visitor)
    settings.STRIPE_API_BASE = NOWHERE
    with visitor.expect_response(re.compile("/checkout/")) as answer:
        visitor.get_by_role("button", name=said("Pay with Stripe")).click()
    assert answer.value.status == 503
    expect(visitor.get_by_role("alert")).to_contain_text(
        said("Stripe cannot be reached at the moment. Your time is still kept. Try again in a minute.")
    )


def test_the_days_and_months_of_the_calendar(practice, visitor):
    visitor.goto("/")
    visitor.get_by_role("link", name="Consultation").click()
    visitor.locator(".calendar a").last.click()
    expect(visitor).to_have_url(re.compile(r"date=\d{4}-\d\d-\d\d$"))
    expect(visitor.locator("[aria-current=date]")).to_have_count(1)
    follow(visitor, visitor.locator("a[rel=next]"))
    expect(visitor.locator("a[rel=prev]")).to_be_visible()
    visitor.locator(".times a").first.click()
    expect(visitor.get_by_label(said("Email address"))).to_be_visible()
    open_what_is_chosen(visitor)
    visitor.get_by_role("link", name=said("Change time")).click()
    expect(visitor.get_by_role("heading", name=said("When suits you?"))).to_be_visible()
    open_what_is_chosen(visitor)
    visitor.get_by_role("link", name=said("Change service")).click()
    expect(visitor.get_by_role("heading", name=said("What would you like to book?"))).to_be_visible()


def test_focus_goes_where_reading_goes_on(practice, visitor, javascript):
    """A step that was swapped in takes the focus. A page that was loaded as a whole begins at its top."""
    visitor.goto("/")
    visitor.get_by_role("link", name="Consultation").click()
    heading = visitor.get_by_role("heading", name=said("When suits you?"))
    expect(heading).to_be_visible()
    if javascript:
        expect(heading).to_be_focused()
    else:
        expect(heading).not_to_be_focused()
