"""What people do, in a real browser: each body runs with JavaScript on and off."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.core import mail as outbox
from django.core.management import call_command
from playwright.sync_api import expect

from booking.models import Appointment, Service
from booking.templatetags import wording
from payments.models import Payment, Refund
from tests.factories import in_days, make_appointment
from tests.payments.conftest import later_tick
from tests.steps import choose_a_time, follow, hold, leave_for_stripe, pay

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_choose_mistype_correct_decline_pay(practice, visitor, javascript):
    choose_a_time(visitor)
    visitor.get_by_label("Your name").fill("Jo Byrne")
    visitor.get_by_label("Email address").fill("jo@example")
    visitor.get_by_role("button", name="Hold this time").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Enter an email address, like name@example.com.")
    expect(visitor.get_by_role("alert")).to_be_focused()
    expect(visitor.get_by_label("Your name")).to_have_value("Jo Byrne")
    hold(visitor)
    expect(visitor.get_by_text("€60.00").first).to_be_visible()
    assert (len(visitor.full_loads) == 1) == javascript

    leave_for_stripe(visitor)
    pay(visitor, "4000 0000 0000 0002")
    expect(visitor.get_by_role("alert")).to_contain_text("Your card was declined.")
    assert Appointment.objects.get().status == "held"
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    facts = Appointment.objects.values_list("status", "client_email", "client_name").get()
    assert facts == ("confirmed", "jo@example.com", "Jo Byrne")


@pytest.mark.parametrize("device", [{"color_scheme": "dark"}])
def test_the_whole_way_in_the_dark(practice, visitor):
    ground = "getComputedStyle(document.body).backgroundColor"
    choose_a_time(visitor)
    hold(visitor)
    assert visitor.evaluate(ground) == "rgb(24, 23, 21)"
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    assert visitor.evaluate(ground) == "rgb(24, 23, 21)"


@pytest.mark.parametrize("device", [{"timezone_id": "Asia/Tokyo"}])
def test_a_client_in_tokyo_reads_their_own_clock_from_the_calendar_to_the_mail(practice, visitor, javascript):
    visitor.goto("/")
    visitor.get_by_role("link", name="Consultation").click()
    if not javascript:
        visitor.get_by_text("Change the time zone").click()
        visitor.get_by_label("Time zone").select_option("Asia/Tokyo")
        visitor.get_by_role("button", name="Show times there").click()
    expect(visitor.get_by_text("Dr Ada Byrne works on Dublin time")).to_be_visible()
    follow(visitor, visitor.locator("a[rel=next]"))
    visitor.locator(".times a").first.click()
    hold(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    appointment = Appointment.objects.get()
    start, here = appointment.appointment_time, ZoneInfo("Asia/Tokyo")
    expect(visitor.get_by_text(f"{wording.day(start, here)}, {wording.clock(start, here)}–")).to_be_visible()
    expect(visitor.get_by_text(wording.in_full(start, practice.zone))).to_be_visible()
    call_command("tick")
    (mail,) = outbox.outbox
    assert mail.subject == f"Confirmed: {wording.day(start, here)}, {wording.clock(start, here)}"
    assert f"That is: {wording.in_full(start, practice.zone)}" in mail.body


def test_another_time_is_taken_and_the_mails_and_the_calendar_follow(practice, visitor, settings):
    settings.CANCELLATION_POLICY = "0h 100%"
    choose_a_time(visitor)
    hold(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    before = Appointment.objects.get().appointment_time
    call_command("tick")
    visitor.get_by_role("link", name="Change the time").click()
    follow(visitor, visitor.locator("a[rel=next]"))
    visitor.locator(".times a").first.click()
    expect(visitor.get_by_role("heading", name="Take this time instead?")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()
    visitor.locator(".times a").last.click()
    visitor.get_by_role("button", name="Change the time").click()
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    was = wording.in_full(before, practice.zone)
    expect(visitor.get_by_text(f"Your appointment was moved. It was {was} before.")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_text("You have this time already:")).to_be_visible()
    expect(visitor.get_by_role("alert")).to_have_count(0)
    visitor.get_by_role("link", name="Look at your appointment").click()
    now = Appointment.objects.get()
    assert (now.appointment_time > before, now.status, Payment.objects.count()) == (True, "confirmed", 1)
    with visitor.expect_download() as download:
        visitor.get_by_role("link", name="Add to your calendar").click()
    event = vobject.readOne(download.value.path().read_text()).vevent
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


def test_a_free_service_is_confirmed_at_once(practice, visitor, javascript):
    choose_a_time(visitor, "Introductory call")
    visitor.get_by_label("Email address").fill("jo@example.com")
    visitor.get_by_role("button", name="Confirm appointment").click()
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    assert (len(visitor.full_loads) == 1) == javascript
    visitor.get_by_role("link", name="Cancel this appointment").click()
    visitor.get_by_role("button", name="Cancel this appointment").click()
    expect(visitor.get_by_role("heading", name="Appointment cancelled")).to_be_visible()
    assert Appointment.objects.get().status == "cancelled"


def test_with_the_webhook_switched_off_the_client_still_ends_confirmed(practice, visitor, webhooks_off):
    choose_a_time(visitor)
    hold(visitor)
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    assert [payment.status for payment in Payment.objects.all()] == ["paid"]


def test_the_tab_closed_right_after_paying_the_next_tick_confirms(practice, visitor, webhooks_off):
    choose_a_time(visitor)
    hold(visitor)
    leave_for_stripe(visitor)
    card = {"number": "4242424242424242", "expiry": "12/40", "cvc": "123"}
    token = visitor.locator("input[name=csrfmiddlewaretoken]").input_value()
    # The press reaches Stripe, and the tab is gone before the answer could lead back.
    visitor.request.post(visitor.url, form={**card, "csrfmiddlewaretoken": token}, max_redirects=0)
    visitor.close()
    assert Appointment.objects.get().status == "held"
    later_tick()
    assert Appointment.objects.get().status == "confirmed"


def test_cancelling_shows_what_comes_back_before_and_after(practice, visitor, settings):
    settings.CANCELLATION_POLICY = "0h 50%"
    choose_a_time(visitor)
    hold(visitor)
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


def test_a_time_that_has_just_gone_offers_the_nearest_and_keeps_what_was_typed(practice, visitor):
    choose_a_time(visitor)
    chosen = datetime.fromisoformat(visitor.locator("input[name=appointment_time]").input_value())
    make_appointment(provider=practice, at=chosen, status="confirmed", email="ann@example.com")
    visitor.get_by_label("Email address").fill("jo@example.com")
    visitor.get_by_label("Note").fill("Left knee")
    visitor.get_by_role("button", name="Hold this time").click()
    expect(visitor.get_by_role("alert")).to_contain_text("That time was taken a moment ago.")
    alternatives = visitor.locator("button[name=appointment_time]")
    expect(alternatives).to_have_count(3)
    expect(visitor.get_by_label("Email address")).to_have_value("jo@example.com")
    expect(visitor.get_by_label("Note")).to_have_value("Left knee")
    alternatives.first.click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    assert list(Appointment.objects.filter(note="Left knee").values_list("status", flat=True)) == ["held"]


def test_a_price_that_changed_while_the_page_was_open_is_said_before_anything_is_held(practice, visitor):
    choose_a_time(visitor)
    visitor.get_by_label("Note").fill("Left knee")
    visitor.get_by_label("Email address").fill("jo@example.com")
    Service.objects.filter(name="Consultation").update(price="80.00")
    visitor.get_by_role("button", name="Hold this time").click()
    alert = visitor.get_by_role("alert")
    expect(alert).to_contain_text("The price is now €80.00. When you opened this page it was €60.00.")
    expect(alert).to_be_focused()
    expect(visitor.get_by_label("Note")).to_have_value("Left knee")
    assert Appointment.objects.count() == 0
    hold(visitor)
    assert [str(held.price) for held in Appointment.objects.filter(note="Left knee")] == ["80.00"]


def test_back_at_the_details_of_a_time_that_is_kept_offers_to_go_on_paying(practice, visitor):
    choose_a_time(visitor)
    details = visitor.url
    visitor.get_by_label("Your name").fill("Jo Byrne")
    hold(visitor)
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="You are keeping this time")).to_be_visible()
    expect(visitor.get_by_role("button", name="Hold this time")).to_have_count(0)
    visitor.get_by_role("link", name="Go on to pay").click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    visitor.goto(details)
    visitor.get_by_text("Change your details").click()
    expect(visitor.get_by_label("Your name")).to_have_value("Jo Byrne")
    visitor.get_by_label("Email address").fill("jo.byrne@example.com")
    visitor.get_by_role("button", name="Save these details").click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    held = Appointment.objects.filter(status="held").values_list("client_name", "client_email")
    assert list(held) == [("Jo Byrne", "jo.byrne@example.com")]


def test_back_from_stripe_the_pay_button_works_again(practice, visitor):
    choose_a_time(visitor)
    hold(visitor)
    leave_for_stripe(visitor)
    first = Payment.objects.get().checkout_session_id
    visitor.go_back()
    expect(visitor.get_by_role("button", name="Pay with Stripe")).to_be_enabled()
    leave_for_stripe(visitor)
    assert Payment.objects.get().checkout_session_id == first


def test_leaving_stripe_unpaid_offers_to_give_the_time_back(practice, visitor):
    choose_a_time(visitor)
    hold(visitor)
    leave_for_stripe(visitor)
    visitor.get_by_role("link", name="Back").click()
    expect(visitor.get_by_text("You came back from the payment page.")).to_be_visible()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    assert (Appointment.objects.get().status, Payment.objects.get().status) == ("cancelled", "expired")


def test_back_and_reload_do_what_a_person_expects(practice, visitor):
    choose_a_time(visitor)
    details = visitor.url
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()
    expect(visitor.locator("header.site")).to_have_count(1)
    visitor.reload()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="Who and what?")).to_be_visible()
    visitor.go_forward()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()
    visitor.go_forward()
    expect(visitor.get_by_label("Email address")).to_be_visible()
    assert visitor.url == details


def test_an_error_leaves_no_trace_in_the_history(practice, visitor, javascript):
    choose_a_time(visitor)
    visitor.get_by_role("button", name="Hold this time").click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    visitor.go_back()
    if not javascript:
        visitor.go_back()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()


def test_two_tabs_hold_one_time_once(practice, visitor):
    choose_a_time(visitor)
    second = visitor.context.new_page()
    second.goto(visitor.url)
    hold(visitor)
    hold(second)
    assert (Appointment.objects.count(), second.url) == (1, visitor.url)


def test_a_hold_that_ran_out_says_so_when_pay_is_pressed(practice, visitor):
    choose_a_time(visitor)
    hold(visitor)
    Appointment.objects.update(hold_expires_at=in_days(-1, provider=practice))
    visitor.get_by_role("button", name="Pay with Stripe").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    visitor.get_by_role("link", name="Book this time again").click()
    expect(visitor.get_by_role("heading", name="Your details")).to_be_visible()


def test_stripe_out_of_reach_says_so_in_place(practice, visitor, settings):
    choose_a_time(visitor)
    hold(visitor)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with visitor.expect_response(re.compile("/checkout/")) as answer:
        visitor.get_by_role("button", name="Pay with Stripe").click()
    assert answer.value.status == 503
    expect(visitor.get_by_role("alert")).to_contain_text("Stripe cannot be reached at the moment.")


def test_the_days_and_months_of_the_calendar(practice, visitor):
    visitor.goto("/")
    visitor.get_by_role("link", name="Consultation").click()
    visitor.get_by_role("link", name=re.compile("free times")).last.click()
    expect(visitor).to_have_url(re.compile(r"date=\d{4}-\d\d-\d\d$"))
    expect(visitor.locator("[aria-current=date]")).to_have_count(1)
    follow(visitor, visitor.locator("a[rel=next]"))
    expect(visitor.locator("a[rel=prev]")).to_be_visible()
    visitor.locator(".times a").first.click()
    expect(visitor.get_by_label("Email address")).to_be_visible()
    visitor.get_by_role("link", name="Change time").click()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()
    visitor.get_by_role("link", name="Change service").click()
    expect(visitor.get_by_role("heading", name="What for?")).to_be_visible()


def test_focus_goes_where_reading_goes_on(practice, visitor, javascript):
    """A swapped step takes the focus; a page that was loaded whole begins at its top, as pages do."""
    visitor.goto("/")
    visitor.get_by_role("link", name="Consultation").click()
    heading = visitor.get_by_role("heading", name="When?")
    expect(heading).to_be_visible()
    if javascript:
        expect(heading).to_be_focused()
    else:
        expect(heading).not_to_be_focused()
