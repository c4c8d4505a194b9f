"""A server to which the sandbox sends its webhooks, instead of to our site."""

import time

import stripe
from django.conf import settings

from tests.servers import Handler


class Receiver:
    """It answers as a test tells it, and keeps path, headers and body of each delivery."""

    def __init__(self):
        self.received = []
        self.answer = 200
        self.pause = 0.0
        """How many seconds it waits before it answers."""
        self.url = ""

    def handler(self):
        receiver = self

        class Receive(Handler):
            def answer(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((self.path, self.headers, body))
                time.sleep(receiver.pause)
                self.send_response(receiver.answer)
                self.send_header("Location", receiver.url)
                self.end_headers()

        return Receive

    def events(self):
        """Return the events that were sent. The SDK checks each signature, and raises if one is wrong."""
        secret = settings.STRIPE_WEBHOOK_SECRET
        return [
            stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
            for path, headers, body in self.received
        ]

    def wait_for(self, count):
        """Wait until so many events were sent, for half a minute at most, and return those that were sent."""
        deadline = time.monotonic() + 30
        while len(self.received) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.events()
