"""Staff give another deadline while the client may have Stripe's page open, whose payment is to count all the same."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import Appointment, ByStaff
from payments import audit
from payments.checkout import end_with_session, open_session, save_before_opening
from payments.settlement import settle
from tests.factories import book, in_days
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.standing import state_of

pytestmark = pytest.mark.django_db(transaction=True)

TWO_MINUTES, FIVE_MINUTES, TWENTY_MINUTES = (timedelta(minutes=minutes) for minutes in (2, 5, 20))


@pytest.fixture
def grace():
    return User.objects.create(username="grace")


@pytest.fixture
def kept(provider, grace):
    """Staff keep it unpaid until tomorrow, which is later than any payment page ends."""
    return book(provider, in_days(3, provider=provider), staff=ByStaff(grace, timezone.now() + timedelta(days=1)))


def opened(appointment):
    """Open a payment page, and return its payment and the appointment as it is then."""
    return save_before_opening(appointment), Appointment.objects.get(pk=appointment.pk)


def test_who_has_the_payment_page_open_can_finish_paying_after_a_sooner_deadline(kept, grace, webhooks_lost):
    payment = open_session(kept)
    kept.keep_until(timezone.now() + FIVE_MINUTES, grace)
    webhooks_lost()
    with time_machine.travel(timezone.now() + 2 * FIVE_MINUTES):
        assert Appointment.objects.live(timezone.now()).count() == 1
        PayPage(payment.url).pay()
        settle(payment)
    assert (state_of(kept).status, state_of(kept).payments) == ("confirmed", [("paid", "")])


@pytest.mark.parametrize("ahead", [FIVE_MINUTES, TWENTY_MINUTES])
def test_a_sooner_deadline_does_not_end_a_hold_before_the_page_that_is_open(kept, grace, ahead):
    payment, seen = opened(kept)
    soon = timezone.now() + ahead
    seen.keep_until(soon, grace)
    now = Appointment.objects.get()
    assert (now.kept_until, now.hold_expires_at) == (soon, payment.expires_at + TWO_MINUTES)
    assert (seen.kept_until, seen.hold_expires_at) == (now.kept_until, now.hold_expires_at)
    assert list(audit.held_shorter_than_its_session(timezone.now())) == []


def test_a_client_whose_hold_was_lengthened_for_the_page_keeps_it_as_well(held, grace):
    payment, seen = opened(held)
    seen.keep_until(timezone.now() + TWENTY_MINUTES, grace)
    assert Appointment.objects.get().hold_expires_at == payment.expires_at + TWO_MINUTES


def test_a_page_that_has_ended_keeps_a_time_no_longer_than_a_sooner_deadline(held, grace):
    _payment, seen = opened(held)
    held.payments.update(status="expired")
    soon = timezone.now() + FIVE_MINUTES
    seen.keep_until(soon, grace)
    assert Appointment.objects.get().hold_expires_at == soon


def test_a_page_that_stripe_ends_sooner_than_asked_ends_no_hold_before_a_deadline_given_meanwhile(held, grace):
    payment, seen = opened(held)
    assert payment.appointment.kept_until is None
    seen.keep_until(timezone.now() + TWENTY_MINUTES, grace)
    end_with_session(payment, timezone.now())
    assert Appointment.objects.get().hold_expires_at == seen.kept_until
