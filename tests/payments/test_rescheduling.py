"""Moving what is held: its page at Stripe is closed first, and a payment that came meanwhile counts."""

import pytest
from django.test import Client

from booking.models import Appointment, NotMovable
from payments.checkout import open_session
from payments.models import Payment
from tests.factories import in_days
from tests.payments.conftest import session_at_stripe, state_of

pytestmark = pytest.mark.django_db(transaction=True)


def move(appointment, to):
    path = f"/appointments/{appointment.reference}/reschedule/"
    return Client().post(path, {"appointment_time": to.isoformat()})


@pytest.fixture
def later(provider):
    return in_days(4, "14:00", provider=provider)


def test_an_open_session_is_expired_and_a_new_one_pays_for_the_new_time(held, later, pay):
    first = open_session(held)
    assert move(held, later).status_code == 303
    assert session_at_stripe(first).status == "expired"
    now = state_of(held)
    assert (now.status, now.row.appointment_time, now.payments) == ("held", later, [("expired", "")])
    pay(now.row, webhook=True)
    assert [payment.status for payment in Payment.objects.order_by("pk")][:1] == ["expired"]


def test_one_that_turns_out_paid_is_confirmed_at_its_old_time(held, later, pay):
    before = held.appointment_time
    pay(held)
    answer = move(held, later)
    now = state_of(held)
    assert (answer.status_code, now.status, now.row.appointment_time) == (409, "confirmed", before)
    assert "It was paid a moment ago, so it is confirmed at this time and was not moved." in answer.content.decode()
    assert now.payments == [("paid", "")]


def test_out_of_reach_nothing_is_changed_and_the_button_is_there_again(held, later, stripe_down):
    payment = open_session(held)
    stripe_down()
    answer = move(held, later)
    words = answer.content.decode()
    assert (answer.status_code, "Stripe cannot be reached at the moment, so nothing was changed." in words) == (
        503,
        True,
    )
    assert 'name="appointment_time"' in words
    now = state_of(held)
    assert (now.status, now.row.sequence, now.payments) == ("held", 0, [("open", "")])
    assert payment.checkout_session_id == Payment.objects.get().checkout_session_id


def test_a_page_that_is_just_being_opened_is_waited_for(held, later, monkeypatch):
    monkeypatch.setattr("payments.checkout.open_at_stripe", lambda payment: None)
    open_session(held)
    answer = move(held, later)
    assert (answer.status_code, state_of(held).row.sequence) == (503, 0)


def test_paid_between_looking_and_moving_it_does_not_move(held, later):
    """The webhook comes after the session was looked at: the row is confirmed under our hands."""
    seen = Appointment.objects.get(pk=held.pk)
    Appointment.objects.get(pk=held.pk).confirm()
    with pytest.raises(NotMovable):
        seen.reschedule(later)
    assert state_of(held).row.appointment_time == held.appointment_time


def test_a_paid_one_moves_and_nothing_is_paid_again(paid, later):
    appointment = paid.appointment
    assert move(appointment, later).status_code == 303
    now = state_of(appointment)
    assert (now.status, now.row.appointment_time, now.payments) == ("confirmed", later, [("paid", "")])
