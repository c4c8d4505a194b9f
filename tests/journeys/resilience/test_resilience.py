"""A client on a train: no connection or a slow one, impatience, two tabs, Back, and a page from yesterday."""

import re
from datetime import timedelta

import pytest
import requests
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Appointment
from payments.models import Payment, Refund
from tests.steps import choose_a_time, follow, hold, leave_for_stripe, pay

NO_CONNECTION = "There is no connection. Nothing you typed is lost, and it is safe to try again."
OUR_FAULT = "Something went wrong on our side. Nothing you typed is lost, and it is safe to try again."
NO_ANSWER = "There is no answer yet. It is safe to try again: nothing is booked or paid twice."

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]
with_javascript = pytest.mark.parametrize("javascript", [True], ids=["with JavaScript"])


@pytest.fixture
def expected():
    """What Chromium and htmx log of our refusals, and of the requests that are made to fail here."""
    failures = r"the server responded with a status of (4\d\d|502)|net::ERR_INTERNET_DISCONNECTED"
    said_by_htmx = r"htmx:(afterRequest|sendError|timeout)|Response Status Error Code 502"
    return re.compile(rf"Failed to load resource: ({failures})|{said_by_htmx}")


def said(page):
    return page.locator(".connection").get_by_role("status")


def type_details(page):
    choose_a_time(page)
    page.get_by_label("Email address").fill("jo@example.com")
    page.get_by_label("Note").fill("Left knee")


def keep_a_time(page):
    choose_a_time(page)
    hold(page)


def pay_for_a_time(page):
    keep_a_time(page)
    leave_for_stripe(page)
    pay(page)
    expect(page.get_by_role("heading", name="Appointment confirmed")).to_be_visible()


# Each: how to get there, what is pressed, where its request goes, and the heading that it leads to.
LINK = (type_details, ("link", "Change time"), re.compile(r"date="), "When?")
HOLD = (type_details, ("button", "Hold this time"), re.compile(r"time="), "Pay to confirm")
PAY = (keep_a_time, ("button", "Pay with Stripe"), re.compile(r"/checkout/$"), "Pay by card")


class Press:
    """One press on one page, whatever becomes of it."""

    def __init__(self, page, press):
        walk, (role, name), self.address, heading = press
        walk(page)
        self.page = page
        self.target = page.get_by_role(role, name=name)
        self.end = page.get_by_role("heading", name=heading)

    def failed_in_place(self):
        expect(self.page.get_by_role("button", name="Try again")).to_be_in_viewport(ratio=1)
        expect(said(self.page)).to_be_in_viewport(ratio=1)
        expect(self.target).to_be_enabled()
        expect(self.target).to_be_focused()
        expect(self.page.locator("main")).not_to_have_attribute("aria-busy", "true")

    def next_answer_gets_lost(self):
        """The request arrives and is acted on; its answer, cookies and all, never gets back."""
        self.page.route(self.address, self.act_and_say_nothing, times=1)

    def act_and_say_nothing(self, route):
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        headers = route.request.headers
        requests.post(
            route.request.url, route.request.post_data, headers=headers, cookies=cookies, allow_redirects=False
        )


def the_same(press):
    press.target.click()


def try_again(press):
    press.page.get_by_role("button", name="Try again").click()


# Offline


@with_javascript
@pytest.mark.parametrize(
    ("press", "again"),
    [(LINK, try_again), (HOLD, the_same), (PAY, try_again), (PAY, the_same)],
    ids=["a link", "hold", "pay", "pay by the same button"],
)
def test_a_press_while_offline_says_so_in_place_and_works_afterwards(practice, visitor, press, again):
    press = Press(visitor, press)
    visitor.context.set_offline(True)
    press.target.click()
    expect(said(visitor)).to_have_text(NO_CONNECTION)
    press.failed_in_place()
    visitor.context.set_offline(False)
    expect(said(visitor)).to_have_text("You are online again.")
    again(press)
    expect(press.end).to_be_visible()
    expect(visitor.get_by_role("button", name="Try again")).to_have_count(0)


@with_javascript
def test_what_was_typed_is_there_and_is_sent_as_it_is_by_then(practice, visitor):
    press = Press(visitor, HOLD)
    visitor.context.set_offline(True)
    press.target.click()
    expect(said(visitor)).to_have_text(NO_CONNECTION)
    expect(visitor.get_by_label("Email address")).to_have_value("jo@example.com")
    visitor.get_by_label("Note").fill("Left knee, and the right")
    visitor.context.set_offline(False)
    try_again(press)
    expect(press.end).to_be_visible()
    assert Appointment.objects.get().note == "Left knee, and the right"


