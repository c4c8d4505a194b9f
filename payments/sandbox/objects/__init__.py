"""Stripe's objects as they go over the wire. Every key that Stripe always sends is there, if only as null."""

from payments.sandbox.objects.balance_transactions import balance_transaction
from payments.sandbox.objects.charges import NEXT_ACTION, charge, last_payment_error, payment_intent
from payments.sandbox.objects.checkout_sessions import checkout_session, customer_details, line_item
from payments.sandbox.objects.disputes import dispute
from payments.sandbox.objects.events import event, webhook_endpoint
from payments.sandbox.objects.refunds import refund

__all__ = [
    "NEXT_ACTION",
    "balance_transaction",
    "charge",
    "checkout_session",
    "customer_details",
    "dispute",
    "event",
    "last_payment_error",
    "line_item",
    "payment_intent",
    "refund",
    "webhook_endpoint",
]
