"""A time is given back once, whoever asks and however often, with what its policy returns."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from booking.models import Appointment, NotCancellable
from tests.booking.models.answers import status
from tests.factories import book, in_days, make_appointment

pytestmark = pytest.mark.django_db
TOGETHER = pytest.mark.django_db(transaction=True)


def test_a_hold_is_given_back(provider, cancelled_ones, time_machine):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    hold.cancel()
    row = Appointment.objects.get(pk=hold.pk)
    assert (row.status, row.cancelled_at, row.hold_expires_at) == ("cancelled", now, None)
    assert cancelled_ones == [hold.reference]


def test_a_free_confirmed_appointment_is_given_back(free_of_charge, cancelled_ones):
    appointment = book(free_of_charge, in_days(2, provider=free_of_charge))
    appointment.cancel()
    assert status(appointment) == "cancelled"
    assert cancelled_ones == [appointment.reference]


POLICY = "48h 100%, 24h 50%"


def paid_in(provider, hours, time_machine):
    now = timezone.now().replace(microsecond=0)
    time_machine.move_to(now, tick=False)
    return make_appointment(
        provider=provider, at=now + timedelta(hours=hours), status="confirmed", cancellation_policy=POLICY
    )


@pytest.mark.parametrize(("hours", "refund"), [(48, "60.00"), (47.9, "30.00"), (24, "30.00"), (23.9, "0"), (0.1, "0")])
def test_a_paid_appointment_is_cancelled_by_its_policy(provider, cancelled_ones, time_machine, hours, refund):
    paid = paid_in(provider, hours, time_machine)
    paid.cancel()
    row = Appointment.objects.get(pk=paid.pk)
    assert (row.status, row.refund_due, cancelled_ones) == ("cancelled", Decimal(refund), [paid.reference])


def test_the_policy_is_the_one_that_was_agreed_on(provider, settings, time_machine):
    settings.CANCELLATION_POLICY = "1h 10%"
    assert paid_in(provider, 72, time_machine).refund_at(timezone.now()) == Decimal("60.00")
    booked = book(provider, in_days(9, provider=provider))
    assert [(term.percent, term.amount) for term in booked.refund_terms] == [(10, Decimal("6.00"))]


@pytest.mark.parametrize("hours", [0, -1])
def test_what_has_begun_is_cancelled_by_staff_only(provider, cancelled_ones, time_machine, hours):
    begun = paid_in(provider, hours, time_machine)
    with pytest.raises(NotCancellable):
        begun.cancel()
    assert (status(begun), cancelled_ones) == ("confirmed", [])
    begun.cancel(Decimal("12.00"))
    assert (status(begun), begun.refund_due, cancelled_ones) == ("cancelled", Decimal("12.00"), [begun.reference])


def test_an_appointment_paid_in_the_meantime_is_not_cancelled(provider, cancelled_ones):
    seen_as_held = make_appointment(provider=provider, at=in_days(2, provider=provider))
    Appointment.objects.get(pk=seen_as_held.pk).confirm()
    with pytest.raises(NotCancellable):
        seen_as_held.cancel()
    assert (seen_as_held.status, cancelled_ones) == ("confirmed", [])


def test_cancelling_again_changes_nothing_and_tells_nobody(provider, cancelled_ones):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    same = Appointment.objects.get(pk=hold.pk)
    hold.cancel()
    same.cancel()
    hold.cancel()
    assert same.cancelled_at == hold.cancelled_at
    assert cancelled_ones == [hold.reference]


def test_cancelling_an_expired_hold_changes_nothing(provider, cancelled_ones):
    expired = make_appointment(provider=provider, at=in_days(2, provider=provider), status="expired")
    expired.cancel()
    assert (status(expired), cancelled_ones) == ("expired", [])


@TOGETHER
def test_cancelling_and_confirming_at_once_ends_as_one_of_the_two(provider, together, cancelled_ones):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    one, other = (Appointment.objects.get(pk=hold.pk) for _ in range(2))

    def cancel():
        try:
            one.cancel()
        except NotCancellable:
            return "paid"
        return "cancelled"

    answers = together(cancel, other.confirm)
    ends = {"confirmed": (["paid", True], []), "cancelled": (["cancelled", False], [hold.reference])}
    assert (answers, cancelled_ones) == ends[status(hold)]
