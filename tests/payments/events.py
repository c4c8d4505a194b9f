"""Webhook events as Stripe sends them, signed and posted to our endpoint."""

import json
import time

import stripe
from django.test import Client

API_VERSION = "2026-10-28.endive"


def signed_event(session_id, *, kind="checkout.session.completed", event_id="evt_1", signed_at=None, **changes):
    """Return body and Stripe-Signature header of an event about that session, with `changes` to its members."""
    subject = {"id": session_id, "object": "checkout.session"}
    event = {"id": event_id, "object": "event", "type": kind, "livemode": False, "api_version": API_VERSION}
    body = json.dumps({**event, "data": {"object": subject}, **changes})
    return body, signature(body, signed_at)


def signature(body, signed_at=None, secret="whsec_sandbox"):
    """Sign as the SDK's own code does. `signed_at` is in seconds since 1970; if it is not given, it is now."""
    stamp = int(signed_at or time.time())
    signed = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", secret)
    return f"t={stamp},v1={signed}"


def post_event(body, header):
    """Post an event to our endpoint and return the answer. If `header` is None, no signature is sent."""
    headers = {"Stripe-Signature": header} if header is not None else {}
    return Client().post("/payments/webhook/", body, content_type="application/json", headers=headers)


def about_refund(payment):
    """Return the `data` of an event about a refund of that payment."""
    return {"object": {"id": "re_1", "object": "refund", "payment_intent": payment.payment_intent_id}}
