"""The addresses and the form of the booking page, and what may be wrong in both."""

from urllib.parse import urlencode

from tests.shapes import booking_form

TEN = "2026-06-02T10:00+01:00"
NUL, BELL = "\x00", "\x07"
MARKUP = "<script>alert('x')</script>\"&"


def address(**query):
    return f"/?{urlencode(query)}"


def chosen(**query):
    """Return the address at which provider and service are chosen: those that the factories make by default."""
    return address(provider="dr-ada-byrne", service="consultation", **query)


def form(**facts):
    """Return all that the form can send, with `facts` instead of its values; None leaves a field out."""
    filled_in = booking_form(at=TEN, client_name="Jo Malone", note="The stairs are hard for me.")
    return {name: value for name, value in {**filled_in, **facts}.items() if value is not None}


FORMAT = "We could not read that time. Choose one from the calendar."
NOT_ON_OFFER = "That time is not on offer. Choose one of the free times."
WRONG_TIMES = [
    ("rubbish", FORMAT),
    ("2026-06-02T10:00", FORMAT),
    ("2026-06-02", FORMAT),
    ("10:00", FORMAT),
    (NUL, FORMAT),
    (BELL, FORMAT),
    (f"{TEN}{NUL}", FORMAT),
    ("x" * 3000, FORMAT),
    ("0001-01-01T00:00+14:00", FORMAT),
    ("9999-12-31T23:59-14:00", FORMAT),
    (MARKUP, FORMAT),
    ("0001-01-01T00:00+00:00", FORMAT),
    ("9999-12-31T23:59+00:00", FORMAT),
    ("0001-01-02T00:00+00:00", "That time is in the past. Choose a later one."),
    ("2026-06-01T11:45+01:00", "That time is in the past. Choose a later one."),
    ("2026-06-01T12:45+01:00", "That time is too soon to book here. Choose a later one, or ask the practice."),
    ("2026-08-03T10:00+01:00", "Times can be booked up to 60 days ahead. Choose an earlier one."),
    ("9999-12-30T00:00+00:00", "Times can be booked up to 60 days ahead. Choose an earlier one."),
    ("2026-06-02T10:05+01:00", NOT_ON_OFFER),
    ("2026-06-02T10:00:00.000001+01:00", NOT_ON_OFFER),
    ("2026-06-02T16:45+01:00", NOT_ON_OFFER),
    ("2026-06-02T03:00+01:00", NOT_ON_OFFER),
]
