"""Stripe's fee of each payment, which the month at the desk shows.

It is read beside the money's way and never on it: a key may lack the permission for fees, or Stripe say them late, and
payments are settled all the same. One call asks for the fees of a hundred charges.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import QuerySet

from payments import gateway
from payments.gateway import FeeAtStripe, InvalidRequest, PageOfFees, StripeUnavailable
from payments.models import Heartbeat, Payment

logger = logging.getLogger(__name__)

# Fees of older payments are not asked for.
LOOK_BACK = timedelta(days=90)
# How long nothing is asked after a call that told no fee that was missing.
REST = timedelta(hours=1)
# A charge is made while its session is open, and clocks may differ a little.
BEFORE, AFTER = timedelta(minutes=5), timedelta(days=1)


def read_fees(now: datetime) -> int:
    """Ask Stripe for fees that are missing, the latest first, and write them down. Returns how many those were.

    One call that tells some is enough: as tick goes on while there is something to do, it comes back for earlier ones.
    """
    missing = Payment.objects.without_fee(now - LOOK_BACK)
    if not missing.exists() or Heartbeat.objects.filter(name=Heartbeat.FEES, at__gt=now - REST).exists():
        return 0
    written = read_pages(missing)
    if not written:
        Heartbeat.beat(Heartbeat.FEES, now)
    return written


def read_pages(missing: QuerySet[Payment]) -> int:
    """Read pages of charges, from the latest back, until one has told a fee that is missing.

    The fee of a recent payment may never come. What lies between the payments without a fee is passed over.
    """
    opened = list(missing.order_by("created_at").values_list("created_at", flat=True))
    since, until = opened[0] - BEFORE, opened[-1] + AFTER
    while opened:
        until = min(until, opened[-1] + AFTER)
        page = page_between(since, until)
        written = sum(map(write_down, page.said))
        if written or page.reaches_back_to is None or page.reaches_back_to >= until:
            return written
        until = page.reaches_back_to
        # A charge that is not read yet was made by then, and so its session was opened by then.
        opened = [moment for moment in opened if moment - BEFORE <= until]
    return 0


def page_between(since: datetime, until: datetime) -> PageOfFees:
    try:
        return gateway.list_fees(since, until)
    except (StripeUnavailable, InvalidRequest) as problem:
        logger.info("Stripe's fees are asked for again in an hour: %r", problem)
        return PageOfFees([], None)


def write_down(said: FeeAtStripe) -> int:
    """Write the fee in the row of its payment, if that is one of ours and has none. Returns how many rows that were."""
    # A stablecoin has a longer name than any currency, and no decimals that we know.
    if len(said.currency) != len("eur"):
        return 0
    without = Payment.objects.filter(payment_intent_id=said.payment_intent, fee=None)
    return without.update(fee=said.fee, fee_currency=said.currency)
