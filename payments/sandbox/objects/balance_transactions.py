"""A balance transaction: one movement of money into the account's balance or out of it, and Stripe's fee for it."""

from payments.sandbox.models import Body
from payments.sandbox.wire import new_id

TWO_DAYS = 2 * 24 * 60 * 60
FEE_NAMES = {"charge": "Stripe processing fees", "adjustment": "Dispute fee"}


def balance_transaction(source: Body, kind: str, amount: int, now: int, *, category: str = "", fee: int = 0) -> Body:
    """The movement that `source` (a charge, a refund or a dispute) causes. What leaves the balance is below zero."""
    currency = source["currency"]
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now + TWO_DAYS,
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [fee_detail(fee, currency, FEE_NAMES.get(kind, ""))] if fee else [],
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }


def fee_detail(amount: int, currency: str, description: str) -> Body:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": description,
        "type": "stripe_fee",
    }
