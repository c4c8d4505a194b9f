"""One browser books again: the same time, one that overlaps it, another, or more times than it may keep."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from booking.limits import MAX_HOLDS
from booking.models import Appointment, SlotTaken, TooManyHolds, new_reference
from tests.booking.models.answers import outcome, status
from tests.factories import book, in_days, make_appointment, make_provider, make_service

pytestmark = pytest.mark.django_db
TOGETHER = pytest.mark.django_db(transaction=True)


def test_the_same_browser_posting_the_same_time_returns_to_its_hold(provider, cancelled_ones):
    at = in_days(2, provider=provider)
    first = book(provider, at, client_name="Jo", note="Stairs")
    again = book(provider, at, client_name="Jo", note="Stairs", own_references=[first.reference])
    assert (again.pk, again.hold_expires_at) == (first.pk, first.hold_expires_at)
    assert Appointment.objects.count() == 1
    assert cancelled_ones == []


def test_the_same_booking_is_found_again_after_its_rest_was_paid_by_link():
    provider = make_provider(services=[make_service(payment="at practice")])
    at = in_days(2, provider=provider)
    first = book(provider, at)
    Appointment.objects.update(due_at_practice=20, rest_paid_online=40)
    assert book(provider, at, own_references=[first.reference]).pk == first.pk


def test_another_browser_with_the_same_address_does_not(provider):
    at = in_days(2, provider=provider)
    book(provider, at)
    with pytest.raises(SlotTaken):
        book(provider, at, own_references=[new_reference()])


@pytest.mark.parametrize(
    "other", [{"email": "joe@example.com"}, {"client_name": "Joe"}, {"note": "The lift is fine"}], ids=str
)
def test_the_same_time_with_other_details_replaces_the_hold(provider, cancelled_ones, other):
    at = in_days(2, provider=provider)
    first = book(provider, at, note="Stairs")
    again = book(provider, at, own_references=[first.reference], **{"note": "Stairs", **other})
    assert (status(first), status(again)) == ("cancelled", "held")
    assert cancelled_ones == [first.reference]


def test_the_same_time_at_a_changed_price_replaces_the_hold(provider):
    at = in_days(2, provider=provider)
    first = book(provider, at)
    provider.services.update(price=Decimal("75.00"))
    again = book(provider, at, own_references=[first.reference])
    assert (status(first), again.price) == ("cancelled", Decimal("75.00"))


def test_an_overlapping_hold_of_ones_own_is_given_back(provider, cancelled_ones):
    at = in_days(2, provider=provider)
    first = book(provider, at)
    moved = book(provider, at + timedelta(minutes=15), own_references=[first.reference])
    assert (status(first), status(moved)) == ("cancelled", "held")
    assert cancelled_ones == [first.reference]


def test_a_hold_of_ones_own_elsewhere_is_kept(provider):
    at = in_days(2, provider=provider)
    first = book(provider, at)
    book(provider, at + timedelta(minutes=45), own_references=[first.reference])
    assert status(first) == "held"


def test_a_hold_of_ones_own_is_kept_when_the_new_time_is_taken_after_all(provider, cancelled_ones):
    """The new time overlaps my hold and somebody else's. My hold is not given up for a time that I do not get."""
    at = in_days(2, provider=provider)
    mine = book(provider, at)
    make_appointment(provider=provider, at=at + timedelta(minutes=45))
    with pytest.raises(SlotTaken):
        book(provider, at + timedelta(minutes=15), own_references=[mine.reference])
    assert status(mine) == "held"


def test_a_confirmed_appointment_of_ones_own_is_in_the_way_like_anybodys(provider):
    at = in_days(2, provider=provider)
    mine = make_appointment(provider=provider, at=at, status="confirmed")
    with pytest.raises(SlotTaken):
        book(provider, at + timedelta(minutes=15), own_references=[mine.reference])
    assert status(mine) == "confirmed"


def hold_three(provider):
    return [book(provider, in_days(days, provider=provider)).reference for days in range(2, 2 + MAX_HOLDS)]


def test_a_browser_keeps_three_unpaid_times_and_no_fourth(provider):
    assert MAX_HOLDS == 3
    own = hold_three(provider)
    with pytest.raises(TooManyHolds):
        book(provider, in_days(9, provider=provider), own_references=own)
    assert Appointment.objects.count() == 3


def test_a_paid_or_lapsed_one_of_the_three_makes_room(provider):
    for made_room in ({"status": "confirmed", "hold_expires_at": None}, {"hold_expires_at": timezone.now()}):
        Appointment.objects.all().delete()
        own = hold_three(provider)
        Appointment.objects.filter(reference=own[0]).update(**made_room)
        assert book(provider, in_days(9, provider=provider), own_references=own).status == "held"


def test_changing_one_of_three_holds_is_not_a_fourth(provider):
    own = hold_three(provider)
    moved = in_days(2, "10:15", provider=provider)
    assert book(provider, moved, own_references=own).status == "held"
    assert Appointment.objects.filter(status="held").count() == 3


@TOGETHER
def test_a_browser_that_presses_four_times_at_once_keeps_three(provider, together):
    own = [new_reference() for _ in range(4)]
    days = [in_days(day, provider=provider) for day in range(2, 6)]
    presses = [
        outcome(lambda at=at, spare=spare: book(provider, at, own_references=own, spare_reference=spare))
        for at, spare in zip(days, own, strict=True)
    ]
    assert together(*presses).count("TooManyHolds") == 1
    assert Appointment.objects.filter(status="held").count() == 3
