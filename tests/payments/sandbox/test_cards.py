"""The form of the hosted payment page accepts and refuses cards as Stripe does."""

import pytest
import time_machine

from payments.sandbox.cards import CardForm, brand_of, passes_luhn


def errors(number="4242424242424242", expiry="12/34", cvc="123"):
    form = CardForm({"number": number, "expiry": expiry, "cvc": cvc})
    return {name: [error.code for error in raised] for name, raised in form.errors.as_data().items()}


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ("11/26", {}),
        ("10/26", {"expiry": ["invalid_expiry_month"]}),
        ("12/25", {"expiry": ["invalid_expiry_year"]}),
        ("12/99", {"expiry": ["invalid_expiry_year"]}),
        ("00/30", {"expiry": ["invalid_expiry_month"]}),
        ("13/30", {"expiry": ["invalid_expiry_month"]}),
        ("soon", {"expiry": ["invalid_expiry_month"]}),
        ("1/30", {}),
    ],
)
@time_machine.travel("2026-11-30T12:00:00Z")
def test_a_card_is_good_until_the_end_of_its_month(expiry, expected):
    assert errors(expiry=expiry) == expected


@pytest.mark.parametrize(
    "number", ["4242424242424241", "4242", "4242 4242 4242 424x", "４２４２４２４２４２４２４２４２"]
)
def test_a_number_that_cannot_be_one_is_incorrect(number):
    assert errors(number=number) == {"number": ["incorrect_number"]}


@pytest.mark.parametrize(
    ("number", "good", "bad"), [("4242424242424242", "123", "1234"), ("378282246310005", "1234", "123")]
)
def test_the_length_of_a_security_code_depends_on_the_brand(number, good, bad):
    assert errors(number=number, cvc=good) == {}
    assert errors(number=number, cvc=bad) == {"cvc": ["invalid_cvc"]}


def test_all_that_is_missing_is_said_at_once():
    assert errors(number="", expiry="", cvc="") == {"number": ["required"], "expiry": ["required"], "cvc": ["required"]}


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242424242424242", "visa"),
        ("5555555555554444", "mastercard"),
        ("2223003122003222", "mastercard"),
        ("378282246310005", "amex"),
        ("6011111111111117", "discover"),
        ("3056930009020004", "diners"),
        ("3566002020360505", "jcb"),
        ("6200000000000005", "unionpay"),
    ],
)
def test_the_brand_is_read_from_the_number(number, brand):
    assert (brand_of(number), passes_luhn(number)) == (brand, True)
