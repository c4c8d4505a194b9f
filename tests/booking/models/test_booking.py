"""A time is booked: what the row says, who is refused, and which hold gives way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from booking.models import Appointment, SlotTaken, new_reference
from tests.booking.models.answers import outcome, status
from tests.factories import book, in_days, make_appointment

pytestmark = pytest.mark.django_db
TOGETHER = pytest.mark.django_db(transaction=True)


def test_a_priced_time_is_held_for_the_practices_minutes(provider, settings, time_machine):
    settings.HOLD_MINUTES = 20
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    at = in_days(2, provider=provider)
    hold = book(provider, at, client_name="Jo", note="Stairs are hard")
    hold.refresh_from_db()
    assert (hold.status, hold.created_at, hold.hold_expires_at) == ("held", now, now + timedelta(minutes=20))
    assert (hold.confirmed_at, hold.cancelled_at, hold.expired_at) == (None, None, None)
    assert (hold.client_email, hold.client_name, hold.note) == ("jo@example.com", "Jo", "Stairs are hard")
    assert (hold.provider_name, hold.service_name, hold.price, hold.currency) == (
        "Dr Ada Byrne",
        "Consultation",
        Decimal("60.00"),
        "eur",
    )
    assert hold.end == at + timedelta(minutes=30)
    assert hold.blocked_until == at + timedelta(minutes=45)


def test_a_free_time_is_confirmed_at_once(free_of_charge, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    appointment = book(free_of_charge, in_days(2, provider=free_of_charge))
    appointment.refresh_from_db()
    assert (appointment.status, appointment.confirmed_at, appointment.hold_expires_at) == ("confirmed", now, None)
    assert appointment.is_paid_online is False


@pytest.mark.parametrize("standing", ["held", "confirmed"])
def test_a_taken_time_is_refused(provider, standing):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at, status=standing)
    with pytest.raises(SlotTaken):
        book(provider, at + timedelta(minutes=30), email="sam@example.com")
    assert Appointment.objects.count() == 1


def test_a_lapsed_hold_in_the_way_gives_way(provider, cancelled_ones):
    at = in_days(2, provider=provider)
    lapsed = make_appointment(provider=provider, at=at, hold_minutes=-1)
    book(provider, at, email="sam@example.com")
    lapsed.refresh_from_db()
    assert (lapsed.status, lapsed.hold_expires_at) == ("expired", None)
    assert abs(lapsed.expired_at - timezone.now()) < timedelta(minutes=1)
    assert cancelled_ones == []


def test_a_hold_gives_way_at_the_very_moment_it_ends(provider, time_machine):
    at = in_days(2, provider=provider)
    hold = make_appointment(provider=provider, at=at)
    time_machine.move_to(hold.hold_expires_at - timedelta(milliseconds=1), tick=False)
    with pytest.raises(SlotTaken):
        book(provider, at)
    time_machine.move_to(hold.hold_expires_at, tick=False)
    assert book(provider, at).status == "held"


def test_a_lapsed_hold_somewhere_else_is_left_to_the_tick(provider):
    at = in_days(2, provider=provider)
    lapsed = make_appointment(provider=provider, at=at, hold_minutes=-1)
    book(provider, at + timedelta(hours=1))
    assert status(lapsed) == "held"


def test_a_hold_that_waits_for_a_slow_payment_does_not_give_way(provider):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at, hold_expires_at=None)
    with pytest.raises(SlotTaken):
        book(provider, at)


def test_a_spare_reference_becomes_the_rows(provider):
    spare = new_reference()
    assert book(provider, in_days(2, provider=provider), spare_reference=spare).reference == spare


def test_a_spare_reference_that_is_in_use_is_not_taken_from_its_owner(provider):
    at = in_days(2, provider=provider)
    first = book(provider, at)
    second = book(provider, at + timedelta(hours=1), spare_reference=first.reference)
    assert second.reference != first.reference
    assert len(second.reference) == 22


@TOGETHER
def test_two_presses_with_the_same_spare_reference_are_one_hold(provider, together):
    at, spare = in_days(2, provider=provider), new_reference()
    press = outcome(lambda: book(provider, at, own_references=[spare], spare_reference=spare))
    assert together(press, press) == [spare, spare]
    assert Appointment.objects.count() == 1


@TOGETHER
def test_two_times_pressed_with_the_same_spare_reference_are_two_holds(provider, together):
    early, late, spare = in_days(2, provider=provider), in_days(3, provider=provider), new_reference()
    answers = together(
        *(
            outcome(lambda at=at: book(provider, at, own_references=[spare], spare_reference=spare))
            for at in (early, late)
        )
    )
    assert answers.count(spare) == 1
    assert set(answers) == set(Appointment.objects.values_list("reference", flat=True))
    assert Appointment.objects.filter(status="held").count() == 2


@TOGETHER
def test_of_a_crowd_that_wants_one_time_one_gets_it(provider, together):
    at = in_days(2, provider=provider)
    callers = [outcome(lambda n=n: book(provider, at, email=f"{n}@example.com")) for n in range(8)]
    answers = together(*callers)
    assert answers.count("SlotTaken") == 7
    assert Appointment.objects.filter(status="held").count() == 1


def test_what_was_booked_survives_a_rename_and_a_new_price(provider, settings):
    at = in_days(2, provider=provider)
    booked = book(provider, at)
    provider.services.update(name="Renamed", price=Decimal("99.00"), duration_minutes=90, buffer_minutes=60)
    provider.name = "Dr Ada Lovelace"
    provider.save()
    settings.CURRENCY = "usd"
    booked = Appointment.objects.get(pk=booked.pk)
    assert (booked.provider_name, booked.service_name) == ("Dr Ada Byrne", "Consultation")
    assert (booked.price, booked.currency) == (Decimal("60.00"), "eur")
    assert (booked.duration_minutes, booked.blocked_until) == (30, at + timedelta(minutes=45))
    assert str(booked) == "Consultation with Dr Ada Byrne"


def test_references_are_unguessable_and_fit_an_address():
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert {len(reference) for reference in references} == {22}
    assert "".join(references).replace("-", "").replace("_", "").isalnum() is True
