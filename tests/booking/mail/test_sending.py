"""Mail: owed in the transaction that makes it true, sent once, and still true when it is sent."""

import re
import smtplib
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core import mail as outbox
from django.db import transaction
from django.utils import timezone

from booking.mail import sending
from booking.models import Appointment, Mail
from booking.templatetags import wording
from tests.factories import in_days, make_appointment, make_provider, make_service

pytestmark = pytest.mark.django_db

CONFIRMED, CHANGED, CANCELLED = "confirmed", "changed", "cancelled"


@pytest.fixture(autouse=True)
def default_rules(settings, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    settings.REMINDER_HOURS, settings.PRACTICE_EMAIL = [24], ""
    settings.PRACTICE_NAME, settings.SITE_URL = "Linden House Practice", "https://practice.example"


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=in_days(5, provider=provider))


def send(later=timedelta(0)):
    """One round of tick's duty; what was sent in it."""
    before = len(outbox.outbox)
    sending.send_due(timezone.now() + later)
    return outbox.outbox[before:]


def subjects(messages):
    return [message.subject.partition(":")[0] for message in messages]


def mails(**facts):
    return list(Mail.objects.filter(**facts).order_by("pk").values_list("kind", "reader", "status"))


@pytest.fixture
def mail_server(monkeypatch):
    """Fails as told, once for each error given; then it accepts."""
    errors = []

    def failing(self, fail_silently=False):
        if errors:
            raise errors.pop(0)
        outbox.outbox.append(self)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", failing)
    return errors


# What is owed, and when


def test_a_confirmed_appointment_owes_a_confirmation_and_a_reminder(held):
    held.confirm()
    assert mails() == [("confirmed", "client", "owed"), ("reminder", "client", "owed")]
    assert subjects(send()) == ["Confirmed"]
    assert mails() == [("confirmed", "client", "sent"), ("reminder", "client", "owed")]


def test_a_free_one_is_confirmed_by_mail_as_well(provider):
    service = make_service(name="Call", price="0.00")
    provider.services.add(service)
    facts = {"provider": provider, "service": service, "appointment_time": in_days(1, provider=provider)}
    Appointment.objects.book(**facts, client_email="jo@example.com")
    assert subjects(send()) == ["Confirmed"]


def test_what_was_not_decided_is_not_owed(held):
    """The mail and what it tells of are one transaction."""
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
    """Nobody would be told, as owing is never done again."""
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
    facts = {"provider": provider, "service": provider.services.get(), "appointment_time": held.appointment_time}
    Appointment.objects.book(**facts, client_email="ann@example.com")
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


# Still true


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
    """The mail server was away until then."""
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
        Mail.objects.enqueue(held, kind, "refund 1", amount="€60.00", reason="cancelled")
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
    """The mail server was away since yesterday."""
    held.confirm()
    send()
    time_machine.move_to(held.appointment_time)
    assert (send(), mails(kind="reminder")) == ([], [("reminder", "client", "dropped")])


# Failing, and trying again


def test_a_mail_server_that_is_away_is_tried_again_ever_later(held, mail_server, time_machine):
    held.confirm()
    waits = []
    for _ in range(8):
        mail_server.append(ConnectionRefusedError())
        assert send() == []
        row = Mail.objects.get(kind="confirmed")
        waits.append(round((row.due_at - timezone.now()).total_seconds() / 60))
        time_machine.move_to(row.due_at)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert subjects(send()) == ["Confirmed"]
    assert (row.last_error, row.status) == ("ConnectionRefusedError", "owed")
    assert Mail.objects.get(kind="confirmed").status == "sent"


def test_one_that_is_not_taken_keeps_no_other_waiting(provider, held, mail_server):
    other = make_appointment(provider=provider, at=in_days(6, provider=provider), email="ann@example.com")
    held.confirm()
    other.confirm()
    mail_server.append(smtplib.SMTPDataError(451, b"try later"))
    assert [message.to for message in send()] == [["ann@example.com"]]


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        smtplib.SMTPServerDisconnected(),
        smtplib.SMTPConnectError(421, b"busy"),
        smtplib.SMTPHeloError(421, b"busy"),
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_while_the_mail_server_is_away_the_others_are_not_even_tried(provider, mail_server, error):
    """Each would wait for it in turn, and the payments with them."""
    many_confirmed(provider, 3)
    mail_server.append(error)
    assert send() == []
    assert list(Mail.objects.filter(kind="confirmed").order_by("pk").values_list("attempts", flat=True)) == [1, 0, 0]


def test_a_mistake_in_our_own_words_is_no_end_either(provider, held, monkeypatch, caplog):
    held.confirm()
    monkeypatch.setattr(sending, "compose", lambda mail: 1 / 0)
    assert send() == []
    assert Mail.objects.get(kind="confirmed").last_error == "ZeroDivisionError"
    assert "ZeroDivisionError" in caplog.text


def test_an_address_that_is_refused_for_good_is_left_alone(held, mail_server, time_machine):
    held.confirm()
    mail_server.append(smtplib.SMTPRecipientsRefused({"jo@example.com": (550, b"no such user")}))
    send()
    time_machine.shift(timedelta(hours=2))
    assert (send(), mails(kind="confirmed")) == ([], [("confirmed", "client", "refused")])


@pytest.mark.parametrize(
    "answer",
    [(451, b"greylisted"), (554, b"your host is not welcome"), (550, b"5.7.1 relaying denied")],
    ids=["for now", "because of us", "not allowed"],
)
def test_an_address_that_is_not_refused_for_good_is_tried_again(held, mail_server, time_machine, answer):
    held.confirm()
    mail_server.append(smtplib.SMTPRecipientsRefused({"jo@example.com": answer}))
    send()
    time_machine.shift(timedelta(minutes=3))
    assert subjects(send()) == ["Confirmed"]


