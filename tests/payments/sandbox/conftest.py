"""The sandbox is driven as the product drives Stripe: the official SDK and a browser's requests, over real HTTP."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import stripe
from django.conf import settings as django_settings

from payments.sandbox.webhooks import THREAD_NAME
from tests.pages import form_of


@pytest.fixture
def client_of(live_server):
    def build(key="sk_test_sandbox", **options):
        api = live_server.url + "/stripe-sandbox"
        return stripe.StripeClient(key, base_addresses={"api": api}, max_network_retries=0, **options)

    return build


@pytest.fixture
def sessions(client_of):
    return client_of().v1.checkout.sessions


def session_params(**changes):
    params = {
        "mode": "payment",
        "success_url": f"{django_settings.SITE_URL}/done/?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{django_settings.SITE_URL}/cancelled/",
        "customer_email": "ada@example.com",
        "expires_at": int(time.time()) + 35 * 60,
        "line_items": [line_item()],
    }
    return {**params, **changes}


def line_item(*, name="First consultation", amount=5100, currency="eur", quantity=1):
    price_data = {"currency": currency, "unit_amount": amount, "product_data": {"name": name}}
    return {"price_data": price_data, "quantity": quantity}


class PayPage:
    """A browser without JavaScript on the hosted page."""

    def __init__(self, url):
        self.url = url
        self.http = requests.Session()
        self.http.trust_env = False
        self.opened = None

    def open(self):
        self.opened = self.http.get(self.url)
        return self.opened

    def pay(self, number="4242 4242 4242 4242", expiry="12 / 34", cvc="123"):
        return self.post(number=number, expiry=expiry, cvc=cvc)

    def answer_the_bank(self, answer):
        return self.post(authentication=answer)

    def post(self, **form):
        opened = self.opened or self.open()
        return self.http.post(self.url, data={**form_of(opened.text), **form}, allow_redirects=False)


class Receiver:
    """A site that is told what to answer, and remembers what it was sent."""

    def __init__(self):
        self.received = []
        self.answer = 200
        self.pause = 0.0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((self.path, self.headers, body))
                time.sleep(receiver.pause)
                self.send_response(receiver.answer)
                self.send_header("Location", receiver.url)
                self.end_headers()

            def log_message(self, *args):
                pass

        return Handler

    def events(self):
        """What was sent, past the SDK's own check of the signature."""
        secret = django_settings.STRIPE_WEBHOOK_SECRET
        return [
            stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
            for path, headers, body in self.received
        ]

    def wait_for(self, count):
        deadline = time.monotonic() + 5
        while len(self.received) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.events()


@pytest.fixture
def receiver(settings, site_at_the_live_server) -> Iterator[Receiver]:
    """Takes the webhooks instead of the site."""
    receiver = Receiver()
    settings.SITE_URL = receiver.url
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def page_of(live_server):
    return lambda session: PayPage(f"{live_server.url}/stripe-sandbox/pay/{session.id}")


@pytest.fixture(autouse=True)
def background_deliveries_end_with_the_test(request):
    if "live_server" in request.fixturenames:
        request.getfixturevalue("live_server")
    yield
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join(timeout=15)
