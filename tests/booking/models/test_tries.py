"""Tries are counted in one row for each who tries, and forgotten one by one."""

from datetime import timedelta

import pytest

from booking.limits import TooOften
from booking.models import Limit, Tries
from tests.booking.clock import NOW

pytestmark = pytest.mark.django_db

THREE = Limit("knock", 3, timedelta(minutes=3))
MINUTE = timedelta(minutes=1)


def knock(now=NOW, who="somebody"):
    """Return when there is room again, or None if the try was taken."""
    try:
        Tries.objects.take(THREE, who, now)
    except TooOften as refusal:
        return refusal.until
    return None


def test_there_are_so_many_and_then_one_for_each_share_of_the_time():
    assert [knock() for _ in range(4)] == [None, None, None, NOW + MINUTE]
    assert [knock(NOW + MINUTE) for _ in range(2)] == [None, NOW + 2 * MINUTE]
    assert [knock(NOW + 10 * MINUTE) for _ in range(4)] == [None, None, None, NOW + 11 * MINUTE]


def test_who_goes_on_while_refused_does_not_have_to_wait_longer():
    refused = [knock() for _ in range(20)][3:]
    assert set(refused) == {NOW + MINUTE}


def test_each_who_tries_and_each_thing_that_is_tried_has_its_own():
    assert [knock() for _ in range(3)] == [None] * 3
    assert knock(who="somebody else") is None
    assert Tries.objects.take(Limit("ring", 3, THREE.within), "somebody", NOW) is None


def test_one_that_is_given_back_can_be_taken_again():
    assert [knock() for _ in range(3)] == [None] * 3
    Tries.objects.give_back(THREE, "somebody")
    assert [knock() for _ in range(2)] == [None, NOW + MINUTE]


def test_what_a_machine_with_a_wrong_clock_has_counted_shuts_nobody_out():
    """Its clock is ten minutes ahead. On the others, clients would have to wait for as long."""
    assert [knock(NOW + 10 * MINUTE) for _ in range(4)] == [None, None, None, NOW + 11 * MINUTE]
    assert [knock() for _ in range(4)] == [None, None, None, NOW + MINUTE]


def test_clocks_that_differ_by_seconds_let_nobody_have_more():
    assert [knock(NOW + timedelta(seconds=seconds)) is None for seconds in (3, 0, 2, 1, 3, 0)] == [True] * 3 + [
        False
    ] * 3


def test_a_row_that_says_nothing_any_more_is_deleted():
    knock()
    knock(who="somebody else")
    knock(who="somebody else")
    assert [Tries.objects.forget(NOW + minutes * MINUTE) for minutes in (0, 1, 2)] == [0, 1, 1]
