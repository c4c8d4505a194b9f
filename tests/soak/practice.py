"""The practice at which all clients book, and how often they got each answer."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import requests
from stripe import StripeClient

from booking.models import WaitingOffer
from tests.gunicorn import quiet_session

# Clients book on these days, counted from today.
DAYS = range(1, 58)


class Press(NamedTuple):
    """Staff have pressed a button that changes an appointment: what should be told by a row among its changes."""

    appointment: int
    """Its primary key, or 0 as long as it is not known, since it was being booked."""
    kind: str
    by: str


class Practice:
    """The site's address, the providers, and on which day clients now book with each of them.

    The practice also returns money through Stripe's API, past our site, as people do in Stripe's dashboard.
    """

    def __init__(self, address: str, stripe: StripeClient, providers: list[dict[str, str]]) -> None:
        self.address, self.stripe, self.providers = address, stripe, providers
        self.day = {provider["slug"]: DAYS.start for provider in providers}
        self.answers: Counter[str] = Counter()
        self.done: Counter[Press] = Counter()
        """How often staff were told that it is done."""
        self.perhaps_done: Counter[Press] = Counter()
        """How often they were told nothing, since the answer was cut off or said that the site cannot be reached."""
        self.waiting: dict[str, Callable[[WaitingOffer], None]] = {}
        """What those who wait do once they are told of a time, by the keys of their entries."""
        self.lock = threading.Lock()

    def return_in_dashboard(self, reference: str, amount: int) -> None:
        """Return so many cents of a paid appointment. Raises StripeError if Stripe refuses or does not answer."""
        for session in self.stripe.v1.checkout.sessions.list(params={"limit": 100}).data:
            if session.client_reference_id == reference and session.payment_status == "paid":
                intent = session.payment_intent
                self.stripe.v1.refunds.create(params={"payment_intent": intent, "amount": amount})

    def session_from(self, address: str) -> requests.Session:
        """Return a session of a client who has that IP address, as a proxy in front of the site would say."""
        session = quiet_session()
        session.headers["X-Forwarded-For"] = address
        return session

    def answered(self, step: str, answer: requests.Response | None) -> None:
        """Count what a client was answered; None stands for no answer."""
        self.count(f"{step}: {'cut off' if answer is None else answer.status_code}")

    def count(self, what: str) -> None:
        with self.lock:
            self.answers[what] += 1

    def pressed(self, press: Press, *, answered: bool) -> None:
        with self.lock:
            (self.done if answered else self.perhaps_done)[press] += 1

    def full(self, provider: str, day: int) -> None:
        """Go on to the next day. After the last day begin again at the first, where some times are free again."""
        if self.day[provider] == day:
            self.day[provider] = day + 1 if day + 1 in DAYS else DAYS.start
