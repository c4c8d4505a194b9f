"""A held appointment is moved: its session at Stripe is closed first, and a payment that has come meanwhile counts."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, NotMovable, appointment_moving
from payments.checkout import open_session
from payments.models import Payment
from tests.factories import in_days
from tests.pages import asked_by, form_of
from tests.payments.standing import session_at_stripe, state_of

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


def test_a_pay_page_that_is_open_since_before_shows_the_new_time_and_only_then_pays(held, later, provider):
    open_page = Client().get(f"/payments/{held.reference}/").content.decode()
    asks = asked_by(open_page)
    assert Client().get(asks).status_code == 204
    move(held, later)
    new_time = f"{later.astimezone(provider.zone):%H:%M}–"
    again = Client().get(asks)
    assert (again.status_code, new_time in again.content.decode()) == (200, True)
    refused = Client().post(f"/payments/{held.reference}/checkout/", form_of(open_page))
    assert (refused.status_code, new_time in refused.content.decode(), Payment.objects.count()) == (409, True, 0)
    assert "Your appointment has changed since you opened that page." in refused.content.decode()
    assert Client().post(f"/payments/{held.reference}/checkout/", form_of(refused.content.decode())).status_code == 303


def test_what_was_moved_since_is_not_given_back_by_the_page_from_before(held, later):
    open_page = Client().get(f"/payments/{held.reference}/").content.decode()
    move(held, later)
    answer = Client().post(f"/appointments/{held.reference}/cancel/", form_of(open_page))
    words = "It has changed since you opened that page, so it was not given back."
    assert (answer.status_code, words in answer.content.decode(), state_of(held).status) == (409, True, "held")


@pytest.mark.parametrize("kept", [None, timedelta(days=2)], ids=["as for any client", "until a deadline of staff"])
def test_a_page_at_stripe_that_is_opened_between_closing_and_moving_pays_for_the_time_it_named(held, later, kept):
    """A deadline of staff is later than the page's end, so that opening it does not change the end of the hold."""
    if kept:
        Appointment.objects.update(kept_until=timezone.now() + kept, hold_expires_at=timezone.now() + kept)
        held.refresh_from_db()
    open_session(held)
    seen = Appointment.objects.get(pk=held.pk)
    appointment_moving.connect(open_another, sender=Appointment)
    try:
        with pytest.raises(NotMovable):
            seen.reschedule(later)
    finally:
        appointment_moving.disconnect(open_another, sender=Appointment)
    now = state_of(held)
    assert (now.row.appointment_time, now.payments) == (held.appointment_time, [("expired", ""), ("open", "")])


def open_another(appointment, **kwargs):
    """Press Pay in another tab."""
    with time_machine.travel(timezone.now() + timedelta(seconds=1)):
        open_session(Appointment.objects.get(pk=appointment.pk))


def test_paid_between_looking_and_moving_it_does_not_move(held, later):
    """The webhook confirms the row after we have asked Stripe about its session and before we move the row."""
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
