"""The month counts each movement of money once, in the month of its own moment, each currency by itself."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from booking.models import Appointment, Provider
from booking.models.overlaps import OVERLAP_CONSTRAINT
from payments.models import Payment, Refund, Taking
from payments.month import Figures, Month, month_after, month_before
from tests.factories import make_appointment, make_payment, make_provider, make_service, make_taking

pytestmark = pytest.mark.django_db

# In Dublin, clocks are those of UTC in November.
NOVEMBER, MIDDLE = date(2026, 11, 1), datetime(2026, 11, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def dublin(settings):
    settings.TIME_ZONE = "Europe/Dublin"


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def appointment(provider):
    """It costs 60 euros and is in the middle of November."""
    return make_appointment(provider=provider, at=MIDDLE, status="confirmed")


def month(first=NOVEMBER):
    return Month(first, Provider.objects.all())


def total(first=NOVEMBER, currency="eur"):
    return month(first).in_currency(currency).total


def refund(payment, amount, *, status="succeeded", sent_at=MIDDLE, **facts):
    known = {"attempt": payment.refunds.count() + 1, "reason": "staff", "status": status, "sent_at": sent_at}
    return Refund.objects.create(payment=payment, amount=amount, **{**known, **facts})


def test_an_empty_month_has_nothing_in_it():
    assert (month().movements, month().currencies, total()) == ([], [], Figures())


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2026, 11, 1, tzinfo=UTC) - SECOND, False),
        (datetime(2026, 11, 1, tzinfo=UTC), True),
        (datetime(2026, 12, 1, tzinfo=UTC) - SECOND, True),
        (datetime(2026, 12, 1, tzinfo=UTC), False),
    ],
)
def test_a_month_is_from_midnight_to_midnight_on_the_practices_clock(appointment, at, counts):
    make_payment(appointment, paid_at=at)
    make_taking(appointment, 1000, taken_at=at)
    assert (total().online, total().practice) == ((6000, 1000) if counts else (0, 0))


def test_in_summer_midnight_is_an_hour_earlier(appointment):
    make_payment(appointment, paid_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert (total(date(2026, 6, 1)).online, total(date(2026, 7, 1)).online) == (0, 6000)
    [entry] = month(date(2026, 7, 1)).movements
    days = month(date(2026, 7, 1)).in_currency("eur").by_day(month(date(2026, 7, 1)).days, month().zone)
    assert (entry.amount, days[0][1].online) == (6000, 6000)


def test_what_is_not_paid_does_not_count(appointment):
    make_payment(appointment, status="expired", amount_captured=0)
    assert total() == Figures()


def test_what_is_returned_later_stays_in_its_month(appointment):
    payment = make_payment(appointment, paid_at=MIDDLE)
    refund(payment, 2500, sent_at=MIDDLE + timedelta(days=20))
    assert (total().online, total().returned) == (6000, 0)
    assert (total(date(2026, 12, 1)).online, total(date(2026, 12, 1)).returned) == (0, 2500)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("succeeded", True),
        ("pending", True),
        ("requires_action", True),
        ("owed", False),
        ("failed", False),
        ("canceled", False),
    ],
)
def test_a_refund_counts_once_it_is_on_its_way_and_unless_it_failed(appointment, status, counts):
    refund(make_payment(appointment, paid_at=MIDDLE), 2500, status=status)
    assert (total().returned, total().refunds) == ((2500, 1) if counts else (0, 0))


def test_a_refund_by_hand_counts_when_it_was_written_down(appointment):
    by_hand = refund(make_payment(appointment, paid_at=MIDDLE), 2500, reason="by hand", sent_at=None)
    Refund.objects.filter(pk=by_hand.pk).update(created_at=MIDDLE)
    [_, movement] = sorted(month().movements, key=lambda one: one.kind)
    assert (movement.kind, movement.method, movement.at, total().returned) == ("returned", "by hand", MIDDLE, 2500)


def test_a_counter_entry_lowers_the_month_in_which_it_was_made(appointment):
    taking = make_taking(appointment, 4000, taken_at=MIDDLE - timedelta(days=30))
    make_taking(appointment, -4000, taken_at=MIDDLE, undoes=taking)
    assert (total(date(2026, 10, 1)).practice, total().practice) == (4000, -4000)


@pytest.mark.parametrize(
    ("dispute", "disputed"),
    [("needs_response", 6000), ("lost", 6000), ("won", 0), ("warning_needs_response", 0), ("", 0)],
)
def test_disputed_is_what_a_bank_holds_or_has_taken(appointment, dispute, disputed):
    make_payment(appointment, paid_at=MIDDLE, dispute=dispute)
    assert (total().online, total().disputed, total().disputes) == (6000, disputed, int(disputed > 0))


def test_of_a_dispute_about_a_part_that_is_disputed(appointment):
    make_payment(appointment, paid_at=MIDDLE, dispute="lost", charged_back=1500)
    assert (total().online, total().disputed, total().disputes) == (6000, 1500, 1)


@pytest.mark.parametrize(("status", "left"), [("confirmed", 2500), ("cancelled", 0), ("held", 0)])
def test_still_to_be_paid_is_what_is_due_at_the_practice_and_not_taken(provider, status, left):
    due = {"due_at_practice": Decimal("40.00"), "taken_at_practice": Decimal("15.00")}
    make_appointment(provider=provider, at=MIDDLE, status=status, **due)
    assert (total().to_pay, total().unpaid) == (left, int(left > 0))


def test_who_did_not_come_is_counted_with_the_price(provider):
    make_appointment(provider=provider, at=MIDDLE, status="confirmed", no_show_at=MIDDLE)
    assert (total().missed, total().no_shows, total().to_pay, total().unpaid) == (6000, 1, 0, 0)


def test_fees_are_those_that_stripe_has_said_each_in_its_currency(appointment):
    make_payment(appointment, paid_at=MIDDLE, fee=115, fee_currency="eur")
    make_payment(appointment, paid_at=MIDDLE, currency="usd", amount_captured=5000, fee=95, fee_currency="eur")
    make_payment(appointment, paid_at=MIDDLE)
    assert (total().fees, total().without_fee) == (210, 1)
    assert (total(currency="usd").online, total(currency="usd").fees) == (5000, 0)


def test_a_fee_may_be_in_a_currency_that_no_practice_charges_in(appointment):
    make_payment(appointment, paid_at=MIDDLE, fee=900, fee_currency="hkd")
    assert (total().without_fee, total(currency="hkd").fees) == (0, 900)


def test_currencies_are_never_added_up_and_the_practices_own_is_first(appointment):
    for currency, amount in (("chf", 1000), ("eur", 2000), ("aud", 3000)):
        make_payment(appointment, paid_at=MIDDLE, currency=currency, amount_captured=amount)
    assert [(one.currency, one.total.online) for one in month().currencies] == [
        ("eur", 2000),
        ("aud", 3000),
        ("chf", 1000),
    ]


def test_providers_and_services_have_their_sums(provider):
    other = make_provider(name="Bea Roth", services=[make_service(name="Massage")])
    for who, amount in ((provider, 1000), (provider, 2000), (other, 4000)):
        at = MIDDLE + timedelta(hours=amount // 1000)
        make_payment(make_appointment(provider=who, at=at, status="confirmed"), paid_at=MIDDLE, amount_captured=amount)
    of_euro = month().in_currency("eur")
    assert [(name, sums.online) for name, sums in of_euro.by_provider] == [("Bea Roth", 4000), ("Dr Ada Byrne", 3000)]
    assert [(name, sums.online) for name, sums in of_euro.by_service] == [("Consultation", 3000), ("Massage", 4000)]


def test_only_the_given_providers_count(provider, appointment):
    make_payment(appointment, paid_at=MIDDLE)
    nobody = Month(NOVEMBER, Provider.objects.exclude(pk=provider.pk))
    assert (nobody.movements, nobody.currencies) == ([], [])


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("first", "before", "after"),
    [(date(2026, 1, 1), date(2025, 12, 1), date(2026, 2, 1)), (date(2024, 2, 1), date(2024, 1, 1), date(2024, 3, 1))],
)
def test_months_follow_each_other(first, before, after):
    assert (month_before(first), month_after(first)) == (before, after)


def test_many_movements_take_as_many_queries_as_one(provider, appointment):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            month()
        return len(captured)

    refund(make_payment(appointment, paid_at=MIDDLE), 1000)
    make_taking(appointment, 500, taken_at=MIDDLE)
    of_one = queries()
    for number in range(5):
        at = MIDDLE + timedelta(hours=number + 1)
        another = make_appointment(provider=provider, at=at, status="confirmed", no_show_at=at)
        refund(make_payment(another, paid_at=at), 1000, sent_at=at)
        make_taking(another, 500, taken_at=at)
    assert (of_one, queries()) == (4, 4)


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda span: Payment.objects.paid_between(*span), "payments_paid"),
        (lambda span: Refund.objects.made_between(*span), "payments_refund_made"),
        (lambda span: Taking.objects.filter(taken_at__gte=span[0], taken_at__lt=span[1]), "payments_taking_taken"),
        (
            lambda span: Appointment.objects.filter(
                status="confirmed", appointment_time__gte=span[0], appointment_time__lt=span[1]
            ),
            "booking_appointment_time",
        ),
    ],
)
def test_each_query_can_use_an_index(rows, index):
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of an empty table PostgreSQL reads everything, unless it is told not to. Then the index of the rule
            # against overlaps looks as cheap to it as any other. The test rolls this back.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"ALTER TABLE booking_appointment DROP CONSTRAINT {OVERLAP_CONSTRAINT}")
        assert index in rows(month().span).order_by().explain()