@with_javascript
def test_trying_again_while_still_offline_says_so_again(practice, visitor):
    press = Press(visitor, HOLD)
    visitor.context.set_offline(True)
    press.target.click()
    expect(said(visitor)).to_have_text(NO_CONNECTION)
    with visitor.expect_event("requestfailed"):
        try_again(press)
    expect(said(visitor)).to_have_text(NO_CONNECTION)
    expect(visitor.get_by_role("button", name="Try again")).to_be_focused()


@with_javascript
def test_online_again_is_no_news_to_who_never_noticed(practice, visitor):
    choose_a_time(visitor)
    visitor.evaluate("addEventListener('online', () => document.title = 'Online')")
    visitor.context.set_offline(True)
    visitor.context.set_offline(False)
    expect(visitor).to_have_title("Online")
    assert said(visitor).text_content() == ""


@with_javascript
def test_what_a_page_asks_by_itself_it_asks_again_once_online(practice, visitor):
    keep_a_time(visitor)
    visitor.context.set_offline(True)
    Appointment.objects.update(hold_expires_at=timezone.now())
    wake(visitor)
    expect(said(visitor)).to_have_text(NO_CONNECTION)
    visitor.context.set_offline(False)
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    expect(said(visitor)).to_have_text("")


# Slow

MILLISECONDS_UNTIL_BUSY = """button => new Promise(resolve => {
    const busy = button.querySelector(".busy");
    const pressed = performance.now();
    button.click();
    (function look() {
        const passed = performance.now() - pressed;
        const shown = getComputedStyle(busy).visibility === "visible";
        shown || passed > 5000 ? resolve(passed) : requestAnimationFrame(look);
    })();
})"""


@with_javascript
@pytest.mark.parametrize("press", [HOLD, PAY], ids=["hold", "pay"])
def test_a_slow_answer_shows_that_it_is_awaited_and_a_quick_one_shows_nothing(practice, visitor, press):
    press = Press(visitor, press)
    visitor.route(press.address, lambda route: None)
    # A transition begins with the frame before, up to 17 ms ago.
    assert 130 < press.target.evaluate(MILLISECONDS_UNTIL_BUSY) < 5000
    expect(visitor.locator("main")).to_have_attribute("aria-busy", "true")
    expect(visitor.get_by_role("button", name=re.compile(r"^(Holding your time|Opening Stripe)…$"))).to_be_visible()


@with_javascript
def test_a_step_can_be_used_from_the_moment_it_appears(practice, visitor):
    """Nobody is too quick for it: its links and its focus are in place before it is drawn."""
    visitor.goto("/")
    visitor.evaluate(
        "document.addEventListener('htmx:afterRequest', () => { window.focused = document.activeElement.innerText; })"
    )
    visitor.get_by_role("link", name="Consultation").click()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()
    assert visitor.evaluate("window.focused") == "When?"


@with_javascript
@pytest.mark.parametrize(("press", "again"), [(HOLD, try_again), (PAY, the_same)], ids=["hold", "pay"])
def test_a_lost_answer_is_told_and_pressing_again_finds_what_was_done(practice, visitor, press, again):
    press = Press(visitor, press)
    assert visitor.evaluate("htmx.config.timeout") == 20_000
    visitor.evaluate("htmx.config.timeout = 500")
    press.next_answer_gets_lost()
    press.target.click()
    expect(said(visitor)).to_have_text(NO_ANSWER)
    press.failed_in_place()
    before = (Appointment.objects.get().pk, Payment.objects.count())
    again(press)
    expect(press.end).to_be_visible()
    assert (Appointment.objects.get().pk, Payment.objects.count()) == before


# Typed


def has_typed(page, email, note):
    expect(page.get_by_label("Email address")).to_have_value(email)
    expect(page.get_by_label("Note")).to_have_value(note)


@with_javascript
def test_what_was_typed_outlives_a_change_of_time_and_back_until_the_appointment_stands(practice, visitor):
    type_details(visitor)
    visitor.get_by_role("link", name="Change time").click()
    visitor.locator(".times a").last.click()
    expect(visitor.get_by_role("heading", name="Your details")).to_be_visible()
    has_typed(visitor, "jo@example.com", "Left knee")
    hold(visitor)
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="You are keeping this time")).to_be_visible()
    has_typed(visitor, "jo@example.com", "Left knee")
    visitor.get_by_role("link", name="Go on to pay").click()
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    choose_a_time(visitor)
    has_typed(visitor, "", "")


# Broken


def bad_gateway(route):
    """What a proxy says while the site is being restarted."""
    route.fulfill(status=502, content_type="text/html", body="<html><h1>502 Bad Gateway</h1></html>")


