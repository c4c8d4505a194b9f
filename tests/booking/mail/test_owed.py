"""Mails are owed in the transaction that makes them true, and reminders become due before an appointment."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from booking.mail import sending
from booking.models import Appointment, Mail
from tests.booking.mail.outbox import mails, send, subjects
from tests.factories import book, in_days, make_appointment, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("practice_rules")]

# What is owed


def test_a_confirmed_appointment_owes_a_confirmation_and_a_reminder(held):
    held.confirm()
    assert mails() == [("confirmed", "client", "owed"), ("reminder", "client", "owed")]
    assert subjects(send()) == ["Confirmed"]
    assert mails() == [("confirmed", "client", "sent"), ("reminder", "client", "owed")]


def test_a_free_one_is_confirmed_by_mail_as_well(provider):
    service = make_service(name="Call", price="0.00")
    provider.services.add(service)
    book(provider, in_days(1, provider=provider), service=service)
    assert subjects(send()) == ["Confirmed"]


def test_what_was_not_decided_is_not_owed(held):
    """A mail is written in the same transaction as the fact that it tells of."""
    with transaction.atomic():
        held.confirm()
        transaction.set_rollback(True)
    assert (Mail.objects.count(), send()) == (0, [])


def test_confirmed_twice_it_is_told_once(held):
    first, second = (Appointment.objects.get(pk=held.pk) for _ in range(2))
    assert (first.confirm(), second.confirm()) == (True, False)
    assert subjects(send()) == ["Confirmed"]


def test_owed_twice_for_one_occasion_it_is_sent_once(held):
    held.confirm()
    Mail.objects.enqueue(held, Mail.Kind.CONFIRMED)
    assert subjects(send()) == ["Confirmed"]


def test_a_confirmation_that_cannot_be_owed_confirms_nothing(held, monkeypatch):
    """The mail is owed only at this moment. Confirmed without it, the client would never hear of the appointment."""
    with monkeypatch.context() as patched:
        patched.setattr(Mail, "about", lambda *facts, **more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            held.confirm()
    assert Appointment.objects.get().status == "held"


def test_a_hold_that_lapses_is_told_and_one_that_is_given_up_is_not(provider, held):
    given_up = make_appointment(provider=provider, at=in_days(6, provider=provider))
    given_up.cancel()
    Appointment.objects.update(hold_expires_at=timezone.now())
    assert Appointment.objects.lapse(timezone.now()) == 1
    assert subjects(send()) == ["Not booked"]


def test_a_hold_that_a_booking_lapses_is_told_too(provider, held):
    Appointment.objects.update(hold_expires_at=timezone.now())
    book(provider, held.appointment_time, email="ann@example.com")
    assert [message.to for message in send()] == [["jo@example.com"]]


def test_a_hold_that_moves_is_not_news(held, provider):
    held.reschedule(in_days(6, provider=provider))
    assert (Mail.objects.count(), send()) == (0, [])


def test_the_practice_hears_of_what_is_booked_moved_and_cancelled(held, provider, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    held.confirm()
    Mail.objects.update(claimed_at=timezone.now())
    held.reschedule(in_days(6, provider=provider))
    held.cancel(Decimal(0))
    Mail.objects.update(claimed_at=None)
    to_practice = [message for message in send() if message.to == ["desk@practice.example"]]
    assert subjects(to_practice) == ["Cancelled"]
    assert mails(reader="practice") == [
        ("confirmed", "practice", "dropped"),
        ("changed", "practice", "dropped"),
        ("cancelled", "practice", "sent"),
    ]


# Reminders


def test_the_reminder_comes_at_its_time_and_not_before(held, time_machine):
    held.confirm()
    send()
    time_machine.move_to(held.appointment_time - timedelta(hours=24, minutes=1))
    assert send() == []
    time_machine.move_to(held.appointment_time - timedelta(hours=24))
    assert subjects(send()) == ["Reminder"]


def test_reminders_are_as_many_as_the_practice_wants(provider, held, settings):
    settings.REMINDER_HOURS = [48, 2]
    held.confirm()
    due = Mail.objects.filter(kind="reminder").order_by("due_at").values_list("due_at", flat=True)
    assert list(due) == [held.appointment_time - timedelta(hours=hours) for hours in (48, 2)]


def test_two_reminders_that_come_late_are_one(held, settings, time_machine):
    settings.REMINDER_HOURS = [48, 24]
    held.confirm()
    send()
    time_machine.move_to(held.appointment_time - timedelta(hours=20))
    assert subjects(send()) == ["Reminder"]
    assert mails(kind="reminder") == [("reminder", "client", "dropped"), ("reminder", "client", "sent")]


def test_nobody_is_reminded_of_what_is_that_near_already(provider):
    soon = make_appointment(provider=provider, at=timezone.now() + timedelta(hours=20))
    soon.confirm()
    assert mails(kind="reminder") == []


def test_after_a_move_the_new_time_is_reminded_of_and_the_old_one_is_not(held, provider, time_machine):
    held.confirm()
    held.reschedule(in_days(9, provider=provider))
    send()
    time_machine.move_to(in_days(4, provider=provider))
    assert send() == []
    time_machine.move_to(held.appointment_time - timedelta(hours=23))
    assert subjects(send()) == ["Reminder"]


def test_nobody_is_reminded_of_what_has_begun(held, time_machine):
    """The mail server could not be reached since the day before."""
    held.confirm()
    send()
    time_machine.move_to(held.appointment_time)
    assert (send(), mails(kind="reminder")) == ([], [("reminder", "client", "dropped")])


# Where no mail is sent


def test_without_a_mail_server_nothing_is_claimed(held, settings):
    settings.MAIL_IS_SENT = False
    held.confirm()
    assert (sending.send_due(timezone.now()), mails(kind="confirmed")) == (0, [("confirmed", "client", "owed")])
