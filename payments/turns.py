"""How tick does what is owed: several rows at once, each in its turn, and none of them may keep the rest waiting."""

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

from payments.gateway import AskedTooOften, StripeUnavailable

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)

# What something happened to lately is asked about often; everything else that is open, seldom.
LATELY = timedelta(minutes=2)
OFTEN, SELDOM = timedelta(seconds=10), timedelta(minutes=1)

# Stripe takes 25 requests a second in its test mode. Some rows need two or three, and other ticks may run as well.
AT_ONCE, ROWS_A_SECOND = 4, 10
# Seconds. What a round has not begun by then, the next one does: the other duties wait.
A_ROUND = 30
REST, RESTING = 20, "stripe-was-asked-too-often"


def its_turn(now: datetime, lately: Q) -> Q:
    """For rows that say in `asked_at` when Stripe was last asked about them."""
    return Q(asked_at__lte=now - SELDOM) | (lately & Q(asked_at__lte=now - OFTEN))


def see_to(duty: Callable[[Row], object], due: QuerySet[Row]) -> int:
    """Those first that wait longest. How many it saw to."""
    rows = list(due.order_by("asked_at"))
    take = partial(take_turn, duty, time.monotonic() + A_ROUND)
    at_once = min(AT_ONCE, settings.DATABASE_POOL - 1)
    if len(rows) < 2 or at_once < 2:
        return sum(map(take, rows))
    with ThreadPoolExecutor(at_once) as crew:
        return sum(crew.map(partial(unhurried, take, at_once / ROWS_A_SECOND), rows))


def unhurried(take: Callable[[Row], bool], seconds: float, row: Row) -> bool:
    """In a thread of a few, none of which goes on to its next row sooner than that."""
    begun = time.monotonic()
    try:
        taken = take(row)
    finally:
        connection.close()
    if taken:
        time.sleep(max(0, begun + seconds - time.monotonic()))
    return taken


def take_turn(duty: Callable[[Row], object], until: float, row: Row) -> bool:
    if time.monotonic() > until or cache.get(RESTING) or not claim(row):
        return False
    attempt(duty, row)
    return True


def claim(row: Any) -> bool:
    """False when another tick has taken its turn at the same moment."""
    unasked = type(row).objects.filter(pk=row.pk, asked_at=row.asked_at)
    row.asked_at = timezone.now()
    return bool(unasked.update(asked_at=row.asked_at))


def attempt(duty: Callable[[Row], object], row: Row) -> None:
    try:
        duty(row)
    except AskedTooOften:
        logger.warning("Stripe is asked too often: nothing more is asked for %d seconds", REST)
        cache.set(RESTING, True, REST)
    except StripeUnavailable:
        logger.info("%s %s is seen to again at its next turn", type(row).__name__, row.pk)
    except Exception:
        logger.exception("%s %s failed", type(row).__name__, row.pk)
