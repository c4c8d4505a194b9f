"""The cancellation policy says how much comes back, and until when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import cancellation, refund_policy

START = datetime(2026, 6, 3, 9, tzinfo=UTC)
POLICY = "48h 100%, 24h 50%"


def amounts(policy, price="60.00", currency="eur"):
    return [str(term.amount) for term in cancellation.terms(policy, START, Decimal(price), currency)]


def test_the_policy_says_until_when_and_how_much():
    full, half = cancellation.terms(POLICY, START, Decimal("60.00"), "eur")
    assert (full.until, full.percent, full.amount) == (START - timedelta(hours=48), 100, Decimal("60.00"))
    assert (half.until, half.percent, half.amount) == (START - timedelta(hours=24), 50, Decimal("30.00"))


def test_no_policy_returns_nothing():
    assert cancellation.terms("", START, Decimal("60.00"), "eur") == []
    assert cancellation.refund_at(START - timedelta(days=30), []) == Decimal(0)


@pytest.mark.parametrize(
    ("price", "currency", "third"), [("60.00", "eur", "19.80"), ("0.99", "eur", "0.33"), ("101", "jpy", "34")]
)
def test_a_fraction_of_the_smallest_coin_is_the_clients(price, currency, third):
    assert amounts("1h 33%", price, currency) == [third]


@given(minutes=st.integers(-3000, 9000))
def test_more_notice_never_returns_less(minutes):
    terms = cancellation.terms(POLICY, START, Decimal("60.00"), "eur")
    moment = START - timedelta(minutes=minutes)
    earlier = moment - timedelta(minutes=1)
    assert cancellation.refund_at(earlier, terms) >= cancellation.refund_at(moment, terms)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("48h", "“48h” cannot be read. Write it like 48h 100%, 24h 50%."),
        ("100%", "“100%” cannot be read. Write it like 48h 100%, 24h 50%."),
        ("48h 100%, 2d 50%", "“2d 50%” cannot be read. Write it like 48h 100%, 24h 50%."),
        ("48h 100% 24h 50%", "“48h 100% 24h 50%” cannot be read. Write it like 48h 100%, 24h 50%."),
        ("48h 101%", "101% is more than all of it. Write 100% at most."),
        (
            ",".join(f"{step}h{step}%" for step in range(50, 25, -1)),
            "These are more steps than we can keep. Leave some out.",
        ),
        ("48h 100%, 24h 0%", "0% is nothing, as it is without a word. Leave “24h 0%” out."),
        (
            "24h 100%, 48h 50%",
            "48h cannot stand after 24h. Begin with the longest notice, and name each once.",
        ),
        ("48h 50%, 24h 100%", "100% cannot stand after 50%. For less notice, less has to come back."),
    ],
)
def test_what_is_no_policy_is_refused_with_what_is_wrong(policy, problem):
    with pytest.raises(refund_policy.NoPolicy) as refused:
        refund_policy.as_kept(policy)
    assert str(refused.value) == problem


def test_a_policy_that_is_too_long_to_be_set_is_read_where_an_earlier_release_has_kept_it():
    assert len(refund_policy.parse(",".join(f"{step}h {step}%" for step in range(50, 25, -1)))) == 25


@pytest.mark.parametrize(
    "typed",
    ["48 hours 100%, 24 hours 50%", "48h100%,24h50%", " 48 h 100 % , 24 h 50 %", "48H 100%, 24 Hours 50%", POLICY],
)
def test_spaces_and_the_word_hours_change_nothing(typed):
    assert refund_policy.as_kept(typed) == POLICY
