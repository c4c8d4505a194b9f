"""The practice's cancellation policy: what share of the price comes back, by the notice given.

Written as data, `48h 100%, 24h 50%`: with 48 hours' notice all of it, with 24 half of it, with less nothing.
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

SHARE = re.compile(r"(\d{1,4})h\s+(\d{1,3})%", re.ASCII)


@dataclass(frozen=True)
class Term:
    """Who cancels until then, that moment included, gets this amount back."""

    until: datetime
    percent: int
    amount: Decimal


@lru_cache
def parse(policy: str) -> tuple[tuple[int, int], ...]:
    """Pairs of hours and percent, longest notice first.

    Raises ValueError for what is no policy, or gives back more for less notice.
    """
    found = [SHARE.fullmatch(part.strip()) for part in policy.split(",") if part.strip()]
    shares = tuple((int(match[1]), int(match[2])) for match in found if match)
    falling = all(later < earlier for step in pairwise(shares) for earlier, later in zip(*step, strict=True))
    if len(shares) < len(found) or not falling or not all(0 < percent <= 100 for _, percent in shares):
        raise ValueError(policy)
    return shares


def terms(policy: str, appointment_time: datetime, price: Decimal, currency: str) -> list[Term]:
    return [
        Term(appointment_time - timedelta(hours=hours), percent, share_of(price, percent, currency))
        for hours, percent in parse(policy)
    ]


def share_of(price: Decimal, percent: int, currency: str) -> Decimal:
    """In whole minor units; a fraction of one is the client's."""
    units = Decimal(money.minor_units(price, currency) * percent) / 100
    return money.from_minor_units(int(units.to_integral_value(ROUND_UP)), currency)


def refund_at(moment: datetime, terms: list[Term]) -> Decimal:
    return next((term.amount for term in terms if moment <= term.until), Decimal(0))


try:
    parse(settings.CANCELLATION_POLICY)
except ValueError:
    raise ImproperlyConfigured(
        "CANCELLATION_POLICY names notice and share, longest notice first, like '48h 100%, 24h 50%'; "
        f"empty for no refunds. It is {settings.CANCELLATION_POLICY!r}."
    ) from None
