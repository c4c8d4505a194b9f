"""For any payments, refunds, takings and counter-entries, the page and the file have the sums that are done by hand."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.models import Provider
from payments.models import Refund
from payments.month import Month
from staff.movements import as_csv
from tests.factories import make_appointment, make_payment, make_provider, make_taking
from tests.spreadsheet import read

pytestmark = pytest.mark.django_db

FIGURES = ("online", "practice", "returned", "fees")
GONE = ("succeeded", "pending", "requires_action")
# From the middle of September to the middle of December: what is before October or after November must not count.
moments = st.integers(0, 92 * 24 * 4).map(
    lambda quarter: datetime(2026, 9, 15, tzinfo=UTC) + timedelta(minutes=15 * quarter)
)
amounts, currencies = st.integers(1, 99_999_999), st.sampled_from(["eur", "chf", "jpy"])
payments = st.fixed_dictionaries(
    {
        "paid_at": moments,
        "amount_captured": amounts,
        "currency": currencies,
        "fee": st.none() | st.integers(0, 5000),
        "fee_currency": st.just("eur"),
    }
)
refunds = st.lists(st.tuples(moments, st.sampled_from(Refund.Status.values)), max_size=2)
takings = st.tuples(moments, amounts, currencies, st.none() | moments)


class ByHand(Counter):
    """Sums by month, figure and currency."""

    def count(self, at, figure, currency, amount):
        # Until 25 October at one o'clock in UTC, clocks in Dublin are an hour ahead.
        month = (at + timedelta(hours=at < datetime(2026, 10, 25, 1, tzinfo=UTC))).month
        if month in (10, 11):
            self[month, figure, currency] += amount

    def pay(self, appointment, facts, returned):
        payment = make_payment(appointment, **facts)
        self.count(facts["paid_at"], "online", facts["currency"], facts["amount_captured"])
        self.count(facts["paid_at"], "fees", "eur", facts["fee"] or 0)
        for attempt, (at, status) in enumerate(returned):
            payment.refunds.create(attempt=attempt, reason="staff", amount=1000, status=status, sent_at=at)
            self.count(at, "returned", facts["currency"], 1000 if status in GONE else 0)

    def take(self, appointment, at, amount, currency, undone_at):
        taking = make_taking(appointment, amount, currency=currency, taken_at=at)
        self.count(at, "practice", currency, amount)
        if undone_at:
            make_taking(appointment, -amount, currency=currency, taken_at=undone_at, undoes=taking)
            self.count(undone_at, "practice", currency, -amount)


def of_the_page(months):
    shown = Counter()
    for number, month in months.items():
        for one in month.currencies:
            shown.update({(number, name, one.currency): getattr(one.total, name) for name in FIGURES})
            assert added_up(one.by_provider) == added_up(one.by_service) == added_up([("", one.total)])
            assert added_up(one.by_day(month.days, month.zone)) == added_up([("", one.total)])
    return shown


def added_up(rows):
    return [sum(getattr(figures, name) for _, figures in rows) for name in FIGURES]


def of_the_file(months):
    """Add up the file's amounts, which are decimals, in minor units."""
    filed = Counter()
    for number, month in months.items():
        for row in read(as_csv(month)):
            name = {"paid online": "online", "returned": "returned"}.get(row["kind"], "practice")
            came, went = (units(row[column], row["currency"]) for column in ("in", "out"))
            filed[number, name, row["currency"].lower()] += went if name == "returned" else came - went
            filed[number, "fees", "eur"] += units(row["fee"], "EUR")
    return filed


def units(amount, currency):
    return int(Decimal(amount or 0) * (1 if currency == "JPY" else 100))


def without_zeros(sums):
    return {key: amount for key, amount in sums.items() if amount}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(payments, refunds), max_size=5), st.lists(takings, max_size=5))
def test_page_and_file_have_the_sums_that_are_done_by_hand(settings, paid, taken):
    settings.TIME_ZONE = "Europe/Dublin"
    by_hand, before = ByHand(), transaction.savepoint()
    appointment = make_appointment(
        provider=make_provider(), at=datetime(2026, 11, 15, 12, tzinfo=UTC), status="confirmed"
    )
    for facts, returned in paid:
        by_hand.pay(appointment, facts, returned)
    for facts in taken:
        by_hand.take(appointment, *facts)
    months = {number: Month(date(2026, number, 1), Provider.objects.all()) for number in (10, 11)}
    shown, filed = of_the_page(months), of_the_file(months)
    transaction.savepoint_rollback(before)
    assert without_zeros(shown) == without_zeros(by_hand)
    assert without_zeros(filed) == without_zeros(by_hand)
