"""Whoever waits has been told of a time once the mail has gone, and it goes only if the time can still be had then."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from booking.mail import sending
from booking.models import Mail, WaitingEntry, WaitingOffer
from booking.schedule import telling
from tests.booking.clock import dublin
from tests.booking.waiting import fill, make_provider_of_one_hour, take_tuesday, tick, told, wait
from tests.factories import make_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

BEFORE_IT_IS_TAKEN_BACK, AFTERWARDS = [("wendy", "10:00")], []


@pytest.fixture
def provider():
    return make_provider_of_one_hour()


@pytest.fixture
def taken(provider):
    return take_tuesday(provider)


def write_down():
    """It is somebody's turn, but the mail server is away."""
    telling.see_to_who_waits(timezone.now())


def send():
    """Send what is owed, and return to whom mails about a freed time have gone so far."""
    cache.clear()
    sending.send_due(timezone.now())
    return [message.to[0] for message in outbox.outbox if message.subject.startswith("Free: ")]


def own_appointment(provider, day=5, email="wendy@example.com"):
    return make_appointment(provider=provider, at=dublin(day, "10:00"), status="confirmed", price=0, email=email)


def earlier_than(own):
    return WaitingEntry.objects.ask_for_earlier(own, dublin(3, "00:00"), timezone.now())


def had_mails(email, count=5):
    """That address had so many mails just now, of which five an hour are the most."""
    now = timezone.now()
    sent = {"kind": "links", "reader": "client", "status": "sent", "sequence": 0, "created_at": now, "claimed_at": now}
    for number in range(count):
        Mail.objects.create(address=email, occasion=f"{number}", due_at=now, first_due_at=now, sent_at=now, **sent)


# A mail that does not go


def test_whose_mail_was_dropped_is_told_when_the_time_frees_again(provider, taken):
    entry = wait(provider)
    taken.cancel()
    write_down()
    second = make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed", price=0)
    assert (send(), told()) == ([], [])
    second.cancel()
    assert ([message.to for message in tick()], told()) == ([["wendy@example.com"]], [("wendy", "10:00")])
    entry.refresh_from_db()
    assert (entry.times_told, entry.told_at) == (1, timezone.now())


def test_mails_that_were_dropped_end_nothing(provider, time_machine):
    entry = wait(provider, until=dublin(30, "00:00"))
    for day in range(2, 9):
        write_down()
        fill(provider, day)
        assert send() == []
    entry.refresh_from_db()
    assert (entry.state, entry.times_told) == ("waiting", 0)


def test_the_next_one_is_told_only_half_an_hour_after_the_mail_before_has_gone(provider, taken, time_machine):
    """While the mail server is away nobody else is told, or both would read of the time at once."""
    wait(provider, email="ann@example.com")
    wait(provider, email="bob@example.com")
    taken.cancel()
    for _ in range(3):
        write_down()
        time_machine.shift(timedelta(minutes=31))
    assert [told(), send()] == [[("ann", "10:00")], ["ann@example.com"]]
    time_machine.shift(timedelta(minutes=29))
    write_down()
    assert send() == ["ann@example.com"]
    time_machine.shift(timedelta(minutes=1))
    write_down()
    assert send() == ["ann@example.com", "bob@example.com"]


def test_who_is_still_to_be_told_of_one_time_keeps_nobody_from_another(provider, taken):
    """Ann's mail about Tuesday is owed. Wednesday, for which she waits as well, is told to Bob."""
    wednesday = make_appointment(provider=provider, at=dublin(3, "10:00"), status="confirmed", price=0)
    wait(provider, email="ann@example.com", until=dublin(4, "00:00"))
    wait(provider, email="bob@example.com", day=3)
    taken.cancel()
    write_down()
    wednesday.cancel()
    write_down()
    assert send() == ["ann@example.com", "bob@example.com"]


def test_an_address_that_the_mail_server_refuses_keeps_nobody_waiting(provider, taken, monkeypatch):
    gone, _ = wait(provider, email="gone@example.com"), wait(provider, email="bob@example.com")
    taken.cancel()
    write_down()
    with monkeypatch.context() as patched:
        refused = SMTPRecipientsRefused({"gone@example.com": (550, b"no such mailbox")})
        patched.setattr("django.core.mail.EmailMultiAlternatives.send", lambda message: (_ for _ in ()).throw(refused))
        assert send() == []
    gone.refresh_from_db()
    assert (gone.ending, told()) == ("no address", [])
    write_down()
    assert send() == ["bob@example.com"]


# In order


def test_who_has_had_enough_mail_for_an_hour_is_passed_over_and_told_in_turn_afterwards(provider, taken, time_machine):
    had_mails("ann@example.com")
    wait(provider, email="ann@example.com")
    wait(provider, email="bob@example.com")
    taken.cancel()
    went = []
    for minutes in (0, 31, 30):
        time_machine.shift(timedelta(minutes=minutes))
        went.append([message.to[0] for message in tick()])
    assert went == [["bob@example.com"], [], ["ann@example.com"]]


# What must be true when it goes


def time_off_came(provider, own):
    fill(provider)


