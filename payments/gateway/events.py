"""The events that Stripe sends to our webhook: whether Stripe signed them, and what of them is kept."""

import json
import re
import time
from typing import Any

import stripe
from django.conf import settings

from payments.gateway.failures import WebhookRefused

SIGNATURE_TOLERANCE = 300
"""Seconds that a signature may be old, or ahead of our clock. Stripe signs each delivery anew."""
# Raised while reading a body that is not UTF-8, not JSON, nested too deeply, or not an event about an object.
UNREADABLE = (ValueError, RecursionError, AttributeError, KeyError, TypeError)


def read_event(body: bytes, signature: str) -> tuple[str, dict[str, Any]]:
    """Check that Stripe signed an event, and return its id and what the row of a WebhookEvent keeps of it.

    Raises WebhookRefused.
    """
    secret = settings.STRIPE_WEBHOOK_SECRET
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, SIGNATURE_TOLERANCE)
        event = json.loads(body)
        event_id, facts = event["id"], facts_of(event)
    except (*UNREADABLE, stripe.SignatureVerificationError) as error:
        raise WebhookRefused from error
    # The SDK refuses old signatures only. One dated ahead could be replayed for as long as it lies in the future.
    signed_at = re.search(r"(?:^|,)t=(\d+)", signature)
    if signed_at and int(signed_at[1]) > time.time() + SIGNATURE_TOLERANCE:
        raise WebhookRefused
    return event_id, facts


def facts_of(event: Any) -> dict[str, Any]:
    """The fields of a WebhookEvent. A thin event (v2.core.event) names its object and does not contain it.

    An object may have no id, such as a balance.
    """
    is_thin = event["object"] == "v2.core.event"
    about = event.get("related_object") or {} if is_thin else event["data"]["object"]
    return {
        "type": event["type"],
        "object_id": about.get("id") or "",
        "payment_intent_id": about.get("payment_intent") or "",
        "livemode": event["livemode"],
        "account": event.get("account") or "",
        "api_version": event.get("api_version") or "",
    }
