"""What comes back of a price, and until when, by a cancellation policy: refund_policy.py says how that is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from booking import money
from booking.refund_policy import parse


@dataclass(frozen=True)
class Term:
    """Whoever cancels at the moment `until` or before gets back `amount`, which is `percent` of the price."""

    until: datetime
    percent: int
    amount: Decimal


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
