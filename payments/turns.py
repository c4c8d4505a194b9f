"""When tick asks Stripe about a row, and how it keeps from asking too much.

A row has its turn when tick takes it up, mostly to ask Stripe about it. `asked_at` says when its last turn was. How a
tick claims rows, so that no other takes up the same ones, is told in booking/claims.py.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from booking.claims import claim, work_off
from payments.gateway import RateLimited, StripeUnavailable

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)

# A row that something happened to lately is asked about often, and any other one seldom.
LATELY = timedelta(minutes=2)
OFTEN, SELDOM = timedelta(seconds=10), timedelta(minutes=1)

# Stripe takes 25 requests a second in its test mode. Some rows need two or three, and other ticks may run as well.
ROWS_A_SECOND = 10
# How long nothing is asked after a 429, and the name in the cache of this process that says so.
REST_SECONDS, RESTING = 20, "stripe-was-asked-too-often"


def turn_has_come(now: datetime, lately: Q) -> Q:
    """Rows whose turn it is by now; `lately` is true of those that something happened to lately."""
    return Q(asked_at__lte=now - SELDOM) | (lately & Q(asked_at__lte=now - OFTEN))


def take_turns(duty: Callable[[Row], object], due: QuerySet[Row]) -> int:
    """Do the duty for each row, first for those that have waited longest. Returns for how many it was tried."""
    return work_off(partial(claim_turns, due), partial(try_to, duty), a_second=ROWS_A_SECOND)


def claim_turns(due: QuerySet[Row]) -> list[Row]:
    return [] if cache.get(RESTING) else claim(due.order_by("asked_at"), "asked_at", timezone.now())


def try_to(duty: Callable[[Row], object], row: Row) -> None:
    """Do the duty for the row. A failure is logged and not raised, because the row has another turn."""
    try:
        duty(row)
    except RateLimited:
        logger.warning("Stripe is asked too often: nothing more is asked for %d seconds", REST_SECONDS)
        cache.set(RESTING, True, REST_SECONDS)
    except StripeUnavailable:
        logger.info("%s %s is seen to again at its next turn", type(row).__name__, row.pk)
    except Exception:
        logger.exception("%s %s failed", type(row).__name__, row.pk)