def test_no_log_names_the_client(held, mail_server, caplog):
    held.confirm()
    mail_server.append(smtplib.SMTPRecipientsRefused({"jo@example.com": (550, b"jo@example.com unknown")}))
    send()
    assert "was not sent: SMTPRecipientsRefused" in caplog.text
    assert "jo@example.com" not in caplog.text


def test_one_that_somebody_is_sending_is_left_to_them_and_after_a_crash_sent_again(held, time_machine):
    held.confirm()
    row = Mail.objects.get(kind="confirmed")
    assert row.claim(timezone.now()) is True
    assert send() == []
    time_machine.shift(timedelta(minutes=10))
    (again,) = send()
    assert again.extra_headers["Message-ID"] == row.message_id


def test_killed_after_the_mail_server_took_it_the_repeat_is_the_same_mail(held, monkeypatch, time_machine):
    held.confirm()

    def killed(self, now):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Mail, "record_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            send()
    time_machine.shift(timedelta(minutes=10))
    send()
    first, second = outbox.outbox
    assert first.message()["Message-ID"] == second.message()["Message-ID"]
    assert re.fullmatch(r"<[\w-]{22}@[\w.]+>", str(first.message()["Message-ID"]))


def test_who_saw_it_unclaimed_a_moment_ago_claims_it_no_more(held):
    held.confirm()
    first, second = (Mail.objects.get(kind="confirmed") for _ in range(2))
    assert (first.claim(timezone.now()), second.claim(timezone.now())) == (True, False)


def test_one_that_was_dropped_meanwhile_is_claimed_no_more(held):
    held.confirm()
    seen = Mail.objects.get(kind="confirmed")
    held.cancel(Decimal(0))
    send()
    assert (seen.claim(timezone.now()), mails(kind="confirmed")) == (False, [("confirmed", "client", "dropped")])


def test_whoever_lost_it_to_another_records_nothing(held, time_machine):
    held.confirm()
    slow, other = (Mail.objects.get(kind="confirmed") for _ in range(2))
    slow.claim(timezone.now())
    time_machine.shift(timedelta(minutes=11))
    other.refresh_from_db()
    other.claim(timezone.now())
    in_their_hands = Mail.objects.values().get(pk=slow.pk)
    slow.record_failed(timezone.now(), "TimeoutError")
    assert Mail.objects.values().get(pk=slow.pk) == in_their_hands
    other.record_sent(timezone.now())
    slow.record_failed(timezone.now(), "TimeoutError")
    assert Mail.objects.values_list("status", "last_error", "claimed_at").get(pk=slow.pk) == (
        "sent",
        "",
        timezone.now(),
    )


# Not too many


def many_confirmed(provider, count, email="jo@example.com"):
    first = 10 + Appointment.objects.count()
    for days in range(first, first + count):
        make_appointment(provider=provider, at=in_days(days, provider=provider), email=email).confirm()


def test_one_address_gets_five_an_hour_and_the_rest_later(provider, time_machine):
    many_confirmed(provider, 7)
    assert len(send()) == 5
    time_machine.shift(timedelta(minutes=59))
    assert send() == []
    time_machine.shift(timedelta(minutes=1, seconds=1))
    assert len(send()) == 2


def test_times_that_somebody_else_did_not_pay_for_keep_nobody_waiting(provider, held, time_machine):
    """Whoever types a stranger's address again and again costs them one mail an hour, and none of their own."""
    for ahead in range(10, 22):
        make_appointment(provider=provider, at=in_days(ahead, provider=provider), hold_minutes=-1)
    Appointment.objects.lapse(timezone.now())
    held.confirm()
    assert subjects(send()) == ["Not booked", "Confirmed"]
    time_machine.shift(timedelta(hours=1, seconds=1))
    assert subjects(send()) == ["Not booked"]


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


@pytest.mark.django_db(transaction=True)
def test_many_ticks_at_once_send_each_mail_once_and_five_in_all(provider, together):
    many_confirmed(provider, 8)
    counts = together(*[lambda: sending.send_due(timezone.now())] * 4)
    assert (sum(counts), Mail.objects.filter(status="sent").count(), len(outbox.outbox)) == (5, 5, 5)
    assert len({message.extra_headers["Message-ID"] for message in outbox.outbox}) == 5


@pytest.mark.django_db(transaction=True)
def test_whoever_sends_to_one_address_waits_for_the_others_and_counts_theirs(provider, meeting, together):
    many_confirmed(provider, 6)
    *begun, fifth, sixth = Mail.objects.filter(kind="confirmed").order_by("pk")
    Mail.objects.filter(pk__in=[mail.pk for mail in begun]).update(status="sent", claimed_at=timezone.now())
    meeting.at((Mail, "next_turn"))
    answers = together(*[partial(mail.claim, timezone.now()) for mail in (fifth, sixth)])
    assert (sorted(answers), meeting.took_place) == ([False, True], False)


# Whether at all


def test_without_a_mail_server_nothing_is_claimed(held, settings):
    settings.MAIL_IS_SENT = False
    held.confirm()
    assert (sending.send_due(timezone.now()), mails(kind="confirmed")) == (0, [("confirmed", "client", "owed")])


def test_a_round_costs_the_same_for_each_mail(provider, django_assert_num_queries):
    many_confirmed(provider, 1)
    with django_assert_num_queries(1 + 7):
        send()
    many_confirmed(provider, 3, email="ann@example.com")
    with django_assert_num_queries(1 + 3 * 7):
        send()