def provider_left(provider, own):
    type(provider).objects.update(active=False)


def service_withdrawn(provider, own):
    provider.services.clear()


def own_was_cancelled(provider, own):
    own.cancel()


def own_was_moved_earlier(provider, own):
    fill(provider, 3).delete()
    own.reschedule(dublin(2, "10:00"))


def address_was_removed(provider, own):
    own.correct(User.objects.create(username="grace"), client_email="", client_phone="+353871234567")


@pytest.mark.parametrize(
    "changed",
    [time_off_came, provider_left, service_withdrawn, own_was_cancelled, own_was_moved_earlier, address_was_removed],
)
def test_no_mail_says_that_a_time_is_free_which_they_cannot_have_by_now(provider, taken, changed):
    own = own_appointment(provider)
    earlier_than(own)
    taken.cancel()
    write_down()
    assert told() == BEFORE_IT_IS_TAKEN_BACK
    changed(provider, own)
    assert (send(), told()) == ([], AFTERWARDS)
    assert Mail.objects.get(kind="time freed").status == "dropped"


def test_who_has_booked_another_such_time_gets_no_mail_that_waited(provider, taken):
    wait(provider, until=dublin(4, "00:00"))
    taken.cancel()
    write_down()
    make_appointment(provider=provider, at=dublin(3, "10:00"), status="confirmed", price=0, email="wendy@example.com")
    assert send() == []


def test_a_mail_that_waited_until_the_night_goes_in_the_morning(provider, taken, time_machine, settings):
    settings.TIME_ZONE = "Europe/Dublin"
    wait(provider, until=dublin(30, "00:00"))
    write_down()
    time_machine.move_to(dublin(1, "23:30"), tick=False)
    assert send() == []
    write_down()
    assert told() == []
    time_machine.move_to(dublin(2, "08:00"), tick=False)
    write_down()
    assert send() == ["wendy@example.com"]


# Whose mailbox it is


def test_a_mail_without_anybody_to_send_it_to_is_not_recorded_as_sent(provider, monkeypatch):
    entry = wait(provider)
    entry.owe(Mail.Kind.TIME_FREED, offer="1")
    with monkeypatch.context() as patched:
        patched.setattr(sending, "is_still_true", lambda mail, now: True)
        patched.setattr(sending, "compose", lambda mail: EmailMultiAlternatives("Free: ", to=[""]))
        assert (send(), Mail.objects.get().status) == ([], "dropped")


def test_who_has_no_address_waits_for_nothing(provider, taken):
    entry = wait(provider, email="")
    taken.cancel()
    assert tick() == []
    entry.refresh_from_db()
    assert (entry.ending, told()) == ("no address", [])


def test_who_waits_twice_is_told_once_though_one_address_was_corrected(provider, taken, time_machine):
    own = own_appointment(provider, email="wndy@example.com")
    entry = earlier_than(own)
    own.correct(User.objects.create(username="grace"), client_email="wendy@example.com")
    wait(provider)
    taken.cancel()
    for _ in range(2):
        write_down()
        send()
        time_machine.shift(timedelta(minutes=31))
    entry.refresh_from_db()
    assert (send(), entry.mailbox) == (["wendy@example.com"], "wendy@example.com")


def test_a_corrected_address_brings_no_second_mail_about_the_same_time(provider, taken, time_machine):
    own = own_appointment(provider, email="old@example.com")
    earlier_than(own)
    taken.cancel()
    tick()
    own.correct(User.objects.create(username="grace"), client_email="new@example.com")
    time_machine.shift(timedelta(minutes=31))
    assert (tick(), told()) == ([], [("old", "10:00")])


def test_a_mail_that_waits_goes_to_the_corrected_address(provider, taken):
    own = own_appointment(provider, email="wndy@example.com")
    earlier_than(own)
    taken.cancel()
    write_down()
    own.correct(User.objects.create(username="grace"), client_email="wendy@example.com")
    assert Mail.objects.get(kind="time freed").address == "wendy@example.com"
    assert send() == ["wendy@example.com"]


def test_where_the_address_was_removed_nobody_waits_any_more(provider, taken):
    own = own_appointment(provider)
    entry = earlier_than(own)
    own.correct(User.objects.create(username="grace"), client_email="", client_phone="+353871234567")
    entry.refresh_from_db()
    assert (entry.state, entry.ending) == ("ended", "no address")


def test_nobody_is_told_of_one_time_twice_though_what_ended_is_forgotten_after_thirty_days(
    provider, time_machine, settings
):
    settings.HORIZON_DAYS = 90
    day = dublin(2, "00:00").replace(month=8)
    entry = wait(provider, since=day, until=day + timedelta(days=1))
    assert len(tick()) == 1
    entry.end(entry.Ending.BY_OWNER, timezone.now())
    time_machine.shift(timedelta(days=31))
    wait(provider, since=day, until=day + timedelta(days=1))
    assert tick() == []
    time_machine.shift(timedelta(days=32))
    tick()
    assert (WaitingEntry.objects.filter(pk=entry.pk).exists(), WaitingOffer.objects.count()) == (False, 0)
