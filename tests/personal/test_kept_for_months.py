"""With KEEP_PERSONAL_DATA_MONTHS, tick erases who an appointment was with once that has been kept for so long."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.models import Appointment, Mail
from payments.personal_data import erase_due, months_before
from tests.factories import in_days, make_appointment, make_payment
from tests.personal.conftest import FACTS, NEEDLES, params_for
from tests.personal.dump import tables_with
from tests.personal.test_erasing import (
    disputed,
    inquired,
    mismatched,
    not_read_yet,
    on_its_way,
    open_at_stripe,
    refund_failed,
    returning,
)

LONG_AGO, LATELY = timedelta(days=400), timedelta(days=300)


@pytest.fixture(autouse=True)
def a_year(settings):
    settings.KEEP_PERSONAL_DATA_MONTHS = 12


def at(provider, ago, **facts):
    """Make one of hers that was so long ago, in one of the states that are over."""
    days, status = -ago.days, facts.pop("status", "confirmed")
    return make_appointment(provider=provider, at=in_days(days, provider=provider), status=status, **{**FACTS, **facts})


def still_known():
    return list(Appointment.objects.filter(erased_at=None).order_by("pk"))


def test_tick_erases_who_came_long_ago_and_nobody_else(transactional_db, provider):
    old, recent = at(provider, LONG_AGO), at(provider, LATELY)
    make_payment(old, params=params_for("zoe.oneill@example.com"))
    Mail.objects.enqueue(old, Mail.Kind.CONFIRMED)
    call_command("tick")
    assert still_known() == [recent]
    recent.delete()
    assert tables_with(*NEEDLES) == []


@pytest.mark.parametrize("months", [0, 14])
def test_nothing_is_erased_before_its_time_or_without_the_setting(provider, settings, months):
    old, settings.KEEP_PERSONAL_DATA_MONTHS = at(provider, LONG_AGO), months
    assert (erase_due(timezone.now()), still_known()) == (0, [old])


def test_what_was_called_off_long_ago_is_over_since_then(provider):
    ago, ahead = timezone.now() - LONG_AGO, -timedelta(days=20)
    at(provider, ahead, status="cancelled", cancelled_at=ago)
    at(provider, -timedelta(days=21), status="expired", expired_at=ago)
    lately = at(provider, LONG_AGO, status="cancelled", cancelled_at=timezone.now() - LATELY)
    assert (erase_due(timezone.now()), still_known()) == (2, [lately])


def test_what_had_expired_and_was_paid_late_is_over_when_it_has_ended(provider):
    late = at(provider, LATELY, expired_at=timezone.now() - LONG_AGO)
    assert (erase_due(timezone.now()), still_known()) == (0, [late])


def test_a_hold_without_an_end_is_not_over(provider):
    waiting = at(provider, LONG_AGO, status="held", hold_expires_at=None)
    assert (erase_due(timezone.now()), still_known()) == (0, [waiting])


@pytest.mark.parametrize(
    "happens",
    [on_its_way, open_at_stripe, disputed, not_read_yet, inquired, returning, refund_failed, mismatched],
)
def test_who_may_have_to_be_reached_is_kept_until_that_is_over(provider, happens):
    old, other = at(provider, LONG_AGO), at(provider, LONG_AGO + timedelta(days=1))
    make_payment(old)
    make_payment(other)
    happens(provider, old)
    assert (erase_due(timezone.now()), still_known()) == (1, [old])


def test_it_is_done_in_portions_until_nothing_is_left(transactional_db, provider, monkeypatch):
    monkeypatch.setattr("payments.personal_data.IN_ONE_TRANSACTION", 2)
    for day in range(5):
        at(provider, LONG_AGO + timedelta(days=day))
    assert erase_due(timezone.now()) == 2
    call_command("tick")
    assert still_known() == []


def statements(provider, appointments):
    for day in range(appointments):
        ago = LONG_AGO + timedelta(days=10 * appointments + day)
        make_payment(at(provider, ago), params=params_for("zoe.oneill@example.com"))
    with CaptureQueriesContext(connection) as queries:
        erase_due(timezone.now())
    return sum(not query["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT")) for query in queries)


def test_it_takes_as_many_queries_for_one_as_for_many(provider):
    """When nothing is due it is one."""
    assert [statements(provider, many) for many in (0, 1, 7)] == [1, 10, 10]


def test_an_index_leads_to_what_is_due(provider):
    """However many were erased before, and however many are not over."""
    over = Appointment.objects.over_before(timezone.now())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "booking_appointment_over" in over.explain()


def test_several_at_once_erase_each_of_them_once(transactional_db, provider, together):
    for day in range(8):
        at(provider, LONG_AGO + timedelta(days=day))
    counted = together(*[lambda: erase_due(timezone.now())] * 4)
    assert (sum(counted), still_known()) == (8, [])


@pytest.mark.any_engine
@pytest.mark.parametrize(
    ("months", "day"),
    [(1, "2026-02-28"), (12, "2025-03-31"), (13, "2025-02-28"), (25, "2024-02-29"), (3, "2025-12-31")],
)
def test_so_many_months_before_is_the_same_day_or_the_last_of_its_month(months, day):
    assert months_before(datetime(2026, 3, 31, tzinfo=UTC), months).date().isoformat() == day
