"""What Stripe has kept of each charge as its fee. This raises StripeUnavailable."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from payments.gateway.calls import client, failures_translated

A_PAGE = 100


@dataclass(frozen=True)
class FeeAtStripe:
    payment_intent: str
    fee: int
    """In minor units of `currency`."""
    currency: str
    """That of the account's balance, which may be another than the client paid in."""


def list_fees(since: datetime, until: datetime) -> list[FeeAtStripe]:
    """The fees of the latest charges that were made from one moment to another, as far as Stripe has said them.

    It is one call: at most a page of charges, without those that were declined.
    """
    created = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
    params: Any = {"created": created, "limit": A_PAGE, "expand": ["data.balance_transaction"]}
    with failures_translated():
        charges: Any = client().v1.charges.list(params=params).data
    said = [(charge.payment_intent, charge.balance_transaction) for charge in charges]
    return [FeeAtStripe(intent, one.fee, one.currency) for intent, one in said if intent and one]
