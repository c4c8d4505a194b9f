"""Each mail is sent once, though a mail server fails, an address is refused or a process dies."""

import re
import smtplib
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from booking.mail import sending
from booking.mail.claiming import claim_due
from booking.models import Mail
from tests.booking.mail.outbox import mails, many_confirmed, send, subjects
from tests.factories import in_days, make_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("practice_rules")]


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
    """Each of them would wait for its answer, and tick would come late to the payments."""
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
    [row] = claim_due(timezone.now())
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


def test_one_that_is_claimed_is_claimed_by_nobody_else(held):
    held.confirm()
    mail = Mail.objects.get(kind="confirmed")
    assert (claim_due(timezone.now()), claim_due(timezone.now())) == ([mail], [])


def test_one_that_was_not_tried_is_as_if_nobody_had_claimed_it(held):
    held.confirm()
    before = Mail.objects.values().get(kind="confirmed")
    [mail] = claim_due(timezone.now())
    mail.release()
    assert Mail.objects.values().get(kind="confirmed") == before


def test_whoever_lost_it_to_another_records_nothing(held, time_machine):
    held.confirm()
    [slow] = claim_due(timezone.now())
    time_machine.shift(timedelta(minutes=11))
    [other] = claim_due(timezone.now())
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
