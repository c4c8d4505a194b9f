"""How long calls to Stripe may take. For each one a thread of our server waits, and mostly a person as well."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from payments.gateway.failures import StripeUnavailable

# Seconds for `within` where tick will do later what cannot be done in a moment. Less than ten: for ten seconds Stripe's
# page waits for our answer to the webhook, before it sends the client back to us.
A_MOMENT = 5
# Seconds for `within` where nobody will do it later. Less than twenty, when the script of our own pages gives up.
AS_LONG_AS_A_PAGE_WAITS = 15


@dataclass(frozen=True)
class Timeouts:
    """The seconds that one attempt at a call may take, and how often it is retried."""

    connect: float = 3.05
    read: float = 15
    retries: int = 1


@dataclass(frozen=True, order=True)
class Deadline:
    """When the answers must be there, by the clock of `time.monotonic`."""

    at: float
    retries: int

    def timeouts(self) -> Timeouts:
        """Share the time that is left among all attempts at one call.

        Each attempt gets whole seconds, so that there are few different timeouts: for each of them a StripeClient with
        connections of its own is kept.
        Raises StripeUnavailable when no second is left.
        """
        left = int(self.at - time.monotonic() + 0.1)
        each = left // (1 + self.retries)
        if each < 1:
            raise StripeUnavailable
        return Timeouts(connect=each * 0.3, read=each * 0.7, retries=self.retries)


current_deadline: ContextVar[Deadline | None] = ContextVar("current_deadline", default=None)


@contextmanager
def within(seconds: int, *, retries: int = 0) -> Iterator[None]:
    """Limit the seconds that all calls inside may take together. An earlier deadline around this one still holds."""
    ours = Deadline(time.monotonic() + seconds, retries)
    before = current_deadline.set(min(ours, current_deadline.get() or ours))
    try:
        yield
    finally:
        current_deadline.reset(before)
