"""The connection is gone or slow, or an answer is lost: nothing typed is lost, and trying again is safe."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Appointment, Tries
from payments.models import Payment
from tests.journeys.resilience.pressing import (
    HOLD,
    LINK,
    NO_ANSWER,
    NO_CONNECTION,
    OUR_FAULT,
    PAY,
    TOO_MUCH,
    Press,
    said,
    the_same,
    try_again,
    type_details,
    wake,
    with_javascript,
)
from tests.steps import choose_a_time, hold, keep_a_time, leave_for_stripe, pay

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

# Without a connection


@with_javascript
@pytest.mark.parametrize(
    ("press", "again"),
    [(LINK, try_again), (HOLD, the_same), (PAY, try_again), (PAY, the_same)],
    ids=["a link", "hold", "pay", "pay by the same button"],
)
def test_a_press_while_offline_says_so_in_place_and_works_afterwards(practice, visitor, press, again):
    press = Press(visitor, press)
    press.without_connection()
    press.failed_in_place()
    visitor.context.set_offline(False)
    expect(said(visitor)).to_have_text("You are online again.")
    again(press)
    expect(press.end).to_be_visible()
    expect(visitor.get_by_role("button", name="Try again")).to_have_count(0)


@with_javascript
def test_what_was_typed_is_there_and_is_sent_as_it_is_by_then(practice, visitor):
    press = Press(visitor, HOLD)
    press.without_connection()
    expect(visitor.get_by_label("Email address")).to_have_value("jo@example.com")
    visitor.get_by_label("Note").fill("Left knee, and the right")
    visitor.context.set_offline(False)
    try_again(press)
    expect(press.end).to_be_visible()
    assert Appointment.objects.get().note == "Left knee, and the right"


@with_javascript
def test_trying_again_while_still_offline_says_so_again(practice, visitor):
    press = Press(visitor, HOLD)
    press.without_connection()
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


# A slow answer


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
    # The transition counts from the frame before, which may be 17 ms earlier.
    assert 130 < press.target.evaluate(MILLISECONDS_UNTIL_BUSY) < 5000
    expect(visitor.locator("main")).to_have_attribute("aria-busy", "true")
    expect(visitor.get_by_role("button", name=re.compile(r"^(Holding your time|Opening Stripe)…$"))).to_be_visible()


@with_javascript
def test_a_step_can_be_used_from_the_moment_it_appears(practice, visitor):
    """Its links work and its heading has the focus before it is drawn, so that nobody can be too quick."""
    visitor.goto("/")
    visitor.evaluate(
        "document.addEventListener('htmx:afterSettle', () => { window.focused = document.activeElement.innerText; })"
    )
    visitor.get_by_role("link", name="Consultation").click()
    expect(visitor.get_by_role("heading", name="When suits you?")).to_be_visible()
    assert visitor.evaluate("window.focused") == "When suits you?"


@with_javascript
def test_a_press_before_a_step_has_faded_in_is_no_error(practice, visitor):
    visitor.goto("/")
    visitor.evaluate("for (const step of [1, 2]) document.startViewTransition(() => {})")
    visitor.wait_for_timeout(300)


REJECT = """([name, sentence]) => void Promise.reject(new DOMException(sentence, name))"""


@with_javascript
@pytest.mark.parametrize("expected", [re.compile("no room is left")])
def test_an_error_of_the_browser_that_ends_no_fading_is_one_that_is_seen(practice, visitor, expected):
    visitor.goto("/")
    visitor.evaluate(REJECT, ["AbortError", "a fading was skipped"])
    with visitor.expect_event("pageerror") as seen:
        visitor.evaluate(REJECT, ["QuotaExceededError", "no room is left"])
    assert "no room is left" in str(seen.value)


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


# What was typed


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


# A broken answer


def bad_gateway(route):
    """Answer as a proxy does while the site is being restarted."""
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
def test_what_crashes_in_place_is_told_with_the_number_that_is_in_the_log(practice, visitor, monkeypatch):
    def fail(request):
        raise RuntimeError("on purpose")

    monkeypatch.setattr("booking.pages.book.hold", fail)
    press = Press(visitor, HOLD)
    with visitor.expect_response(press.address) as answer:
        press.target.click()
    number = answer.value.header_value("x-request-id")
    expect(said(visitor)).to_have_text(f"{OUR_FAULT} If you ask us about it, tell us this number: {number}.")
    press.failed_in_place()


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


# Too much at once


@with_javascript
@pytest.mark.parametrize("press", [HOLD, PAY], ids=["hold", "pay"])
def test_a_press_amid_a_flood_from_the_same_network_loses_nothing_and_works_afterwards(
    practice, visitor, settings, press
):
    press = Press(visitor, press)
    settings.POSTS_PER_MINUTE = 1
    Client().post("/appointments/find/")
    press.target.click()
    expect(said(visitor)).to_have_text(TOO_MUCH)
    press.failed_in_place()
    Tries.objects.all().delete()
    try_again(press)
    expect(press.end).to_be_visible()
