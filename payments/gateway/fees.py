"""What Stripe has kept of each charge as its fee. This raises StripeUnavailable."""

from dataclasses import dataclass
from datetime import UTC, datetime
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


@dataclass(frozen=True)
class PageOfFees:
    said: list[FeeAtStripe]
    reaches_back_to: datetime | None
    """When the earliest charge on the page was made. None if there are no earlier ones."""


def list_fees(since: datetime, until: datetime) -> PageOfFees:
    """The fees of the latest charges that were made from one moment to another, as far as Stripe has said them.

    It is one call: at most a page of charges. Those that were declined have no fee.
    """
    created = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
    params: Any = {"created": created, "limit": A_PAGE, "expand": ["data.balance_transaction"]}
    with failures_translated():
        page: Any = client().v1.charges.list(params=params)
    said = [(charge.payment_intent, charge.balance_transaction) for charge in page.data]
    return PageOfFees(
        [FeeAtStripe(intent, one.fee, one.currency) for intent, one in said if intent and one],
        datetime.fromtimestamp(page.data[-1].created, UTC) if page.has_more else None,
    )
