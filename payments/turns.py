"""How tick takes up rows: each often or seldom, several at once, and none of them keeps the others waiting.

A row has its turn when tick takes it up, mostly to ask Stripe about it. `asked_at` says when its last turn was.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from booking import request_id
from payments.gateway import RateLimited, StripeUnavailable

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)

# A row that something happened to lately is asked about often, and any other one seldom.
LATELY = timedelta(minutes=2)
OFTEN, SELDOM = timedelta(seconds=10), timedelta(minutes=1)

# Stripe takes 25 requests a second in its test mode. Some rows need two or three, and other ticks may run as well.
AT_ONCE, ROWS_A_SECOND = 4, 10
# Seconds after which no more rows are begun: they are left to the next round, because tick has other duties as well.
ROUND_SECONDS = 30
# How long nothing is asked after a 429, and the name in the cache of this process that says so.
REST_SECONDS, RESTING = 20, "stripe-was-asked-too-often"


def turn_has_come(now: datetime, lately: Q) -> Q:
    """Rows whose turn it is by now; `lately` is true of those that something happened to lately."""
    return Q(asked_at__lte=now - SELDOM) | (lately & Q(asked_at__lte=now - OFTEN))


def take_turns(duty: Callable[[Row], object], due: QuerySet[Row]) -> int:
    """Do the duty for each row, first for those that have waited longest. Returns for how many it was tried."""
    rows = list(due.order_by("asked_at"))
    take = partial(take_turn, duty, time.monotonic() + ROUND_SECONDS)
    at_once = min(AT_ONCE, settings.DATABASE_POOL - 1)
    if len(rows) < 2 or at_once < 2:
        return sum(map(take, rows))
    # Each thread logs under the number of this round.
    under_this_number = partial(request_id.current.set, request_id.current.get())
    with ThreadPoolExecutor(at_once, initializer=under_this_number) as threads:
        return sum(threads.map(partial(take_turn_in_thread, take, at_once / ROWS_A_SECOND), rows))


def take_turn_in_thread(take: Callable[[Row], bool], seconds: float, row: Row) -> bool:
    """Let a turn last so many seconds at least, so that all threads together do not ask Stripe too often."""
    begun = time.monotonic()
    try:
        taken = take(row)
    finally:
        connection.close()
    if taken:
        time.sleep(max(0, begun + seconds - time.monotonic()))
    return taken


def take_turn(duty: Callable[[Row], object], until: float, row: Row) -> bool:
    """Do the duty for a row. False when the round is over, Stripe wants a rest, or another tick has this row."""
    if time.monotonic() > until or cache.get(RESTING) or not claim_turn(row):
        return False
    try_to(duty, row)
    return True


def claim_turn(row: Any) -> bool:
    """Move `asked_at` on; false when another tick did that since the row was read."""
    unclaimed = type(row).objects.filter(pk=row.pk, asked_at=row.asked_at)
    row.asked_at = timezone.now()
    return bool(unclaimed.update(asked_at=row.asked_at))


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
