"""While the page for another time is open, the appointment is moved or cancelled, or the new time is taken."""

from datetime import timedelta
from decimal import Decimal

import pytest

from booking.models import Appointment, NotMovable, SlotTaken
from tests.booking.clock import NOW, dublin
from tests.booking.pages.moving import POLICY, facts, move, row, step
from tests.factories import make_appointment
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]
OTHER_TAB = "It was changed since you opened this page, perhaps in another tab. Look at it, and choose again."


def test_a_lapsed_hold_of_somebody_else_gives_way(booked):
    other = make_appointment(provider=booked.provider, at=dublin(5, "10:00"), hold_minutes=-1)
    assert (move(booked, dublin(5, "10:00")).status_code, row(other).status) == (303, "expired")


def test_it_moves_from_what_was_seen_or_not_at_all(booked):
    stale = row(booked)
    row(booked).cancel(Decimal(0))
    with pytest.raises(NotMovable):
        stale.reschedule(dublin(5, "10:00"))
    assert facts(booked) == ("cancelled", dublin(4, "10:00"), 1)


@pytest.mark.parametrize("status", ["held", "confirmed"])
def test_of_two_tabs_that_saw_the_same_time_the_second_moves_nothing(provider, status):
    at = dublin(4, "10:00")
    first = make_appointment(provider=provider, at=at, status=status, cancellation_policy=POLICY)
    second = row(first)
    first.reschedule(dublin(5, "10:00"))
    with pytest.raises(NotMovable):
        second.reschedule(dublin(6, "10:00"))
    assert facts(first) == (status, dublin(5, "10:00"), 1)


def test_a_hold_that_was_ended_sooner_than_was_seen_does_not_move(provider):
    seen = make_appointment(provider=provider, at=dublin(4, "10:00"))
    Appointment.objects.update(hold_expires_at=NOW)
    with pytest.raises(NotMovable):
        seen.reschedule(dublin(5, "10:00"))
    assert facts(seen) == ("held", dublin(4, "10:00"), 0)


def put_at(appointment, moment):
    end = moment + timedelta(minutes=30)
    times = {"appointment_time": moment, "end": end, "blocked_until": end}
    Appointment.objects.filter(pk=appointment.pk).update(**times)


def test_moved_in_another_tab_it_is_shown_as_it_is_now(booked, monkeypatch):
    """Another tab moves it after this one has looked and before it moves."""

    def other_tab_first(appointment, moment, **kwargs):
        put_at(appointment, dublin(9, "11:00"))
        raise NotMovable

    monkeypatch.setattr(Appointment, "reschedule", other_tab_first)
    answer = move(booked, dublin(5, "10:00"))
    page = Page(answer)
    assert answer.status_code == 409
    assert page.problem == [OTHER_TAB]
    assert "Tuesday 9 June 2026, 11:00" in page.text


def test_a_button_of_a_page_that_shows_another_time_moves_nothing(booked, client):
    old = Page(client.get(step(booked, "?time=2026-06-05T14:15%2B01:00"))).fields
    move(booked, dublin(8, "10:00"))
    answer = client.post(step(booked), old)
    assert (answer.status_code, Page(answer).problem) == (409, [OTHER_TAB])
    assert facts(booked) == ("confirmed", dublin(8, "10:00"), 1)


def test_pressed_twice_at_once_both_presses_end_at_the_new_time(booked, monkeypatch):
    def other_press_first(appointment, moment, **kwargs):
        put_at(appointment, moment)
        raise NotMovable

    monkeypatch.setattr(Appointment, "reschedule", other_press_first)
    assert move(booked, dublin(5, "10:00")).status_code == 303


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_to_one_time_one_gets_it(provider, together):
    both = [
        make_appointment(provider=provider, at=dublin(4, clock), status="confirmed", cancellation_policy=POLICY)
        for clock in ("10:00", "12:00")
    ]

    def mover(appointment):
        def run():
            try:
                row(appointment).reschedule(dublin(5, "10:00"))
            except SlotTaken:
                return "taken"
            return "moved"

        return run

    answers = together(*[mover(appointment) for appointment in both])
    assert sorted(answers) == ["moved", "taken"]
    assert Appointment.objects.filter(appointment_time=dublin(5, "10:00")).count() == 1
