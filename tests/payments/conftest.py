"""A held appointment, its payment, and a Stripe that can be made to fail.

Stripe is the sandbox, which the live server serves and the product calls over HTTP as it would call Stripe.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from payments.checkout import open_session
from payments.management.commands import audit
from payments.sandbox import faults
from payments.settlement import settle
from tests.factories import in_days, make_appointment, make_provider
from tests.payments.sandbox.pay_page import PayPage
from tests.servers import NOWHERE, Handler, address_of, listening


@pytest.fixture(autouse=True)
def audit_looks_twice_without_a_pause(monkeypatch):
    monkeypatch.setattr(audit, "A_MOMENT", 0)
    monkeypatch.setattr(audit, "ON_ITS_WAY", 0)


@pytest.fixture
def provider(live_server):
    return make_provider()


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=in_days(3, provider=provider))


@pytest.fixture
def pay(webhooks_lost):
    """Open the session of an appointment and pay it as its client would; without `webhook=True` we get no webhook."""

    def pay(appointment, *, webhook=False):
        payment = open_session(appointment)
        if not webhook:
            webhooks_lost()
        assert PayPage(payment.url).pay().status_code == 303
        return payment

    return pay


@pytest.fixture
def paid(held, pay):
    """A paid and settled payment. Its appointment is in three days and is confirmed."""
    payment = pay(held)
    settle(payment)
    return payment


@pytest.fixture
def paid_with(held, webhooks_lost):
    """Pay the held appointment with a card of `tests.cards`, and settle the payment."""

    def pay(card):
        payment = open_session(held)
        webhooks_lost()
        PayPage(payment.url).pay(number=card)
        settle(payment)
        return payment

    return pay


@pytest.fixture
def webhooks_lost(settings):
    """Once the test has called this, Stripe posts its webhooks to an address where nobody listens."""

    def lose():
        settings.SITE_URL = NOWHERE

    return lose


@pytest.fixture
def stripe_down(settings):
    """Once the test has called this, Stripe cannot be reached."""

    def fail():
        settings.STRIPE_API_BASE = NOWHERE

    return fail


@pytest.fixture
def stripe_up(settings, live_server):
    """Once the test has called this, Stripe can be reached again."""

    def recover():
        settings.STRIPE_API_BASE = f"{live_server.url}/stripe-sandbox"

    return recover


@pytest.fixture(params=["before", "after"])
def stripe_fails(request, settings):
    """Once the test has called this with an operation, such as "POST /v1/refunds", Stripe answers it with 500.

    A test runs twice: Stripe fails before it does the work, or after it. It saves the 500 under the idempotency key.
    """

    def fail(operation):
        faults.calls.clear()
        for seed in range(100):
            settings.STRIPE_SANDBOX_FAULTS = f"api.error_saved=1,seed={seed}"
            if faults.moment_of("api.error_saved", operation, 0) == request.param:
                return

    return fail


@pytest.fixture
def stripe_refuses(settings) -> Iterator:
    """Once the test has called this, Stripe answers every call with that HTTP status and error message."""
    with ExitStack() as servers:

        def refuse(status, message):
            settings.STRIPE_API_BASE = address_of(servers.enter_context(listening(refusing(status, message))))

        yield refuse


def refusing(status, message):
    error = json.dumps({"error": {"type": "invalid_request_error", "message": message}}).encode()

    class Refuse(Handler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(error)))
            self.send_header("Request-Id", "req_1")
            self.end_headers()
            self.wfile.write(error)

    return Refuse
