"""A hold is confirmed once, whoever asks and however often; or it is kept longer, released, or lapses."""

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from booking.models import Appointment
from booking.models.appointment import lifecycle
from tests.booking.models.answers import status
from tests.factories import in_days, make_appointment

pytestmark = pytest.mark.django_db
TOGETHER = pytest.mark.django_db(transaction=True)

# Confirming


def test_confirming_a_hold_ends_its_countdown(provider, time_machine):
    now = timezone.now()
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    time_machine.move_to(now, tick=False)
    assert hold.confirm() is True
    row = Appointment.objects.get(pk=hold.pk)
    assert (row.status, row.confirmed_at, row.hold_expires_at) == ("confirmed", now, None)
    assert (hold.status, hold.confirmed_at, hold.hold_expires_at) == ("confirmed", now, None)


def test_an_appointment_is_confirmed_once(provider):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    same = Appointment.objects.get(pk=hold.pk)
    assert (hold.confirm(), same.confirm()) == (True, False)


@TOGETHER
@pytest.mark.parametrize("standing", ["held", "expired"])
def test_of_two_who_confirm_at_once_one_is_told_so(provider, together, standing):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider), status=standing)
    copies = [Appointment.objects.get(pk=hold.pk) for _ in range(2)]
    assert sorted(together(*(copy.confirm for copy in copies))) == [False, True]
    assert status(hold) == "confirmed"


def test_a_lapsed_hold_that_nobody_expired_yet_is_confirmed(provider):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider), hold_minutes=-1)
    assert hold.confirm() is True


def test_an_expired_hold_is_taken_again_while_its_time_is_free(provider):
    expired = make_appointment(provider=provider, at=in_days(2, provider=provider), status="expired")
    assert expired.confirm() is True
    assert status(expired) == "confirmed"


@pytest.mark.parametrize("standing", ["held", "confirmed"])
@pytest.mark.parametrize("shift", [0, 15, 30])
def test_an_expired_hold_is_not_taken_again_from_somebody_else(provider, standing, shift):
    at = in_days(2, provider=provider)
    expired = make_appointment(provider=provider, at=at, status="expired")
    other = make_appointment(provider=provider, at=at + timedelta(minutes=shift), status=standing)
    assert expired.confirm() is False
    assert (status(expired), status(other)) == ("expired", standing)


def test_taking_a_time_again_fails_inside_a_transaction_without_breaking_it(provider):
    at = in_days(2, provider=provider)
    expired = make_appointment(provider=provider, at=at, status="expired")
    make_appointment(provider=provider, at=at)
    with transaction.atomic():
        assert expired.confirm() is False
        assert Appointment.objects.count() == 2


def test_a_crowd_does_not_say_that_the_time_is_taken(provider, monkeypatch):
    """A busy database raises an error, and whoever asked tries again.

    The answer False would mean that the time is taken, and the money would go back.
    """
    expired = make_appointment(provider=provider, at=in_days(3, provider=provider), status="expired")

    def crowded(pk):
        raise OperationalError("database is locked")

    monkeypatch.setattr(lifecycle, "lock_provider", crowded)
    with pytest.raises(OperationalError):
        expired.confirm()


def test_a_lapsed_hold_gives_way_to_a_time_taken_again(provider):
    at = in_days(2, provider=provider)
    expired = make_appointment(provider=provider, at=at, status="expired")
    lapsed = make_appointment(provider=provider, at=at, hold_minutes=-1)
    assert expired.confirm() is True
    assert (status(expired), status(lapsed)) == ("confirmed", "expired")


def test_a_time_that_has_begun_is_not_taken_again(provider, time_machine):
    at = in_days(2, provider=provider)
    expired = make_appointment(provider=provider, at=at, status="expired")
    time_machine.move_to(at, tick=False)
    assert expired.confirm() is False
    time_machine.move_to(at - timedelta(seconds=1), tick=False)
    assert expired.confirm() is True


def test_a_cancelled_appointment_stays_cancelled(provider):
    gone = make_appointment(provider=provider, at=in_days(2, provider=provider), status="cancelled")
    assert gone.confirm() is False
    assert status(gone) == "cancelled"


# Keeping, releasing and lapsing


def test_a_hold_is_kept_longer_or_without_end(provider):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    later = timezone.now() + timedelta(minutes=40)
    assert hold.set_hold_end(later) is True
    assert Appointment.objects.get(pk=hold.pk).hold_expires_at == later
    assert hold.set_hold_end(None) is True
    assert Appointment.objects.get(pk=hold.pk).hold_expires_at is None


@pytest.mark.parametrize("standing", ["confirmed", "cancelled", "expired"])
def test_only_a_hold_is_kept_or_released(provider, standing):
    appointment = make_appointment(provider=provider, at=in_days(2, provider=provider), status=standing)
    assert appointment.set_hold_end(timezone.now() + timedelta(minutes=40)) is False
    assert appointment.release() is False
    row = Appointment.objects.get(pk=appointment.pk)
    assert (row.status, row.hold_expires_at) == (standing, None)


def test_a_released_hold_is_expired(provider, cancelled_ones):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    assert (hold.release(), hold.release()) == (True, False)
    row = Appointment.objects.get(pk=hold.pk)
    assert (row.status, row.hold_expires_at) == ("expired", None)
    assert cancelled_ones == []


def test_lapsing_writes_down_every_hold_that_ran_out_and_no_other(provider):
    now = timezone.now()
    moments = [in_days(day, provider=provider) for day in range(2, 6)]
    lapsed = make_appointment(provider=provider, at=moments[0], hold_expires_at=now)
    running = make_appointment(provider=provider, at=moments[1], hold_expires_at=now + timedelta(seconds=1))
    endless = make_appointment(provider=provider, at=moments[2], hold_expires_at=None)
    done = make_appointment(provider=provider, at=moments[3], status="confirmed")
    assert (Appointment.objects.lapse(now), Appointment.objects.lapse(now)) == (1, 0)
    lapsed.refresh_from_db()
    assert (lapsed.status, lapsed.expired_at) == ("expired", now)
    assert [status(row) for row in (running, endless, done)] == ["held", "held", "confirmed"]


def test_a_hold_that_ran_out_reads_as_expired_before_any_tick(provider, time_machine):
    hold = make_appointment(provider=provider, at=in_days(2, provider=provider))
    assert (hold.state, hold.is_held) == ("held", True)
    time_machine.move_to(hold.hold_expires_at, tick=False)
    assert (hold.state, hold.is_held, hold.status) == ("expired", False, "held")
