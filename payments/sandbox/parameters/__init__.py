"""What the API accepts, checked as Stripe checks it and refused in Stripe's own words."""

from payments.sandbox.parameters.operations import EVIDENCE, EXPAND, refund, session
from payments.sandbox.parameters.parsers import hash_of, integer, text

__all__ = ["EVIDENCE", "EXPAND", "hash_of", "integer", "refund", "session", "text"]
