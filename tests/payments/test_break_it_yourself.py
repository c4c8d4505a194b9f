"""Two recipes of docs/faults.md that no other test follows: a server is killed, and Stripe fails."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from payments.checkout import open_session
from payments.models import Payment, WebhookEvent
from payments.sandbox import faults
from payments.sandbox.models import IdempotentRequest, StripeObject
from tests.conftest import wait_for_deliveries
from tests.gunicorn import free_port, quiet_session, wait_for
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.standing import refunds_of, sessions_at_stripe, state_of
from tests.payments.ticking import later_tick


def test_killed_while_it_opens_a_session_tick_finds_the_one_that_was_opened(held, database_url):
    slow = {"DATABASE_URL": database_url, "STRIPE_SANDBOX_FAULTS": "api.slow=60,seed=10"}
    with ThreadPoolExecutor(1) as client, runserver(**slow) as (address, server):
        pressed = client.submit(press_pay, f"{address}/api/appointments/{held.reference}/checkout")
        wait_until_the_work_is_done()
        server.kill()
        with pytest.raises(requests.ConnectionError):
            pressed.result()
    assert [payment.checkout_session_id for payment in Payment.objects.all()] == [None]
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    later_tick()
    opened = StripeObject.objects.get(type="checkout.session")
    assert [payment.checkout_session_id for payment in Payment.objects.all()] == [opened.pk]
    assert open_session(held).url == opened.body["url"]
    assert sessions_at_stripe() == 1


@contextmanager
def runserver(**environment):
    """Serve the site as `make run` does, in one process. Yields its address and the process."""
    address = f"127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", address],
        env={**os.environ, "SITE_URL": f"http://{address}", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://{address}/healthz", server)
        yield f"http://{address}", server
    finally:
        server.kill()
        server.wait()


def press_pay(address):
    with quiet_session() as session:
        return session.post(address, timeout=30)


def wait_until_the_work_is_done():
    """Wait until Stripe has opened the session and saved its answer, which it has not sent yet."""
    deadline = time.monotonic() + 60
    while not IdempotentRequest.objects.filter(status=200).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_given_back_while_stripe_fails_and_paid_all_the_same_the_money_goes_back(held, settings):
    payment = open_session(held)
    faults.calls.clear()
    settings.STRIPE_SANDBOX_FAULTS = "api.error=1,seed=699"
    held.cancel()
    assert PayPage(payment.url).pay().status_code == 303
    assert (state_of(held).status, state_of(held).payments) == ("cancelled", [("open", "")])
    assert WebhookEvent.objects.get().last_error == "Stripe could not be asked about it."
    settings.STRIPE_SANDBOX_FAULTS = ""
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("cancelled", [("paid", "time gone")])
    assert refunds_of(payment) == [("time gone", 6000, "succeeded")]
    # The event about the refund is delivered by a thread of its own.
    wait_for_deliveries()
    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
