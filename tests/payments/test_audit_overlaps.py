"""Of any set of appointments, audit names those that the plain definition of an overlap names."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from booking.models import Appointment
from payments.audit import overlapping_appointments
from tests.factories import in_days, make_provider, make_service
from tests.payments.test_audit import without_the_overlap_rule

TEN_MINUTES = timedelta(minutes=10)
# One of two providers, the beginning and the length in tens of minutes, and the status.
FACTS = st.tuples(
    st.integers(0, 1), st.integers(0, 12), st.integers(1, 6), st.sampled_from(["held", "confirmed", "cancelled"])
)


@pytest.fixture
def providers(db):
    without_the_overlap_rule()
    service = make_service()
    return [make_provider(name=name, services=[service]) for name in ("Dr Ada Byrne", "Bo Lund")]


def is_later_of_a_pair(row, others):
    return any(
        other.pk < row.pk
        and other.provider_id == row.provider_id
        and other.appointment_time < row.blocked_until
        and other.blocked_until > row.appointment_time
        for other in others
    )


# The row that lasts longest begins first, or last, or is the one that was booked last.
@example([(0, 0, 6, "held"), (0, 1, 1, "confirmed"), (0, 5, 1, "held")])
@example([(0, 5, 1, "held"), (0, 1, 1, "confirmed"), (0, 0, 6, "held")])
@example([(0, 0, 2, "held"), (0, 0, 2, "held"), (0, 0, 2, "held"), (1, 0, 2, "held")])
@example([(0, 0, 2, "held"), (0, 2, 2, "held"), (0, 3, 2, "cancelled")])
@hypothesis_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.lists(FACTS, max_size=8))
def test_it_names_the_later_row_of_each_pair(providers, facts):
    Appointment.objects.all().delete()
    Appointment.objects.bulk_create(row_of(providers[who], *rest) for who, *rest in facts)
    live = Appointment.objects.filter(status__in=["held", "confirmed"]).order_by("pk")
    named = [
        f"Appointment {row.pk} overlaps another live one of {row.provider_name}."
        for row in live
        if is_later_of_a_pair(row, live)
    ]
    assert list(overlapping_appointments(timezone.now())) == named


def row_of(provider, begins, length, status):
    at = in_days(3, provider=provider) + begins * TEN_MINUTES
    row = Appointment.copied_from(provider, provider.services.first(), at)
    row.status, row.created_at = status, timezone.now()
    row.end = row.blocked_until = at + length * TEN_MINUTES
    return row
