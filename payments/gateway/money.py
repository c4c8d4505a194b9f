"""What Stripe says of the money of a PaymentIntent (captured, refunded, disputed), and the call that refunds it.

Amounts are in minor units of the currency. All of these raise InvalidRequest or StripeUnavailable.
"""

from dataclasses import dataclass
from typing import Any

import stripe

from payments.dispute import DISPUTED, HELD_BY_A_BANK, LOST
from payments.gateway.calls import client, failures_translated


def create_refund(params: Any, idempotency_key: str) -> stripe.Refund:
    with failures_translated():
        options: Any = {"idempotency_key": idempotency_key}
        return client().v1.refunds.create(params=params, options=options)


# A bank may dispute one part of a charge after the other, though mostly there is one dispute at most.
MANY = 100


@dataclass(frozen=True)
class RefundAtStripe:
    id: str
    amount: int
    status: str
    failure_reason: str
    key: str
    """The idempotency key of our row, from the refund's metadata; empty if it was made in Stripe's dashboard."""


@dataclass(frozen=True)
class DisputesAtStripe:
    """What banks dispute of one PaymentIntent. A bank may dispute a part of it, and then another."""

    count: int = 0
    """How many disputes there are and were, inquiries among them."""
    status: str = ""
    """That of the one that is not decided yet, or else of the latest; empty if there is none."""
    charged_back: int = 0
    """What the bank holds because of disputes, or has taken for good."""
    taken_back: int = 0
    """What of that it has taken for good."""


@dataclass(frozen=True)
class MoneyAtStripe:
    """What became of the money of one PaymentIntent, as Stripe has it at one moment."""

    amount_captured: int
    amount_refunded: int
    disputes: DisputesAtStripe
    refunds: list[RefundAtStripe]


def read_money(payment_intent: str) -> MoneyAtStripe:
    with failures_translated():
        expand = ["latest_charge.refunds"]
        return money_of(client().v1.payment_intents.retrieve(payment_intent, params={"expand": expand}))


def money_of(intent: Any) -> MoneyAtStripe:
    """Read a PaymentIntent whose `latest_charge.refunds` is expanded. Without a charge all amounts are zero."""
    charge = getattr(intent, "latest_charge", None)
    if not charge:
        return MoneyAtStripe(0, 0, DisputesAtStripe(), [])
    return MoneyAtStripe(
        charge.amount_captured,
        charge.amount_refunded,
        read_disputes(intent.id) if charge.disputed else DisputesAtStripe(),
        [refund_at_stripe(refund) for refund in charge.refunds.auto_paging_iter()],
    )


def read_disputes(payment_intent: str) -> DisputesAtStripe:
    """A charge does not name its disputes, so this is another call."""
    # The newest first. One that is not decided says more than one that came after it and is over.
    disputes = client().v1.disputes.list(params={"payment_intent": payment_intent, "limit": MANY}).data
    statuses = sorted((one.status for one in disputes), key=lambda status: status not in DISPUTED)
    charged_back = sum(one.amount for one in disputes if one.status in HELD_BY_A_BANK)
    taken_back = sum(one.amount for one in disputes if one.status == LOST)
    return DisputesAtStripe(len(disputes), statuses[0] if statuses else "", charged_back, taken_back)


def refund_at_stripe(refund: Any) -> RefundAtStripe:
    return RefundAtStripe(
        id=refund.id,
        amount=refund.amount,
        # Stripe may leave the status out. We then take it for pending, so that we ask about the refund again.
        status=getattr(refund, "status", None) or "pending",
        failure_reason=getattr(refund, "failure_reason", None) or "",
        key=getattr(refund.metadata, "refund", ""),
    )
