import json
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
import stripe
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from booking.models import Appointment
from payments.checkout import open_session
from payments.gateway import client
from payments.models import Payment, WebhookEvent
from payments.sandbox import faults
from payments.settlement import settle
from tests.factories import in_days, make_appointment, make_provider
from tests.payments.sandbox.conftest import PayPage

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def provider(live_server):
    return make_provider()


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=in_days(3, provider=provider))


@pytest.fixture
def webhooks_lost(settings):
    """Stripe posts to an address where nobody listens, from now on."""

    def lose():
        settings.SITE_URL = NOWHERE

    return lose


@pytest.fixture
def pay(webhooks_lost):
    """Open the session of an appointment and pay it as its client would; the webhook is lost unless told otherwise."""

    def pay(appointment, *, webhook=False):
        payment = open_session(appointment)
        if not webhook:
            webhooks_lost()
        assert PayPage(payment.url).pay().status_code == 303
        return payment

    return pay


@pytest.fixture
def paid(held, pay):
    """The payment of an appointment in three days, confirmed."""
    payment = pay(held)
    settle(payment)
    return payment


@pytest.fixture
def stripe_down(settings):
    def fail():
        settings.STRIPE_API_BASE = NOWHERE

    return fail


def make_payment(appointment, **facts):
    number = Payment.objects.count() + 1
    defaults = {
        "status": "paid",
        "amount": 6000,
        "amount_captured": 6000,
        "currency": "eur",
        "expires_at": timezone.now() + timedelta(minutes=35),
        "params": {},
        "checkout_session_id": f"cs_test_{number}",
        "payment_intent_id": f"pi_{number}",
    }
    return Payment.objects.create(appointment=appointment, **{**defaults, **facts})


def give_everything_its_turn(hours=2):
    """As if Stripe had been asked so long ago. What takes days has its turn hourly, all else sooner."""
    for asked_about in (Payment, WebhookEvent):
        asked_about.objects.update(asked_at=F("asked_at") - timedelta(hours=hours))


def later_tick(hours=2):
    give_everything_its_turn(hours)
    call_command("tick")


@pytest.fixture(params=["before", "after"])
def stripe_fails(request, settings):
    """Stripe answers 500 to an operation from now on and keeps that answer, before it did the work or after."""

    def fail(operation):
        faults.calls.clear()
        for seed in range(100):
            settings.STRIPE_SANDBOX_FAULTS = f"api.error_saved=1,seed={seed}"
            if faults.moment_of("api.error_saved", operation, 0) == request.param:
                return

    return fail


@pytest.fixture
def stripe_refuses(settings) -> Iterator:
    """Every call gets that answer from now on, whatever is asked."""
    servers = []

    def refuse(status, message):
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), answering(status, message)))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{servers[-1].server_port}"

    yield refuse
    for server in servers:
        server.shutdown()
        server.server_close()


def answering(status, message):
    error = json.dumps({"error": {"type": "invalid_request_error", "message": message}}).encode()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(error)))
            self.send_header("Request-Id", "req_1")
            self.end_headers()
            self.wfile.write(error)

        def do_GET(self):
            self.answer()

        def do_POST(self):
            self.answer()

        def log_message(self, *args):
            pass

    return Handler


def session_at_stripe(payment):
    return client().v1.checkout.sessions.retrieve(payment.checkout_session_id)


def signed_event(session_id, *, kind="checkout.session.completed", event_id="evt_1", signed_at=None, **changes):
    """The body and headers of a delivery, signed by the SDK's own code."""
    subject = {"id": session_id, "object": "checkout.session"}
    event = {"id": event_id, "object": "event", "type": kind, "livemode": False, "api_version": "2026-10-28.endive"}
    body = json.dumps({**event, "data": {"object": subject}, **changes})
    return body, signature(body, signed_at)


def signature(body, signed_at=None, secret="whsec_sandbox"):
    stamp = int(signed_at or time.time())
    signed = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", secret)
    return f"t={stamp},v1={signed}"


def post_event(body, header):
    headers = {"Stripe-Signature": header} if header is not None else {}
    return Client().post("/payments/webhook/", body, content_type="application/json", headers=headers)


def state_of(appointment):
    """What a test compares: read anew."""
    fresh = Appointment.objects.get(pk=appointment.pk)
    payments = [(payment.status, payment.problem) for payment in fresh.payments.order_by("pk")]
    return SimpleNamespace(status=fresh.status, confirmed_at=fresh.confirmed_at, payments=payments, row=fresh)
