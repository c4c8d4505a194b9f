"""Booking a time, and what may become of it: each change happens once, whoever asks and however often."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from booking.models import (
    MAX_HOLDS,
    Appointment,
    NotCancellable,
    SlotTaken,
    TooManyHolds,
    appointment_cancelled,
    new_reference,
)
from booking.models.appointment import lifecycle
from tests.factories import in_days, make_appointment, make_provider, make_service

pytestmark = pytest.mark.django_db

TOGETHER = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider():
    return make_provider(services=[make_service(minutes=30, buffer=15, price="60.00")])


@pytest.fixture
def free_of_charge():
    return make_provider(name="Bo Lund", services=[make_service(name="Introductory call", price="0.00")])


@pytest.fixture
def cancelled_ones():
    """Who was told about, in order."""
    told = []

    def hear(sender, appointment, **kwargs):
        told.append(appointment.reference)

    appointment_cancelled.connect(hear)
    yield told
    appointment_cancelled.disconnect(hear)


def book(provider, at, *, email="jo@example.com", **facts):
    return Appointment.objects.book(
        provider=provider, service=provider.services.first(), appointment_time=at, client_email=email, **facts
    )


def outcome(call):
    """The reference, or the name of the refusal: something that two threads can be compared by."""

    def run():
        try:
            return call().reference
        except (SlotTaken, TooManyHolds) as refusal:
            return type(refusal).__name__

    return run


def status(appointment):
    return Appointment.objects.values_list("status", flat=True).get(pk=appointment.pk)


# Booking


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
    assert appointment.is_paid is False


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


def test_the_same_browser_posting_the_same_time_returns_to_its_hold(provider, cancelled_ones):
    at = in_days(2, provider=provider)
    first = book(provider, at, client_name="Jo", note="Stairs")
    again = book(provider, at, client_name="Jo", note="Stairs", own_references=[first.reference])
    assert (again.pk, again.hold_expires_at) == (first.pk, first.hold_expires_at)
    assert Appointment.objects.count() == 1
    assert cancelled_ones == []


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
    """It overlaps my hold and somebody else's: nothing happens, not half of it."""
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
    """Who asked does so again; the money must not go back because of it."""
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


# Keeping and releasing


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


# Cancelling


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
