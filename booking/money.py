"""Money: decimal amounts with an ISO currency, and whole minor units (like cents), in which Stripe counts."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import pgettext

from booking import customs


@dataclass(frozen=True)
class Currency:
    decimals: int
    minimum: Decimal
    """The least that a card can be charged."""


# The currencies that a practice can charge in, by their lower-case ISO codes. The minimum is Stripe's:
# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
CURRENCIES = {
    "aud": Currency(2, Decimal("0.50")),
    "cad": Currency(2, Decimal("0.50")),
    "chf": Currency(2, Decimal("0.50")),
    "czk": Currency(2, Decimal("15.00")),
    "dkk": Currency(2, Decimal("2.50")),
    "eur": Currency(2, Decimal("0.50")),
    "gbp": Currency(2, Decimal("0.30")),
    "jpy": Currency(0, Decimal(50)),
    "nok": Currency(2, Decimal("3.00")),
    "nzd": Currency(2, Decimal("0.50")),
    "pln": Currency(2, Decimal("2.00")),
    "sek": Currency(2, Decimal("3.00")),
    "usd": Currency(2, Decimal("0.50")),
}

# A fee is in the currency of the account, which may be any other. Stripe counts in hundredths, except for these:
# https://docs.stripe.com/currencies#zero-decimal
OTHER_DECIMALS = {
    0: {"bif", "clp", "djf", "gnf", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"},
    3: {"bhd", "jod", "kwd", "omr", "tnd"},
}

if settings.CURRENCY not in CURRENCIES:
    raise ImproperlyConfigured(f"CURRENCY must be one of {', '.join(CURRENCIES)}, not {settings.CURRENCY!r}.")


def decimals(currency: str) -> int:
    """How many decimals there are to the unit in which Stripe counts a currency, also one that nobody charges in."""
    if currency in CURRENCIES:
        return CURRENCIES[currency].decimals
    return next((count for count, currencies in OTHER_DECIMALS.items() if currency in currencies), 2)


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount in the currency's smallest unit: 6000 (cents) for 60 euro, and 60 for 60 yen, which have no cents.

    Raises ValueError for an amount that has more decimals than the currency.
    """
    units = amount.scaleb(CURRENCIES[currency].decimals)
    if units != units.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency}.")
    return int(units)


def from_minor_units(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-decimals(currency))


def decimal_string(amount: Decimal, currency: str) -> str:
    """The amount as the JSON API has it: `60.00` for euro, `6000` for yen."""
    return f"{amount:.{decimals(currency)}f}"


def display(amount: Decimal, currency: str) -> str:
    """The amount as people read it within a sentence: `€60.00`, `CHF 60.00`, or `free`."""
    return customs.money(amount, currency) if amount else pgettext("price", "free")
