"""Amounts are integers in the currency's smallest unit, beside a lower-case ISO code."""

from decimal import Decimal

from babel.numbers import format_currency

# fmt: off
ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
MOST = 99_999_999
# The least that Stripe charges in each settlement currency (docs.stripe.com/currencies). What is asked for in another
# currency would be converted first, so for those there is no least amount here.
LEAST = {
    "usd": 50, "eur": 50, "chf": 50, "aud": 50, "cad": 50, "nzd": 50, "sgd": 50, "brl": 50, "inr": 50, "gbp": 30,
    "sek": 300, "nok": 300, "dkk": 250, "pln": 200, "ron": 200, "aed": 200, "myr": 200, "bgn": 100, "czk": 1500,
    "hkd": 400, "mxn": 1000, "thb": 1000, "huf": 17500, "jpy": 50,
}
# fmt: on
CURRENCIES = LEAST.keys() | ZERO_DECIMAL


def money(amount: int, currency: str, locale: str = "en_GB") -> str:
    """The amount as people read it, like `€51.00`."""
    exponent = 0 if currency in ZERO_DECIMAL else 2
    return format_currency(Decimal(amount).scaleb(-exponent), currency.upper(), locale=locale)


def least(currency: str) -> int:
    return LEAST.get(currency, 1)


def money_in_errors(amount: int, currency: str) -> str:
    """`$0.50 usd`: how Stripe's error messages name an amount."""
    return f"{money(amount, currency, locale='en_US')} {currency}"
