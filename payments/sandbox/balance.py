"""The account's balance: each charge, refund and dispute moves it, and a charge and a dispute cost a fee.

Stripe gives no fee back. Every currency has a balance of its own here, so nothing is converted.
"""

from payments.sandbox import objects
from payments.sandbox.models import Body, StripeObject

# What a card of the European Economic Area costs a standard account, in hundredths of a percent and in minor units:
# https://stripe.com/ie/pricing. A dispute costs twenty.
PART, FIXED, A_DISPUTE = 150, 25, 2000


def fee_of(amount: int) -> int:
    """The fee for a charge of that amount. Half a cent is rounded up."""
    return (amount * PART + 5000) // 10_000 + FIXED


def charged(charge: Body, now: int) -> Body:
    """The charge that has succeeded, with its movement."""
    fee = fee_of(charge["amount"])
    return {**charge, "balance_transaction": keep(charge, "charge", charge["amount"], now, fee=fee)["id"]}


def refunded(refund: Body, now: int) -> Body:
    return {**refund, "balance_transaction": keep(refund, "refund", -refund["amount"], now)["id"]}


def refund_failed(refund: StripeObject, now: int) -> None:
    """The money of a refund that failed is back in the balance."""
    movement = keep(refund.body, "refund_failure", refund.body["amount"], now)
    refund.change(failure_balance_transaction=movement["id"])


def disputed(dispute: Body, now: int) -> Body:
    """The dispute with its movement: the bank takes the money when it opens one, but not for an inquiry."""
    if dispute["is_charge_refundable"]:
        return dispute
    return {**dispute, "balance_transactions": [withdrawn(dispute, now)]}


def escalated(dispute: StripeObject, now: int) -> None:
    """An inquiry has become a dispute: only now the bank takes the money."""
    dispute.change(balance_transactions=[withdrawn(dispute.body, now)])


def dispute_won(dispute: StripeObject, now: int) -> None:
    movement = keep(dispute.body, "adjustment", dispute.body["amount"], now, category="dispute_reversal")
    dispute.change(balance_transactions=[*dispute.body["balance_transactions"], movement])


def withdrawn(dispute: Body, now: int) -> Body:
    return keep(dispute, "adjustment", -dispute["amount"], now, category="dispute", fee=A_DISPUTE)


def keep(source: Body, kind: str, amount: int, now: int, *, category: str = "", fee: int = 0) -> Body:
    body = objects.balance_transaction(source, kind, amount, now, category=category, fee=fee)
    StripeObject.objects.keep(body)
    return body
