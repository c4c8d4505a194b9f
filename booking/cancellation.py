"""The practice's cancellation policy: what share of the price comes back, by the notice given.

The setting CANCELLATION_POLICY says it as data. With `48h 100%, 24h 50%`, a client who cancels 48 hours before the
appointment or sooner gets all of the price back, from then until 24 hours before it half of it, and later nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from functools import lru_cache
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from booking import money

NOTICE_AND_SHARE = re.compile(r"(\d{1,4})h\s+(\d{1,3})%", re.ASCII)


@dataclass(frozen=True)
class Term:
    """Whoever cancels at the moment `until` or before gets back `amount`, which is `percent` of the price."""

    until: datetime
    percent: int
    amount: Decimal


@lru_cache
def parse(policy: str) -> tuple[tuple[int, int], ...]:
    """Read a policy as pairs of hours and percent, the longest notice first.

    Raises ValueError for a text that is no policy, whose pairs are not in that order, or that gives back as much or
    more for less notice.
    """
    found = [NOTICE_AND_SHARE.fullmatch(part.strip()) for part in policy.split(",") if part.strip()]
    shares = tuple((int(match[1]), int(match[2])) for match in found if match)
    falling = all(later < earlier for step in pairwise(shares) for earlier, later in zip(*step, strict=True))
    if len(shares) < len(found) or not falling or not all(0 < percent <= 100 for _, percent in shares):
        raise ValueError(policy)
    return shares


def terms(policy: str, appointment_time: datetime, price: Decimal, currency: str) -> list[Term]:
    """What comes back until when, if an appointment at that time and price is cancelled; the longest notice first."""
    return [
        Term(appointment_time - timedelta(hours=hours), percent, share_of(price, percent, currency))
        for hours, percent in parse(policy)
    ]


def share_of(price: Decimal, percent: int, currency: str) -> Decimal:
    """That many percent of the price, rounded up to a whole cent (or minor unit) in the client's favour."""
    units = Decimal(money.minor_units(price, currency) * percent) / 100
    return money.from_minor_units(int(units.to_integral_value(ROUND_UP)), currency)


def refund_at(moment: datetime, terms: list[Term]) -> Decimal:
    """What comes back by these terms, the longest notice first, if the appointment is cancelled at that moment."""
    return next((term.amount for term in terms if moment <= term.until), Decimal(0))


try:
    parse(settings.CANCELLATION_POLICY)
except ValueError:
    raise ImproperlyConfigured(
        "CANCELLATION_POLICY names notice and share, longest notice first, like '48h 100%, 24h 50%'; "
        f"empty for no refunds. It is {settings.CANCELLATION_POLICY!r}."
    ) from None