@with_javascript
@pytest.mark.parametrize("press", [LINK, HOLD, PAY], ids=["a link", "hold", "pay"])
def test_what_a_proxy_answers_does_not_take_the_place_of_what_was_typed(practice, visitor, press):
    press = Press(visitor, press)
    visitor.route(press.address, bad_gateway, times=1)
    press.target.click()
    expect(said(visitor)).to_have_text(OUR_FAULT)
    press.failed_in_place()
    try_again(press)
    expect(press.end).to_be_visible()
    expect(visitor.get_by_role("button", name="Try again")).to_have_count(0)


@with_javascript
def test_a_page_that_asks_by_itself_and_gets_no_page_stays_as_it_is(practice, visitor):
    keep_a_time(visitor)
    visitor.route(re.compile("until="), bad_gateway, times=1)
    wake(visitor)
    expect(said(visitor)).to_have_text(OUR_FAULT)
    expect(visitor.get_by_role("button", name="Pay with Stripe")).to_be_visible()
    Appointment.objects.update(hold_expires_at=timezone.now())
    visitor.get_by_role("button", name="Try again").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()


# Twice


@with_javascript
@pytest.mark.parametrize("press", [HOLD, PAY], ids=["hold", "pay"])
def test_a_double_click_is_one_press(practice, visitor, press):
    press, sent = Press(visitor, press), []
    visitor.on("request", lambda request: sent.append(request.method))
    press.target.dblclick()
    expect(press.end).to_be_visible()
    assert sent.count("POST") == 1


@pytest.mark.parametrize("javascript", [False], ids=["without JavaScript"])
@pytest.mark.parametrize(("press", "payments"), [(HOLD, 0), (PAY, 1)], ids=["hold", "pay"])
def test_a_double_click_without_javascript_is_two_of_which_the_second_finds_the_first(
    practice, visitor, press, payments
):
    press, sent = Press(visitor, press), []
    visitor.on("request", lambda request: sent.append(request.method))
    press.next_answer_gets_lost()
    press.target.scroll_into_view_if_needed()
    box = press.target.bounding_box()
    for _ in range(2):
        # The mouse itself: pressing a button by its name would wait for the answer first.
        with visitor.expect_request(press.address):
            visitor.mouse.click(box["x"] + 9, box["y"] + 9)
    expect(press.end).to_be_visible()
    assert sent.count("POST") == 2
    assert (Appointment.objects.count(), Payment.objects.count()) == (1, payments)


@pytest.fixture
def second_tab(visitor):
    """The same page once more, in the same browser."""

    def open_tab():
        tab = visitor.context.new_page()
        tab.goto(visitor.url)
        return tab

    return open_tab


