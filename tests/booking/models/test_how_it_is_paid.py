"""A service is paid online, by a deposit, or at the practice, and an appointment keeps what was agreed on."""

from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.utils import timezone

from booking.limits import LimitReached
from booking.mail.sending import send_due
from booking.models import Appointment, ByStaff, Change, Mail, Provider, Service
from tests.booking.clock import NOW, TEN, dublin
from tests.factories import book, make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "policy")]

DEPOSIT = {"payment": "deposit", "deposit": "20.00"}
AT_PRACTICE = {"payment": "at practice"}


@pytest.fixture
def policy(settings):
    settings.CANCELLATION_POLICY = "48h 100%, 24h 50%"


def provider_paid(**facts):
    return make_provider(services=[make_service(**facts)])


def kinds_of_mail(appointment):
    return sorted({mail.kind for mail in appointment.mails.all()} - {Mail.Kind.REMINDER})


# What can be sold


@pytest.mark.parametrize(
    ("facts", "sold"),
    [
        ({"payment": "deposit", "deposit": "0.50"}, True),
        ({"payment": "deposit", "deposit": "59.99"}, True),
        ({"payment": "deposit", "deposit": "0.49"}, False),
        ({"payment": "deposit", "deposit": "60.00"}, False),
        ({"payment": "at practice", "deposit": "0.49"}, True),
        ({"payment": "online", "deposit": "70.00"}, True),
    ],
    ids=str,
)
def test_a_service_is_sold_if_its_deposit_can_be_charged_and_leaves_something(facts, sold):
    service = make_service(**facts)
    assert service.is_sellable is sold
    with nullcontext() if sold else pytest.raises(ValidationError, match="deposit"):
        service.full_clean()


@pytest.mark.parametrize(("deposit", "sold"), [("20.50", False), ("49.00", False), ("50.00", True)])
def test_a_deposit_that_another_currency_cannot_have_is_not_sold(settings, deposit, sold):
    """Prices are numbers: nothing converts them when a practice changes its currency with deposits open."""
    service = make_service(payment="deposit", deposit=deposit, price="6000.00")
    settings.CURRENCY = "jpy"
    assert service.is_sellable is sold


def test_a_price_below_the_deposit_is_never_less_than_what_is_due():
    """An older release may still lower the price while this one is rolled out, and knows nothing of deposits."""
    service = make_service(**DEPOSIT)
    Service.objects.update(price=Decimal("15.00"))
    service.refresh_from_db()
    due = (service.due_online, service.due_at_practice)
    assert (due, service.is_sellable) == ((Decimal("15.00"), Decimal("0.00")), False)


# What is agreed on


@pytest.mark.parametrize(
    ("facts", "status", "online", "there"),
    [
        ({}, "held", "60.00", "0.00"),
        (DEPOSIT, "held", "20.00", "40.00"),
        (AT_PRACTICE, "confirmed", "0.00", "60.00"),
        ({"price": "0.00"}, "confirmed", "0.00", "0.00"),
        ({"price": "0.00", **AT_PRACTICE}, "confirmed", "0.00", "0.00"),
    ],
    ids=str,
)
def test_it_is_held_only_while_something_is_due_online(facts, status, online, there):
    booked = book(provider_paid(**facts), TEN)
    booked.refresh_from_db()
    assert (booked.status, booked.due_online, booked.due_at_practice) == (status, Decimal(online), Decimal(there))
    assert (booked.hold_expires_at is None, booked.confirmed_at) == (
        (True, NOW) if status == "confirmed" else (False, None)
    )
    assert kinds_of_mail(booked) == (["confirmed"] if status == "confirmed" else [])


def test_what_was_agreed_on_stays_whatever_the_service_takes_by_now():
    booked = book(provider_paid(**DEPOSIT), TEN)
    Service.objects.update(payment="at practice")
    booked.refresh_from_db()
    assert (booked.due_online, booked.due_at_practice) == (Decimal("20.00"), Decimal("40.00"))


def test_the_same_time_at_another_deposit_is_another_booking():
    provider = provider_paid(**DEPOSIT)
    first = book(provider, TEN)
    Service.objects.update(deposit=Decimal("30.00"))
    second = book(Provider.objects.get(), TEN, own_references=[first.reference])
    first.refresh_from_db()
    assert (first.status, second.status, second.due_online) == ("cancelled", "held", Decimal("30.00"))


