"""The regular expressions in openapi.json accept and refuse the same texts as the form."""

import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from booking.forms import BookingForm
from booking.models import Appointment
from booking.text import EMAIL, ONE_LINE, PLAIN_TEXT, validate_one_line, validate_plain_text

# Few characters that matter in an address make many addresses that are nearly right.
MAILBOXES = st.text("aZ9.=?'\" ", max_size=8)
DOMAINS = st.lists(st.text("aZ9-x", max_size=5), max_size=4).map(".".join)


def is_taken(validate, text):
    try:
        validate(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("pattern", "rule"), [(ONE_LINE, validate_one_line), (PLAIN_TEXT, validate_plain_text)])
def test_the_characters_of_a_pattern_are_those_of_the_rule(pattern, rule):
    allowed = re.compile(pattern)
    no_surrogates = (chr(point) for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF)
    assert [one for one in no_surrogates if bool(allowed.fullmatch(one)) != is_taken(rule, one)] == []


def takes(email):
    """Tell whether the form takes it without trimming it first."""
    field, column = BookingForm.base_fields["client_email"], Appointment._meta.get_field("client_email")
    return email == email.strip() and is_taken(lambda text: column.clean(field.clean(text), None), email)


@given(email=st.from_regex(EMAIL, fullmatch=True).filter(lambda email: len(email) <= 254))
def test_an_address_of_the_pattern_is_one_for_the_form(email):
    assert takes(email) is True


@given(email=st.builds("{}@{}".format, MAILBOXES, DOMAINS))
def test_an_address_is_of_the_pattern_if_it_is_one_for_the_form(email):
    assert bool(re.fullmatch(EMAIL, email)) == takes(email)


@pytest.mark.parametrize(
    "email",
    [
        "jo@example.com",
        "o'neill+a=b@mail.example.co.uk",
        "a?=@x.ie",
        "jo@xn--bcher-kva.example",
        f"{'j' * 242}@example.com",
    ],
)
def test_an_address_in_use_is_of_the_pattern(email):
    assert (bool(re.fullmatch(EMAIL, email)), takes(email)) == (True, True)


@pytest.mark.parametrize(
    "email", ["a=?b@x.ie", "a==?b@x.ie", "jo@x.i", "jo@x.12", "jo@-x.ie", "jo@x-.ie", ".jo@x.ie", "@x.ie"]
)
def test_what_is_no_address_is_not_of_the_pattern(email):
    assert (re.fullmatch(EMAIL, email), takes(email)) == (None, False)
