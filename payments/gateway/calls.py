"""How a call to Stripe is made: by which client, whether at all while Stripe is silent, and what a failure becomes."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import requests
import stripe
from django.conf import settings
from django.core.cache import cache

from payments.gateway.deadlines import A_MOMENT, Timeouts, current_deadline
from payments.gateway.failures import (
    InvalidRequest,
    KeyRefused,
    RateLimited,
    SameCallUnderWay,
    SavedFailure,
    StripeUnavailable,
)

logger = logging.getLogger(__name__)
# With telemetry the SDK would write a file to the home directory and send Stripe our platform and its own timings.
stripe.enable_telemetry = False

# Two keys in the cache of this process. SILENT is set while Stripe is taken to be silent, because a call has timed out
# lately; TRYING is set while somebody tries whether Stripe answers again.
SILENT, TRYING = "stripe-is-silent", "stripe-is-tried"
SILENT_FOR = 60
"""Seconds after which a time-out is forgotten."""


def client() -> stripe.StripeClient:
    """The client for one call. Inside `within`, it gives up when the deadline has come.

    While Stripe is silent, one caller every few seconds gets a client to try it, and the others are refused at once.
    This is a circuit breaker: if all threads of the server waited for Stripe, no other page could be served.
    Raises StripeUnavailable.
    """
    timeouts = Timeouts()
    if deadline := current_deadline.get():
        if cache.get(SILENT) and not cache.add(TRYING, True, A_MOMENT):
            raise StripeUnavailable
        timeouts = deadline.timeouts()
    return client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, timeouts)


@lru_cache
def client_for(api_key: str, api_base: str, timeouts: Timeouts) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": api_base},
        http_client=stripe.RequestsClient(timeout=(timeouts.connect, timeouts.read)),
        max_network_retries=timeouts.retries,
    )


@contextmanager
def failures_translated() -> Iterator[None]:
    """Turn an exception of the SDK into one of failures.py, which does not carry Stripe's message."""
    try:
        yield
    except stripe.InvalidRequestError as error:
        raise InvalidRequest(error.code or "", error.param or "") from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        refusal = KeyRefused(what_is_wrong_with_the_key(error))
        logger.error("%s (request %s)", refusal.reason, error.request_id)  # noqa: TRY400 - the reason says all
        raise refusal from None
    except stripe.RateLimitError as error:
        # A 429 may also be a lock_timeout: another call is busy with the same object, and we do not call too often.
        raise StripeUnavailable if error.error and error.error.code == "lock_timeout" else RateLimited from None
    except stripe.StripeError as error:
        if error.error and error.error.code == "idempotency_key_in_use":
            raise SameCallUnderWay from None
        if isinstance(error.__cause__, requests.Timeout):
            cache.set(SILENT, True, SILENT_FOR)
        logger.warning("Stripe did not answer: %s (request %s)", type(error).__name__, error.request_id)
        raise SavedFailure if is_saved(error) else StripeUnavailable from None
    else:
        cache.delete(SILENT)


def what_is_wrong_with_the_key(error: stripe.StripeError) -> str:
    """Take only the names of permissions from Stripe's message, because it repeats a part of the key."""
    if isinstance(error, stripe.AuthenticationError):
        return "it is not valid, or not any more"
    permissions = re.findall(r"\brak_[a-z0-9_]+", error.user_message or "")
    return f"it lacks the permission {' or '.join(permissions)}" if permissions else "it lacks a permission"


def is_saved(error: stripe.StripeError) -> bool:
    """Whether Stripe has given this answer to the same idempotency key before, and will give it again."""
    replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
    return replayed and (error.http_status or 0) >= 500
