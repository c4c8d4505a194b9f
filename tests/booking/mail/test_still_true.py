"""Just before it is sent, a mail is compared with its appointment: it tells what is true by then, or is dropped."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import Appointment, Mail
from booking.templatetags import wording
from tests.booking.mail.outbox import mails, send, subjects
from tests.factories import in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("practice_rules")]


def test_moved_before_the_confirmation_was_sent_that_tells_the_new_time(held, provider, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    held.confirm()
    later = in_days(6, provider=provider)
    held.reschedule(later)
    told = send()
    assert subjects(told) == ["Confirmed", "New appointment"]
    assert [wording.day(later, provider.zone) in message.subject for message in told] == [True, True]
    assert mails(kind="changed") == []


def test_moved_while_the_confirmation_is_being_sent_the_move_is_told_too(held, provider):
    held.confirm()
    first = held.appointment_time
    Mail.objects.update(claimed_at=timezone.now())
    held.reschedule(in_days(6, provider=provider))
    (told,) = send()
    assert (subjects([told]), f"It was {wording.in_full(first, provider.zone)} before" in told.body) == (
        ["New time"],
        True,
    )


def test_moved_and_moved_back_before_either_was_told_there_is_nothing_to_tell(held, provider):
    first = held.appointment_time
    held.confirm()
    send()
    held.reschedule(in_days(6, provider=provider))
    held.reschedule(first)
    assert (send(), mails(kind="changed")) == ([], [("changed", "client", "dropped")] * 2)


def test_moved_again_while_the_first_move_is_being_told_the_reader_knows_of_that(held, provider):
    held.confirm()
    send()
    between = in_days(6, provider=provider)
    held.reschedule(between)
    Mail.objects.filter(kind="changed").update(claimed_at=timezone.now())
    held.reschedule(in_days(7, provider=provider))
    (told,) = send()
    assert f"It was {wording.in_full(between, provider.zone)} before" in told.body


def test_what_has_begun_is_no_news_to_its_client_and_still_is_to_the_practice(held, settings, time_machine):
    """The mail server could not be reached until the appointment began."""
    settings.PRACTICE_EMAIL = "desk@practice.example"
    held.confirm()
    Mail.objects.update(created_at=held.appointment_time)
    time_machine.move_to(held.appointment_time)
    assert subjects(send()) == ["New appointment"]


def test_moved_twice_before_the_first_was_told_the_reader_hears_where_it_was_for_all_they_know(held, provider):
    first = held.appointment_time
    held.confirm()
    send()
    held.reschedule(in_days(6, provider=provider))
    held.reschedule(in_days(7, provider=provider))
    (told,) = send()
    assert f"It was {wording.in_full(first, provider.zone)} before" in told.body


def test_a_refund_that_failed_since_is_not_called_returned(held):
    held.confirm()
    send()
    for kind in (Mail.Kind.RETURNED, Mail.Kind.NOT_RETURNED):
        Mail.objects.enqueue(held, kind, "refund 1", amount="60.00", currency="eur", reason="cancelled")
    assert [message.subject for message in send()] == ["€60.00 could not be returned to your card"]


def test_after_cancelling_only_that_is_told(held):
    held.confirm()
    held.cancel(Decimal("60.00"))
    assert subjects(send()) == ["Cancelled"]


def test_a_time_taken_again_by_a_late_payment_was_not_given_back(held):
    Appointment.objects.update(hold_expires_at=timezone.now())
    Appointment.objects.lapse(timezone.now())
    Appointment.objects.get().confirm()
    assert subjects(send()) == ["Confirmed"]
    assert mails(kind="given back") == [("given back", "client", "dropped")]


def test_news_of_last_week_is_not_sent(held, time_machine):
    held.confirm()
    time_machine.shift(timedelta(days=3, minutes=1))
    assert subjects(send()) == []
    assert mails(kind="confirmed") == [("confirmed", "client", "dropped")]


def test_a_link_to_pay_is_not_sent_while_a_payment_is_on_its_way(held):
    Mail.objects.enqueue(held, Mail.Kind.PAYMENT_LINK)
    held.set_hold_end(None)
    assert (send(), mails(kind="payment link")) == ([], [("payment link", "client", "dropped")])


@pytest.mark.parametrize(("taken", "status"), [("59.80", "dropped"), ("59.50", "sent")])
def test_a_link_to_pay_less_than_a_card_takes_is_not_sent(held, taken, status):
    Appointment.objects.update(status="confirmed", due_at_practice=60)
    Appointment.objects.get().ask_for_rest(User.objects.create(username="grace"))
    Appointment.objects.update(taken_at_practice=Decimal(taken))
    send()
    assert mails(kind="rest link") == [("rest link", "client", status)]
