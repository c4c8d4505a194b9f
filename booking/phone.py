"""Telephone numbers: read as people of the practice's country write them, kept in E.164, like +353871234567."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from booking.in_force import in_force

LONGEST = 32


class NoPhoneNumber(ValueError):
    """The text is no telephone number."""


def parse(text: str) -> str:
    """Read a number as somebody typed it, and return it in E.164. One without +… is of the practice's country.

    Its length is checked, and not whether that very number was ever assigned: a country gives out new ones at any time.
    Letters are refused, which the library would take for the digits that they stand for on a telephone's keys.
    Raises NoPhoneNumber.
    """
    if len(text) > LONGEST or not re.fullmatch(r"\+?[\d\s()./-]+", text.strip(), re.ASCII):
        raise NoPhoneNumber(text)
    try:
        number = phonenumbers.parse(text, in_force.PRACTICE_COUNTRY)
    except NumberParseException:
        raise NoPhoneNumber(text) from None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise NoPhoneNumber(text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def beginning(text: str) -> str:
    """The digits of a number that is not typed to its end, without zeros before them; empty if it is no such text.

    They stand together in the number as it is kept, in E.164. Fewer than four of them say too little.
    """
    digits = re.sub(r"\D", "", text).lstrip("0")
    return digits if len(digits) >= 4 and re.fullmatch(r"\+?[\d\s()./-]+", text.strip(), re.ASCII) else ""


def display(number: str) -> str:
    """A number in E.164 as people write it, with its country: +353 87 123 4567."""
    return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)


def example() -> str:
    """A mobile number as people of the practice's country write it."""
    number = phonenumbers.example_number_for_type(in_force.PRACTICE_COUNTRY, PhoneNumberType.MOBILE)
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) if number else "+353 87 123 4567"
