"""Amounts of money: in the smallest unit that Stripe counts in, as decimal text for programs, and in words."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from booking import money
from booking.models import validate_price

TWO_DECIMALS = sorted(code for code, currency in money.CURRENCIES.items() if currency.decimals == 2)


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("60.00", "eur", 6000),
        ("60", "eur", 6000),
        ("0.01", "eur", 1),
        ("0.50", "usd", 50),
        ("19.99", "gbp", 1999),
        ("1.10", "chf", 110),
        ("999999.99", "eur", 99_999_999),
        ("0", "eur", 0),
        ("6000", "jpy", 6000),
        ("6000.00", "jpy", 6000),
    ],
)
def test_minor_units_are_what_stripe_counts_in(amount, currency, units):
    assert money.minor_units(Decimal(amount), currency) == units
    assert type(money.minor_units(Decimal(amount), currency)) is int


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "eur"), ("60.005", "usd"), ("60.50", "jpy")])
def test_a_fraction_that_the_currency_has_not_is_refused_rather_than_rounded(amount, currency):
    with pytest.raises(ValueError, match=f"more decimals than {currency}"):
        money.minor_units(Decimal(amount), currency)


@hypothesis_settings(deadline=None)
@given(st.integers(min_value=0, max_value=99_999_999), st.sampled_from(sorted(money.CURRENCIES)))
def test_minor_units_survive_the_way_there_and_back(units, currency):
    assert money.minor_units(money.from_minor_units(units, currency), currency) == units


@hypothesis_settings(deadline=None)
@given(st.integers(min_value=0, max_value=99_999_999), st.sampled_from(sorted(money.CURRENCIES)))
def test_a_decimal_string_reads_back_as_the_same_amount(units, currency):
    text = money.decimal_string(money.from_minor_units(units, currency), currency)
    assert money.minor_units(Decimal(text), currency) == units


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("60", "eur", "60.00"),
        ("60.5", "eur", "60.50"),
        ("0", "eur", "0.00"),
        ("1234567.89", "usd", "1234567.89"),
        ("6000.00", "jpy", "6000"),
        ("0.00", "jpy", "0"),
        ("1E+3", "eur", "1000.00"),
    ],
)
def test_a_decimal_string_has_the_currencys_decimals_and_nothing_else(amount, currency, text):
    assert money.decimal_string(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("60.00", "eur", "€60.00"),
        ("1234.5", "gbp", "£1,234.50"),
        ("6000", "jpy", "JP¥6,000"),
        ("0.00", "eur", "free"),
        ("0", "jpy", "free"),
    ],
)
def test_people_read_a_symbol_or_that_it_is_free(amount, currency, text):
    assert money.display(Decimal(amount), currency) == text


def test_no_currency_has_a_minimum_that_it_cannot_express():
    minima = {code: money.minor_units(currency.minimum, code) for code, currency in money.CURRENCIES.items()}
    assert min(minima.values()) == 30


@pytest.mark.parametrize("code", TWO_DECIMALS)
def test_a_price_may_be_free_or_stripes_minimum(code, settings):
    settings.CURRENCY = code
    minimum = money.CURRENCIES[code].minimum
    assert validate_price(Decimal(0)) is None
    assert validate_price(minimum) is None


@pytest.mark.parametrize("code", TWO_DECIMALS)
def test_a_price_a_cent_below_stripes_minimum_is_refused_with_the_minimum(code, settings):
    settings.CURRENCY = code
    minimum = money.CURRENCIES[code].minimum
    with pytest.raises(ValidationError) as refused:
        validate_price(minimum - Decimal("0.01"))
    least = money.display(minimum, code)
    assert refused.value.messages == [f"A price is 0 or at least {least}: cards take no less."]


def test_a_price_in_a_currency_without_cents_has_no_cents(settings):
    settings.CURRENCY = "jpy"
    with pytest.raises(ValidationError) as refused:
        validate_price(Decimal("60.50"))
    assert refused.value.messages == ["JPY has no such fraction: use fewer decimals."]


@pytest.mark.parametrize(("currency", "amount"), [("hkd", "9.00"), ("krw", "900"), ("kwd", "0.900")])
def test_what_stripe_says_in_a_currency_that_nobody_charges_in_is_read_as_stripe_counts(currency, amount):
    assert money.decimal_string(money.from_minor_units(900, currency), currency) == amount


def test_letters_of_a_currency_stand_apart_from_the_amount():
    assert money.display(money.from_minor_units(7250, "chf"), "chf").replace("\u00a0", " ") == "CHF 72.50"
