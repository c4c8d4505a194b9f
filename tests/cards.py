"""Stripe's test cards, named after what becomes of a payment with them, and the fields of a payment page.

Stripe lists the numbers at https://docs.stripe.com/testing, and the sandbox does the same with them as Stripe.
"""

GOOD = "4242424242424242"
DECLINED = "4000000000000002"
WITHOUT_FUNDS = "4000000000009995"
# The client's bank asks who they are (3-D Secure) before anything is charged.
ASKS_FIRST = "4000002760003184"
# A refund to the first card is pending for a while. A refund to the second succeeds at first and fails later.
SLOW_REFUND, FAILING_REFUND = "4000000000007726", "4000000000005126"
# With this one, which is the sandbox's own, half of a payment is disputed at once.
HALF_DISPUTED = "4000000000000267"
# A payment with the first card is disputed at once, and the client's bank takes the money back. A payment with the
# second makes the bank only ask about it, which Stripe calls an inquiry.
DISPUTED, INQUIRED = "4000000000000259", "4000000000001976"


def card_form(number=GOOD, expiry="12 / 34", cvc="123"):
    """Return what the form of the payment page sends."""
    return {"number": number, "expiry": expiry, "cvc": cvc}


def typed(number=GOOD, expiry="12 / 34", cvc="123"):
    """Return the same values by the labels that a person reads beside the fields."""
    return {"Card number": number, "Expiry": expiry, "CVC": cvc}
