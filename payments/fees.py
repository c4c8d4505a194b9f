"""Stripe's fee of each payment, which the month at the desk shows.

It is read beside the money's way and never on it: a key may lack the permission for fees, or Stripe say them late, and
payments are settled all the same. One call asks for the fees of a hundred charges.
"""

import logging
from datetime import datetime, timedelta

from booking import money
from payments import gateway
from payments.gateway import FeeAtStripe, InvalidRequest, StripeUnavailable
from payments.models import Heartbeat, Payment

logger = logging.getLogger(__name__)

# Fees of older payments are not asked for.
LOOK_BACK = timedelta(days=90)
# How long nothing is asked after a call that told no fee that was missing.
REST = timedelta(hours=1)
# A charge is made while its session is open, and clocks may differ a little.
BEFORE, AFTER = timedelta(minutes=5), timedelta(days=1)


def read_fees(now: datetime) -> int:
    """Ask Stripe once for fees that are missing, the latest first, and write them down. Returns how many those were.

    As tick goes on while there is something to do, it comes back for earlier ones.
    """
    missing = Payment.objects.without_fee(now - LOOK_BACK)
    if not missing.exists() or Heartbeat.objects.filter(name=Heartbeat.FEES, at__gt=now - REST).exists():
        return 0
    opened = missing.order_by("created_at").values_list("created_at", flat=True)
    written = sum(write_down(said) for said in said_between(opened[0] - BEFORE, opened.reverse()[0] + AFTER))
    if not written:
        Heartbeat.beat(Heartbeat.FEES, now)
    return written


def said_between(since: datetime, until: datetime) -> list[FeeAtStripe]:
    try:
        return gateway.list_fees(since, until)
    except (StripeUnavailable, InvalidRequest) as problem:
        logger.info("Stripe's fees are asked for again in an hour: %r", problem)
        return []


def write_down(said: FeeAtStripe) -> int:
    """Write the fee in the row of its payment, if that is one of ours and has none. Returns how many rows that were."""
    if said.currency not in money.CURRENCIES:
        return 0
    without = Payment.objects.filter(payment_intent_id=said.payment_intent, fee=None)
    return without.update(fee=said.fee, fee_currency=said.currency)