def test_paid_in_one_tab_the_other_cannot_pay_again(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    other.get_by_role("button", name="Pay with Stripe").click()
    expect(other.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    assert Payment.objects.count() == 1


def test_given_back_in_one_tab_the_other_cannot_pay(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    other.get_by_role("button", name="Pay with Stripe").click()
    expect(other.get_by_role("heading", name="This time was given back")).to_be_visible()
    assert Payment.objects.count() == 0


def test_cancelled_in_two_tabs_the_money_goes_back_once(practice, visitor, second_tab, settings):
    settings.CANCELLATION_POLICY = "0h 100%"
    pay_for_a_time(visitor)
    follow(visitor, visitor.get_by_role("link", name="The page of your appointment"))
    visitor.get_by_role("link", name="Cancel this appointment").click()
    expect(visitor.get_by_role("heading", name="Cancel this appointment?")).to_be_visible()
    for tab in (second_tab(), visitor):
        tab.get_by_role("button", name="Cancel and get €60.00 back").click()
        expect(tab.get_by_role("heading", name="Appointment cancelled")).to_be_visible()
    assert [refund.amount for refund in Refund.objects.all()] == [6000]


# Back, and again


def test_back_after_paying_shows_that_it_is_paid(practice, visitor):
    pay_for_a_time(visitor)
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="This is already paid")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    expect(visitor.get_by_role("button", name="Pay with Stripe")).to_have_count(0)


@with_javascript
def test_a_page_that_back_took_from_memory_shows_that_it_is_paid(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    leave_for_stripe(other)
    pay(other)
    expect(other.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    visitor.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()


def test_a_restored_tab_shows_the_same_page_at_every_step(practice, visitor, second_tab):
    def restored():
        tab = second_tab()
        expect(tab).to_have_title(visitor.title())
        expect(tab.locator("main")).to_have_text(visitor.locator("main").inner_text(), use_inner_text=True)
        tab.close()

    choose_a_time(visitor)
    restored()
    hold(visitor)
    restored()
    leave_for_stripe(visitor)
    visitor.get_by_role("link", name="Back").click()
    expect(visitor.get_by_text("You came back from the payment page.")).to_be_visible()
    restored()
    leave_for_stripe(visitor)
    pay(visitor)
    expect(visitor.get_by_role("heading", name="Appointment confirmed")).to_be_visible()
    restored()
    assert (Appointment.objects.get().status, Payment.objects.count()) == ("confirmed", 1)


def test_reloading_what_a_press_led_to_presses_nothing(practice, visitor):
    keep_a_time(visitor)
    sent = []
    visitor.on("request", lambda request: sent.append(request.method))
    visitor.reload()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    assert sent.count("POST") == 1


# Overnight


@pytest.fixture
def overnight():
    """Two nights, so that every time of a first page is over, whenever a test runs."""
    with time_machine.travel(timezone.now(), tick=True) as clock:
        yield lambda: clock.shift(timedelta(days=2))


def test_yesterdays_times_give_way_to_todays(practice, visitor, overnight):
    visitor.goto("/")
    visitor.get_by_role("link", name="Consultation").click()
    expect(visitor.get_by_role("heading", name="When?")).to_be_visible()
    overnight()
    visitor.locator(".next-free a").click()
    expect(visitor.get_by_role("alert")).to_contain_text("That time is in the past. Choose a later one.")
    visitor.get_by_role("alert").get_by_role("link").first.click()
    expect(visitor.get_by_role("heading", name="Your details")).to_be_visible()


def test_yesterdays_form_offers_other_times_and_keeps_what_was_typed(practice, visitor, overnight):
    type_details(visitor)
    overnight()
    visitor.get_by_role("button", name="Hold this time").click()
    expect(visitor.get_by_role("alert")).to_contain_text("That time is in the past. Choose a later one.")
    visitor.locator("button[name=appointment_time]").first.click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    assert Appointment.objects.get().note == "Left knee"


def test_a_form_whose_cookie_is_gone_comes_back_and_works(practice, visitor):
    type_details(visitor)
    visitor.context.clear_cookies()
    visitor.get_by_role("button", name="Hold this time").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Your browser did not send our cookie, so nothing was booked.")
    expect(visitor.get_by_label("Email address")).to_have_value("jo@example.com")
    assert {cookie["name"] for cookie in visitor.context.cookies()} == {"csrftoken", "holds"}
    visitor.get_by_role("button", name="Hold this time").click()
    expect(visitor.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    assert Appointment.objects.get().note == "Left knee"


def test_paying_without_the_cookie_leads_back_to_where_one_can_pay(practice, visitor):
    keep_a_time(visitor)
    visitor.context.clear_cookies()
    visitor.get_by_role("button", name="Pay with Stripe").click()
    expect(visitor.get_by_role("heading", name="Your browser did not send our cookie")).to_be_visible()
    visitor.get_by_role("link", name="Go back to your appointment").click()
    visitor.get_by_role("link", name="Go on to pay").click()
    leave_for_stripe(visitor)


# A kept time that ends while its page is open


def wake(page):
    """The tab comes into view again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def clock(practice, moment):
    return f"{moment.astimezone(practice.zone):%H:%M}"


def test_the_pay_page_names_the_end_of_the_kept_time_by_the_clock(practice, visitor):
    keep_a_time(visitor)
    end = Appointment.objects.get().hold_expires_at
    expect(visitor.get_by_text("We keep this time for you until").locator("strong")).to_have_text(clock(practice, end))


@with_javascript
def test_the_pay_page_tells_by_itself_when_the_kept_time_is_over(practice, visitor):
    visitor.clock.install()
    keep_a_time(visitor)
    Appointment.objects.update(hold_expires_at=timezone.now())
    visitor.clock.fast_forward("15:01")
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_focused()


@with_javascript
def test_a_pay_page_that_comes_into_view_tells_what_happened_meanwhile(practice, visitor, second_tab):
    keep_a_time(visitor)
    other = second_tab()
    visitor.get_by_role("button", name="Give this time back").click()
    expect(visitor.get_by_role("heading", name="This time was given back")).to_be_visible()
    wake(other)
    expect(other.get_by_role("heading", name="This time was given back")).to_be_visible()


@with_javascript
def test_coming_into_view_changes_nothing_that_is_still_true(practice, visitor):
    keep_a_time(visitor)
    visitor.get_by_role("button", name="Pay with Stripe").focus()
    with visitor.expect_response(re.compile("until=")) as answer:
        wake(visitor)
    assert answer.value.status == 204
    expect(visitor.get_by_role("button", name="Pay with Stripe")).to_be_focused()


@with_javascript
def test_a_hold_that_was_lengthened_in_another_tab_says_until_when(practice, visitor):
    keep_a_time(visitor)
    later = timezone.now() + timedelta(minutes=37)
    Appointment.objects.update(hold_expires_at=later)
    wake(visitor)
    expect(visitor.get_by_text("We keep this time for you until").locator("strong")).to_have_text(
        clock(practice, later)
    )
