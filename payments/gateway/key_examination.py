"""What `manage.py doctor` asks Stripe: what our secret key may do, and where the account sends its events.

The calls change nothing at Stripe: they name objects that cannot exist. The answer "no such object" means that the key
may make the call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import stripe
from django.utils import timezone

from payments.gateway.calls import client, what_is_wrong_with_the_key
from payments.gateway.events import UNREADABLE
from payments.gateway.failures import KeyRefused, StripeUnavailable

# The API version that the installed SDK speaks.
API_VERSION = stripe.api_version

# The permissions that we need, by the names that Stripe's dashboard gives them, each with a call that needs it.
PERMISSIONS: dict[str, Callable[[Any], object]] = {
    "Checkout Sessions: write": lambda v1: v1.checkout.sessions.expire("cs_doctor"),
    "PaymentIntents: read": lambda v1: v1.payment_intents.retrieve("pi_doctor"),
    "Charges and Refunds: write": lambda v1: v1.refunds.create(params={"payment_intent": "pi_doctor"}),
    "Disputes: read": lambda v1: v1.disputes.retrieve("du_doctor"),
}


@dataclass(frozen=True)
class KeyExamination:
    missing: list[str]
    """Those of PERMISSIONS that the key lacks."""
    clock_ahead: timedelta | None
    """How far our clock is ahead of Stripe's; None where Stripe did not say what time it is."""


def examine_key() -> KeyExamination:
    """Try each permission that the key needs. Raises KeyRefused if it is not valid at all, or StripeUnavailable."""
    refusals = {permission: refusal_of(call) for permission, call in PERMISSIONS.items()}
    missing = [permission for permission, refusal in refusals.items() if isinstance(refusal, stripe.PermissionError)]
    date = refusals.popitem()[1].headers.get("Date")
    return KeyExamination(missing, timezone.now() - parsedate_to_datetime(date) if date else None)


def refusal_of(call: Callable[[Any], object]) -> Any:
    """What the SDK raised for a call that cannot succeed: the key may not make it, or there is no such object."""
    try:
        call(client().v1)
    except (stripe.PermissionError, stripe.InvalidRequestError) as refusal:
        return refusal
    except stripe.AuthenticationError as error:
        raise KeyRefused(what_is_wrong_with_the_key(error)) from None
    except stripe.StripeError:
        raise StripeUnavailable from None
    # Something answered that finds objects which cannot exist, so it is not Stripe.
    raise StripeUnavailable


@dataclass(frozen=True)
class WebhookEndpoint:
    """An address to which the account sends its events."""

    url: str
    is_enabled: bool
    events: frozenset[str]
    api_version: str
    """Empty if it follows the account's default version."""


def list_webhook_endpoints() -> list[WebhookEndpoint] | None:
    """All endpoints of the account, or None if the key may not read them. The site works without that permission.

    Raises StripeUnavailable.
    """
    try:
        endpoints = client().v1.webhook_endpoints.list(params={"limit": 100}).auto_paging_iter()
        return [
            WebhookEndpoint(one.url, one.status == "enabled", frozenset(one.enabled_events), one.api_version or "")
            for one in endpoints
        ]
    except stripe.PermissionError:
        return None
    except (*UNREADABLE, stripe.StripeError):
        raise StripeUnavailable from None
