"""manage.py tick lapses holds and settles payments, once or until it is stopped, alone or beside others."""

import os
import signal
import subprocess
import sys
import time
from itertools import groupby

import pytest
from django.core.management import call_command
from django.utils import timezone

from booking import claims
from booking.models import Appointment, Mail
from payments import gateway
from payments.checkout import open_session
from payments.gateway import StripeUnavailable
from payments.models import Payment
from tests.factories import in_days, make_appointment
from tests.payments.standing import state_of
from tests.payments.ticking import give_everything_its_turn, later_tick


def test_it_lapses_holds_that_ran_out_and_no_others(provider, held):
    late = make_appointment(provider=provider, at=in_days(4, provider=provider), hold_minutes=-1)
    sure = make_appointment(provider=provider, at=in_days(5, provider=provider), status="confirmed")
    call_command("tick")
    assert [state_of(one).status for one in (held, late, sure)] == ["held", "expired", "confirmed"]


def test_it_changes_nothing_when_nothing_is_owed(held, pay):
    pay(held, webhook=True)
    call_command("tick")
    before = list(Payment.objects.values())
    call_command("tick")
    assert list(Payment.objects.values()) == before


def test_several_at_once_settle_once(held, pay, together):
    pay(held)
    give_everything_its_turn()
    together(*[lambda: call_command("tick")] * 4)
    assert (state_of(held).status, state_of(held).payments) == ("confirmed", [("paid", "")])


def test_stripe_out_of_reach_does_not_keep_holds_from_lapsing(provider, held, stripe_down):
    open_session(held)
    late = make_appointment(provider=provider, at=in_days(4, provider=provider), hold_minutes=-1)
    stripe_down()
    later_tick()
    assert (state_of(late).status, state_of(held).payments) == ("expired", [("open", "")])


def test_a_round_without_its_database_ends_at_once_and_says_so_in_a_line(provider, postgres_away, caplog):
    """Each further duty would wait for a connection as well, for a minute in all, and a tick must end when told to."""
    call_command("tick")
    assert [(line.name, line.levelname, line.exc_info) for line in caplog.records] == [
        ("payments.tick", "WARNING", None)
    ]
    assert caplog.messages == ["The database is away, so this round ends."]


def test_a_round_that_found_something_begins_again_at_once(provider, monkeypatch):
    monkeypatch.setattr("booking.models.appointment.lifecycle.IN_ONE_TRANSACTION", 1)
    late = [make_appointment(provider=provider, at=in_days(day, provider=provider), hold_minutes=-1) for day in (4, 5)]
    call_command("tick")
    assert [state_of(one).status for one in late] == ["expired", "expired"]


def test_however_many_mails_are_owed_a_payment_waits_only_for_some(provider, held, monkeypatch, settings):
    """While a mail is sent a payment's turn comes: it is asked about before the mails of the next round are sent."""
    settings.DATABASE_POOL = 1
    monkeypatch.setattr(claims, "ROUND_SECONDS", 0)
    open_session(held)
    for day in range(4, 10):
        at = in_days(day, provider=provider)
        confirmed = make_appointment(provider=provider, at=at, status="confirmed", email=f"{day}@example.com")
        Mail.objects.enqueue(confirmed, Mail.Kind.CONFIRMED)
    done = []

    def send(mail, **kwargs):
        done.append("mail")
        give_everything_its_turn()

    def ask(*args):
        done.append("payment")
        raise StripeUnavailable

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", send)
    monkeypatch.setattr(gateway, "retrieve_session", ask)
    give_everything_its_turn()
    call_command("tick")
    in_turn = [(what, len(list(times))) for what, times in groupby(done)]
    assert in_turn == [("payment", 1), ("mail", claims.AT_ONCE), ("payment", 1), ("mail", 2), ("payment", 1)]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_every_goes_round_until_it_is_stopped(provider, database_url, stop):
    """A second hold lapses in a later round, so that the loop is surely running when the signal comes."""
    late, later = (make_appointment(provider=provider, at=in_days(day, provider=provider)) for day in (4, 5))
    command = [sys.executable, "manage.py", "tick", "--every", "0.1"]
    environment = {**os.environ, "DATABASE_URL": database_url}
    ticking = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        for appointment in (late, later):
            Appointment.objects.filter(pk=appointment.pk).update(hold_expires_at=timezone.now())
            wait_until_expired(appointment)
    finally:
        ticking.send_signal(stop)
        _, said = ticking.communicate(timeout=60)
    assert (ticking.returncode, "Traceback" in said) == (0, False)


def wait_until_expired(appointment):
    deadline = time.monotonic() + 60
    while state_of(appointment).status != "expired":
        assert time.monotonic() < deadline
        time.sleep(0.05)
