"""A client gets at most five mails an hour, besides links to pay; the others are sent later."""

import smtplib
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.mail import sending
from booking.mail.claiming import claim_due
from booking.models import Appointment, ByStaff, Mail
from tests.booking.mail.outbox import mails, many_confirmed, send, subjects
from tests.factories import book, in_days, make_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("practice_rules")]


@pytest.fixture
def grace():
    return User.objects.create(username="grace")


def test_one_address_gets_five_an_hour_and_the_rest_later(provider, time_machine):
    many_confirmed(provider, 7)
    assert len(send()) == 5
    time_machine.shift(timedelta(minutes=59))
    assert send() == []
    time_machine.shift(timedelta(minutes=1, seconds=1))
    assert len(send()) == 2


def test_times_that_somebody_else_did_not_pay_for_keep_nobody_waiting(provider, held, time_machine):
    """Whoever types a stranger's address many times causes them one mail an hour, and delays none of their own."""
    for ahead in range(10, 22):
        make_appointment(provider=provider, at=in_days(ahead, provider=provider), hold_minutes=-1)
    Appointment.objects.lapse(timezone.now())
    held.confirm()
    assert subjects(send()) == ["Not booked", "Confirmed"]
    time_machine.shift(timedelta(hours=1, seconds=1))
    assert subjects(send()) == ["Not booked"]


def test_all_links_to_pay_of_one_call_are_sent_at_once(provider, grace):
    """Staff book twelve times in a row for one client, and all are to be paid before the same deadline."""
    for ahead in range(10, 22):
        book(provider, in_days(ahead, provider=provider), staff=ByStaff(grace))
    assert subjects(send()) == ["Kept for you"] * 12


def test_links_to_pay_keep_no_other_mail_waiting(provider, grace):
    for ahead in range(10, 15):
        book(provider, in_days(ahead, provider=provider), staff=ByStaff(grace))
    many_confirmed(provider, 6)
    assert len(send()) == 5 + 5


def test_another_address_is_not_kept_waiting(provider):
    many_confirmed(provider, 6)
    many_confirmed(provider, 1, email="ann@example.com")
    assert [message.to[0] for message in send()].count("ann@example.com") == 1


def test_capitals_make_no_other_address(provider):
    many_confirmed(provider, 4)
    many_confirmed(provider, 4, email="JO@Example.com")
    assert len(send()) == 5


def test_the_practice_itself_gets_all_of_its_mail(provider, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    many_confirmed(provider, 7)
    assert [message.to for message in send()].count(["desk@practice.example"]) == 7


def test_what_failed_or_was_dropped_does_not_count(provider, mail_server):
    many_confirmed(provider, 6)
    mail_server.append(smtplib.SMTPDataError(451, b"try later"))
    Appointment.objects.order_by("appointment_time").first().cancel(Decimal(0))
    assert len(send()) == 5
    assert len(mails(status="dropped")) == 1


def test_what_a_process_was_sending_when_it_crashed_counts_although_it_is_dropped(provider, time_machine):
    """It may have been sent, so only four more go in that hour."""
    many_confirmed(provider, 1)
    claim_due(timezone.now())
    time_machine.shift(timedelta(minutes=11))
    Appointment.objects.get().cancel(Decimal(0))
    many_confirmed(provider, 5)
    assert (len(send()), len(mails(status="dropped"))) == (4, 1)


@pytest.mark.django_db(transaction=True)
def test_many_ticks_at_once_send_each_mail_once_and_five_in_all(provider, together):
    many_confirmed(provider, 8)
    counts = together(*[lambda: sending.send_due(timezone.now())] * 4)
    assert (sum(counts), Mail.objects.filter(status="sent").count(), len(outbox.outbox)) == (5, 5, 5)
    assert len({message.extra_headers["Message-ID"] for message in outbox.outbox}) == 5


@pytest.mark.django_db(transaction=True)
def test_whoever_sends_to_one_address_waits_for_the_others_and_counts_theirs(provider, meeting, together, monkeypatch):
    """Two processes claim one mail each, of which the second is the sixth to this address."""
    monkeypatch.setattr("booking.mail.claiming.AT_ONCE", 1)
    many_confirmed(provider, 6)
    four = Mail.objects.filter(kind="confirmed").order_by("pk")[:4]
    Mail.objects.filter(pk__in=[mail.pk for mail in four]).update(status="sent", claimed_at=timezone.now())
    meeting.at((Mail, "next_turn"))
    claimed = together(*[partial(claim_due, timezone.now())] * 2)
    assert (sorted(map(len, claimed)), meeting.took_place) == ([0, 1], False)


def test_each_mail_costs_the_same(provider):
    costs = []
    for count, email in [(1, "jo@example.com"), (2, "ann@example.com"), (4, "bea@example.com")]:
        many_confirmed(provider, count, email=email)
        with CaptureQueriesContext(connection) as queries:
            send()
        costs.append(len(queries))
    one, two, four = costs
    assert (two - one, four - two) == (4, 2 * 4)
