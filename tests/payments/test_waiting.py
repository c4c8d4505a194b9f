"""Stripe takes a call and never answers. Whoever waits for us is answered soon, and so is everybody else."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from booking.models import Appointment
from payments import gateway
from payments.checkout import open_session
from payments.gateway import StripeUnavailable
from payments.gateway.deadlines import current_deadline
from payments.models import WebhookEvent
from tests.gunicorn import collect_static_files, gunicorn, quiet_session
from tests.payments.events import post_event, signed_event
from tests.payments.pages import success_page, success_url
from tests.payments.standing import state_of

# On a busy machine an answer may take so many seconds longer than the limit. A moment stays shorter than a page's wait.
BUSY = 8

# How long one waits for Stripe is the same with any database, as no transaction is open meanwhile.
WITH_ANY_DATABASE = pytest.mark.any_engine


@pytest.fixture
def patience():
    """Replace the fixture that removes the limits of waiting in other tests: here they are those of the product."""


@pytest.fixture
def silence(settings):
    """Once the test has called this, Stripe takes connections and never answers. The call returns its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def fall():
            settings.STRIPE_API_BASE = address
            return address

        yield fall


def timed(call):
    """Return the answer of a call, and how many seconds it took."""
    begun = time.monotonic()
    answer = call()
    return answer, time.monotonic() - begun


@WITH_ANY_DATABASE
def test_the_page_that_a_client_comes_back_to_gives_up_in_a_moment(held, pay, silence):
    payment = pay(held)
    silence()
    page, seconds = timed(lambda: success_page(payment))
    assert (page.status_code, b"We have not heard from Stripe yet" in page.content) == (200, True)
    assert seconds < gateway.A_MOMENT + BUSY


@WITH_ANY_DATABASE
def test_the_webhook_that_checkout_waits_for_gives_up_in_a_moment(held, pay, silence):
    payment = pay(held)
    silence()
    answer, seconds = timed(lambda: post_event(*signed_event(payment.checkout_session_id)))
    assert (answer.status_code, WebhookEvent.objects.get().processed_at) == (503, None)
    assert seconds < gateway.A_MOMENT + BUSY


def test_a_client_who_cancels_does_not_wait_for_the_money(paid, held, silence):
    silence()
    answer, seconds = timed(lambda: Client().post(f"/appointments/{held.reference}/cancel/", {"refund": "60.00"}))
    assert (answer.status_code, state_of(held).status) == (303, "cancelled")
    assert [refund.status for refund in paid.refunds.all()] == ["owed"]
    assert seconds < gateway.A_MOMENT + BUSY


@WITH_ANY_DATABASE
def test_a_client_who_gives_an_unpaid_time_back_does_not_wait_for_its_session_to_end(held, silence):
    open_session(held)
    silence()
    answer, seconds = timed(lambda: Client().post(f"/appointments/{held.reference}/cancel/"))
    assert (answer.status_code, state_of(held).payments) == (303, [("open", "")])
    assert seconds < gateway.A_MOMENT + BUSY


@WITH_ANY_DATABASE
def test_opening_repeats_its_call_and_answers_before_the_page_gives_up(held, silence):
    """The client must wait here, since only Stripe's answer has the address of the page on which they pay."""
    silence()
    answer, seconds = timed(lambda: Client().post(f"/payments/{held.reference}/checkout/"))
    assert (answer.status_code, state_of(held).payments) == (503, [("open", "")])
    assert 2 * 4.9 < seconds < gateway.AS_LONG_AS_A_PAGE_WAITS + BUSY


def test_moving_answers_before_the_page_gives_up(held, silence):
    open_session(held)
    silence()
    to = held.appointment_time.replace(hour=14).isoformat()
    answer, seconds = timed(lambda: Client().post(f"/appointments/{held.reference}/reschedule/", {"time": to}))
    assert (answer.status_code, Appointment.objects.get().appointment_time) == (503, held.appointment_time)
    assert seconds < gateway.AS_LONG_AS_A_PAGE_WAITS + BUSY


@WITH_ANY_DATABASE
def test_all_calls_together_have_the_time_that_one_would_have(held):
    payment = open_session(held)
    with gateway.within(2):
        gateway.retrieve_session(payment.checkout_session_id)
        time.sleep(1.2)
        with pytest.raises(StripeUnavailable):
            gateway.retrieve_session(payment.checkout_session_id)
    assert gateway.retrieve_session(payment.checkout_session_id).id == payment.checkout_session_id


def test_a_moment_within_a_longer_time_is_a_moment_and_the_longer_one_does_not_lengthen_it():
    with gateway.within(15, retries=1), gateway.within(5):
        inner = current_deadline.get().timeouts()
        with gateway.within(15):
            assert current_deadline.get().timeouts() == inner
    assert (inner.retries, inner.connect + inner.read) == (0, 5)


def test_while_stripe_is_silent_one_waits_and_the_others_are_told_at_once(held, pay, silence, together):
    payment = pay(held)
    silence()
    success_page(payment)
    took = together(*[lambda: timed(lambda: success_page(payment))[1]] * 4)
    assert sorted(seconds > 3 for seconds in took) == [False, False, False, True]


@WITH_ANY_DATABASE
def test_as_soon_as_stripe_answers_again_nobody_is_sent_away(held, pay, silence, stripe_up):
    payment = pay(held)
    silence()
    success_page(payment)
    stripe_up()
    assert b"Appointment confirmed" in success_page(payment).content
    assert gateway.retrieve_session(payment.checkout_session_id).id == payment.checkout_session_id


def test_the_site_is_healthy_while_clients_wait_for_stripe(held, pay, silence, database_url):
    """At first all four threads may wait `A_MOMENT`; after that only one waits at a time, as `docs/scaling.md` says."""
    payment = pay(held)
    key = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x", "STRIPE_SANDBOX": "0"}
    collect_static_files()
    with gunicorn(workers=1, threads=4, DATABASE_URL=database_url, STRIPE_API_BASE=silence(), **key) as server:
        address = f"{server.address}{success_url(payment)}"

        def wait():
            with quiet_session() as client:
                return client.get(address, timeout=30).status_code

        with ThreadPoolExecutor(8) as clients:
            assert list(clients.map(lambda _: wait(), range(4))) == [200] * 4
            waiting = [clients.submit(wait) for _ in range(8)]
            time.sleep(1)  # until all eight requests have reached the server
            with quiet_session() as balancer:
                healthy, seconds = timed(lambda: balancer.get(f"{server.address}/healthz", timeout=30))
            assert (healthy.status_code, [one.result() for one in waiting]) == (200, [200] * 8)
        assert seconds < 3
