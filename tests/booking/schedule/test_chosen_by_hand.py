"""Times that staff choose by hand: beyond what clients can choose, and never into another appointment."""

from datetime import timedelta

import pytest

from booking.models import TimeOff
from booking.schedule import chosen_by_hand
from booking.schedule.diary import NotOnOffer
from tests.booking.clock import NOW, TEN, dublin
from tests.factories import make_appointment, make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


@pytest.fixture
def booked():
    return make_appointment(provider=make_provider(), at=TEN, status="confirmed")


def warned_of(booked, moment):
    return sorted(chosen_by_hand.warnings(booked, moment, NOW))


@pytest.mark.parametrize(
    ("moment", "warnings"),
    [
        (dublin(3, "10:07"), []),
        (dublin(3, "16:30"), []),
        (dublin(3, "16:31"), ["hours"]),
        (dublin(3, "03:00"), ["hours"]),
        (dublin(1, "12:30"), ["notice"]),
        (dublin(3, "10:00") + timedelta(days=60), ["horizon"]),
        (dublin(3, "03:00") + timedelta(days=60), ["horizon", "hours"]),
    ],
)
def test_staff_are_warned_of_what_clients_cannot_choose(booked, moment, warnings):
    assert warned_of(booked, moment) == warnings


@pytest.mark.parametrize(
    ("clock", "warnings"), [("10:30", []), ("10:31", ["away"]), ("12:59", ["away"]), ("13:00", [])]
)
def test_staff_are_warned_of_time_off(booked, clock, warnings):
    TimeOff.objects.create(provider=booked.provider, starts=dublin(3, "11:00"), ends=dublin(3, "13:00"))
    assert warned_of(booked, dublin(3, clock)) == warnings


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (NOW, "in the past"),
        (NOW.replace(year=1900), "in the past"),
        (NOW.replace(year=9999), "more than two years ahead"),
        (TEN + timedelta(seconds=1), "whole minutes"),
    ],
)
def test_some_times_cannot_be_chosen_at_all(moment, sentence):
    with pytest.raises(NotOnOffer, match=sentence):
        chosen_by_hand.require_possible(moment, NOW)


def test_another_appointment_is_in_the_way_with_its_buffer_and_this_one_is_not(booked):
    other = make_appointment(provider=booked.provider, at=dublin(3, "10:00"), status="confirmed")
    found = [chosen_by_hand.in_the_way(booked, dublin(3, clock), NOW) for clock in ("09:30", "09:31", "10:29", "10:30")]
    assert found == [None, other, other, None]
    assert chosen_by_hand.in_the_way(booked, dublin(2, "10:15"), NOW) is None


def test_a_hold_that_has_lapsed_is_not_in_the_way(booked):
    make_appointment(provider=booked.provider, at=dublin(3, "10:00"), hold_minutes=-1)
    assert chosen_by_hand.in_the_way(booked, dublin(3, "10:00"), NOW) is None


# Of a move, by what was paid online, and how

BEGUN = "The client could not move it any more, as it has begun."
KEEPS = "The client cannot move it online, as cancelling it would not return all that was paid. You can."


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"price": 0}, BEGUN),
        ({"due_at_practice": 60}, BEGUN),
        ({"rest_paid_online": 60}, BEGUN),
        ({"due_at_practice": 40, "rest_paid_online": 20}, BEGUN),
        ({"due_at_practice": 40}, KEEPS),
        ({}, KEEPS),
    ],
    ids=["free", "at the practice", "by link", "a part by link", "a deposit", "online"],
)
def test_that_it_has_begun_is_why_a_client_cannot_move_what_was_not_paid_online_at_booking(facts, reason):
    begun = make_appointment(provider=make_provider(), at=NOW - timedelta(minutes=10), status="confirmed", **facts)
    told = chosen_by_hand.warnings_of_move(begun, dublin(3, "10:00"), NOW).values()
    assert [sentence for sentence in told if sentence in (BEGUN, KEEPS)] == [reason]