@pytest.mark.parametrize(
    ("facts", "decided"),
    [({}, {"at_practice": "60.00"}), (DEPOSIT, {"at_practice": "20.00"}), (AT_PRACTICE, {})],
    ids=["online", "deposit", "at practice"],
)
def test_staff_may_let_all_of_it_be_paid_at_the_practice(facts, decided):
    staff = ByStaff(User.objects.create(username="grace"), at_practice=True)
    booked = book(provider_paid(**facts), TEN, staff=staff)
    booked.refresh_from_db()
    assert (booked.status, booked.price, booked.due_online) == ("confirmed", Decimal("60.00"), Decimal(0))
    assert (booked.due_at_practice, booked.confirmed_at, booked.hold_expires_at) == (Decimal("60.00"), NOW, None)
    assert (Change.objects.get().facts, kinds_of_mail(booked)) == (decided, ["confirmed"])


def test_what_costs_nothing_is_nowhere_to_be_paid():
    staff = ByStaff(User.objects.create(username="grace"), at_practice=True)
    booked = book(provider_paid(price="0.00"), TEN, staff=staff)
    assert (booked.price, booked.due_at_practice, Change.objects.get().facts) == (Decimal(0), Decimal(0), {})


def test_who_may_pay_at_the_practice_is_mailed_what_is_due_there():
    book(provider_paid(**DEPOSIT), TEN, staff=ByStaff(User.objects.create(username="grace"), at_practice=True))
    send_due(timezone.now())
    [letter] = outbox.outbox
    assert ("€60.00, at the practice" in letter.body, "€20.00" in letter.body) == (True, False)


def test_staff_may_waive_what_would_be_paid_at_the_practice():
    staff = ByStaff(User.objects.create(username="grace"), free_of_charge=True)
    booked = book(provider_paid(**AT_PRACTICE), TEN, staff=staff)
    booked.refresh_from_db()
    assert (booked.status, booked.price, booked.due_at_practice) == ("confirmed", Decimal(0), Decimal(0))
    assert Change.objects.get().facts == {"waived": "60.00"}


# Under the same limits as what is free of charge


def test_what_is_paid_at_the_practice_counts_for_its_network_for_a_day(settings, time_machine):
    settings.HOLDS_PER_ADDRESS = 2
    provider = provider_paid(**AT_PRACTICE)
    for clock in ("10:00", "11:00"):
        book(provider, dublin(2, clock), begun_from="one network")
    with pytest.raises(LimitReached):
        book(provider, dublin(2, "12:00"), begun_from="one network")
    assert Appointment.objects.forget_networks(timezone.now()) == 0
    time_machine.move_to(NOW + timedelta(days=1))
    assert Appointment.objects.forget_networks(timezone.now()) == 2


def test_a_deposit_that_is_paid_counts_no_more(settings):
    settings.HOLDS_PER_ADDRESS = 1
    provider = provider_paid(**DEPOSIT)
    first = book(provider, TEN, begun_from="one network")
    with pytest.raises(LimitReached):
        book(provider, dublin(2, "12:00"), begun_from="one network")
    first.confirm()
    assert book(provider, dublin(2, "12:00"), begun_from="one network").status == "held"


# The policy is about what was paid online


def confirmed(day, **facts):
    provider = provider_paid(**facts)
    return make_appointment(provider=provider, at=dublin(day, "12:00"), status="confirmed")


@pytest.mark.parametrize(("day", "comes_back"), [(3, "20.00"), (2, "10.00")])
def test_what_comes_back_is_reckoned_from_the_deposit(day, comes_back):
    booked = confirmed(day, **DEPOSIT)
    assert (booked.refund_at(NOW), booked.not_returned) == (Decimal(comes_back), Decimal("20.00"))
    booked.cancel()
    assert booked.refund_due == Decimal(comes_back)


@pytest.mark.parametrize(("day", "until"), [(5, dublin(3, "12:00")), (3, NOW), (2, None)])
def test_it_moves_while_cancelling_returns_all_of_the_deposit(day, until):
    booked = confirmed(day, **DEPOSIT)
    assert (booked.movable_until, booked.is_movable) == (until, until is not None)


def test_what_is_paid_at_the_practice_moves_and_is_cancelled_until_it_begins(time_machine):
    booked = confirmed(2, **AT_PRACTICE)
    assert (booked.movable_until, booked.refund_at(NOW)) == (booked.appointment_time, Decimal(0))
    time_machine.move_to(booked.appointment_time - timedelta(minutes=1), tick=False)
    assert (booked.is_movable, booked.is_cancellable) == (True, True)
    booked.cancel()
    assert (booked.status, booked.refund_due) == ("cancelled", Decimal(0))


def test_no_more_than_the_deposit_can_be_returned_online():
    booked = confirmed(3, **DEPOSIT)
    assert booked.cancel(Decimal("20.00")) is True
    assert booked.refund_due == Decimal("20.00")
