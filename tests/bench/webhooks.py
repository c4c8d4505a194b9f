"""Webhooks of payments that are really paid: at the sandbox, which is served by processes of its own.

So the site asks Stripe over HTTP, as it does in production, and what Stripe does costs the site no processor time.
"""

import json

from booking.models import Appointment, Mail
from config import stripe_keys
from payments.models import Payment, WebhookEvent
from payments.sandbox.models import StripeObject
from tests.bench.load import Request, Visit, client
from tests.bench.practice import Practice
from tests.gunicorn import PRODUCTION, Server, quiet_session
from tests.payments.events import signature
from tests.payments.sandbox.pay_page import PayPage

# The sandbox makes its keys of the secret of the site that serves it, and the measured site is told them.
KEYS = {
    "STRIPE_SECRET_KEY": stripe_keys.of_demo("sk_test_", "sandbox key", PRODUCTION["SECRET_KEY"]),
    "STRIPE_WEBHOOK_SECRET": stripe_keys.of_demo("whsec_", "sandbox webhook", PRODUCTION["SECRET_KEY"]),
}


class Webhooks:
    """Events that say that a session is completed, one for each of several payments."""

    def __init__(self, site: Server, practice: Practice, count: int) -> None:
        urls = [checkout(site, appointment, number) for number, appointment in enumerate(practice.hold(count))]
        self.payments = list(Payment.objects.filter(url__in=urls))
        self.appointments = list(Appointment.objects.filter(payments__in=self.payments))
        for url in urls:
            assert PayPage(url).pay().status_code == 303
        sessions = [payment.checkout_session_id for payment in self.payments]
        events = StripeObject.objects.filter(type="event", body__type="checkout.session.completed")
        self.bodies = [json.dumps(events.get(body__data__object__id=session).body, indent=2) for session in sessions]

    def arrive(self) -> list[Visit]:
        """The webhooks, newly signed, for payments of which the site has not heard yet."""
        for row in (*self.payments, *self.appointments):
            row.save()
        Mail.objects.filter(appointment__in=self.appointments).delete()
        WebhookEvent.objects.filter(object_id__in=[payment.checkout_session_id for payment in self.payments]).delete()
        return self.arrive_again()

    def arrive_again(self) -> list[Visit]:
        """The same webhooks once more, newly signed."""
        return [[signed(body)] for body in self.bodies]


def checkout(site: Server, appointment: Appointment, number: int) -> str:
    """Begin to pay, and return the address of the page on which to pay."""
    with quiet_session() as program:
        url = f"{site.address}/api/appointments/{appointment.reference}/checkout"
        answer = program.post(url, headers=client(number))
    return answer.json()["checkout_url"]


def signed(body: str) -> Request:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(body, secret=KEYS["STRIPE_WEBHOOK_SECRET"]),
    }
    return Request("/payments/webhook/", "POST", body, headers)
