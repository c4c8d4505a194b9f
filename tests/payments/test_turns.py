"""tick asks Stripe about each thing often enough and not too often, a few at once, and stops when Stripe says so."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import stripe
from django.core.management import call_command
from django.utils import timezone

from booking import claims
from booking.models import Appointment
from payments import gateway, ledger, reconciliation, refunds, turns
from payments.checkout import open_session, save_before_opening, settle_due
from payments.gateway import StripeUnavailable
from payments.models import Payment, Refund, WebhookEvent
from tests.factories import in_days, make_appointment
from tests.payments.ticking import give_everything_its_turn

ROUND = timedelta(seconds=10)


@pytest.fixture
def asked(monkeypatch):
    """Once the test has called this, Stripe does not answer. The call returns a list that grows by each question."""
    asked = []

    def no_answer(call):
        def ask(*args):
            asked.append((call, timezone.now()))
            raise StripeUnavailable

        return ask

    def fall_silent():
        for call in ("create_session", "retrieve_session", "expire_session", "create_refund", "read_money"):
            monkeypatch.setattr(gateway, call, no_answer(call))
        return asked

    return fall_silent


def rounds(duty, time_machine, *, since, minutes, apart=ROUND):
    """Call `duty`, one part of a tick, every ten seconds for so many minutes, as tick does."""
    for number in range(int(timedelta(minutes=minutes) / apart)):
        time_machine.move_to(since + number * apart, tick=False)
        duty(timezone.now())


def in_each_minute(asked, since):
    counts = Counter(int((at - since) / timedelta(minutes=1)) for _, at in asked)
    return [counts[minute] for minute in range(max(counts, default=-1) + 1)]


def test_an_open_session_is_asked_about_often_at_first_and_near_its_end_and_seldom_between(held, time_machine, asked):
    payment = open_session(held)
    asked = asked()
    begun = payment.asked_at
    Payment.objects.update(created_at=begun, expires_at=begun + timedelta(minutes=35))
    Appointment.objects.update(hold_expires_at=begun + timedelta(hours=2))
    rounds(settle_due, time_machine, since=begun, minutes=40)
    assert in_each_minute(asked, begun) == [5, 6, *[1] * 31, 6, 6, 6, 6, *[1] * 3]


def a_refund_under_way(payment):
    Refund.objects.create(payment=payment, attempt=1, amount=100, reason="staff", status="pending", refund_id="re_1")


def a_dispute(payment):
    Payment.objects.update(dispute="needs_response")


def an_inquiry(payment):
    Payment.objects.update(dispute="warning_needs_response")


@pytest.mark.parametrize("slow", [a_refund_under_way, a_dispute, an_inquiry])
def test_what_takes_days_is_asked_about_hourly(paid, time_machine, asked, slow):
    slow(paid)
    begun = paid.asked_at
    asked = asked()
    rounds(reconciliation.reconcile_due, time_machine, since=begun, minutes=181, apart=timedelta(minutes=1))
    assert [(call, at - begun) for call, at in asked] == [("read_money", timedelta(hours=hour)) for hour in (1, 2, 3)]


def a_refund_to_send(payment, now):
    refund = Refund.objects.create(payment=payment, attempt=1, amount=100, reason="staff")
    Refund.objects.filter(pk=refund.pk).update(created_at=now)
    return refunds.send_due


def a_payment_not_read(payment, now):
    Payment.objects.update(dispute=Payment.NOT_READ, paid_at=now)
    return reconciliation.reconcile_due


def a_session_to_close(payment, now):
    Payment.objects.update(status="open")
    Appointment.objects.update(status="cancelled", cancelled_at=now)
    return settle_due


def an_event_to_process(payment, now):
    about = {"type": "refund.created", "object_id": "re_1", "payment_intent_id": payment.payment_intent_id}
    WebhookEvent.objects.create(event_id="evt_1", livemode=False, **about)
    WebhookEvent.objects.update(received_at=now, asked_at=now)
    return ledger.process_due


@pytest.mark.parametrize("owe", [a_refund_to_send, a_payment_not_read, a_session_to_close, an_event_to_process])
def test_while_stripe_is_away_what_is_owed_is_tried_often_and_then_seldom(paid, time_machine, asked, owe):
    now = timezone.now()
    Payment.objects.update(created_at=now - timedelta(hours=1), paid_at=now - timedelta(hours=1), asked_at=now)
    duty = owe(paid, now)
    asked = asked()
    rounds(duty, time_machine, since=now, minutes=6)
    assert in_each_minute(asked, now) == [5, 6, 1, 1, 1, 1]


def test_while_stripe_is_away_an_opening_is_finished_not_before_a_minute_and_then_seldom(held, time_machine, asked):
    saved = save_before_opening(held)
    asked = asked()
    rounds(settle_due, time_machine, since=saved.created_at, minutes=6)
    assert in_each_minute(asked, saved.created_at) == [0, 6, 1, 1, 1, 1]


# Two ticks, and many rows


def test_one_tick_right_after_another_asks_nothing(held, asked):
    open_session(held)
    asked = asked()
    give_everything_its_turn()
    for _ in range(2):
        call_command("tick")
    assert [call for call, _ in asked] == ["retrieve_session"]


def test_of_two_ticks_one_after_the_other_only_the_first_takes_a_turn(held):
    open_session(held)
    give_everything_its_turn()
    one, other = (turns.claim_turns(Payment.objects.to_ask_about(timezone.now())) for _ in range(2))
    assert (len(one), other) == (1, [])


def test_ticks_at_the_same_moment_ask_once(held, asked, together):
    open_session(held)
    asked = asked()
    give_everything_its_turn()
    together(*[lambda: settle_due(timezone.now())] * 4)
    assert [call for call, _ in asked] == ["retrieve_session"]


@pytest.fixture
def many(provider):
    """Six open payments, oldest first, about which Stripe is to be asked."""
    days = range(3, 9)
    held = [make_appointment(provider=provider, at=in_days(day, provider=provider)) for day in days]
    payments = [open_session(appointment) for appointment in held]
    give_everything_its_turn()
    return payments


def test_a_slow_answer_does_not_keep_the_others_waiting(many, monkeypatch):
    """The first question is answered only when all the others were asked."""
    others, retrieve, waited = threading.Semaphore(0), gateway.retrieve_session, []

    def slow_for_the_first(session_id):
        if session_id == many[0].checkout_session_id:
            waited.extend(others.acquire(timeout=10) for _ in many[1:])
        else:
            others.release()
        return retrieve(session_id)

    monkeypatch.setattr(gateway, "retrieve_session", slow_for_the_first)
    assert settle_due(timezone.now()) == len(many)
    assert waited == [True] * (len(many) - 1)


def test_a_few_are_asked_about_at_once_and_not_too_many_a_second(many, monkeypatch):
    at_once, most, lock = [], [], threading.Lock()
    first_ones = threading.Barrier(claims.AT_ONCE)

    def count(session_id):
        with lock:
            at_once.append(session_id)
            most.append(len(at_once))
            is_first = len(most) <= claims.AT_ONCE
        if is_first:
            first_ones.wait(timeout=30)
        time.sleep(0.05)
        at_once.remove(session_id)
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "retrieve_session", count)
    begun = time.monotonic()
    settle_due(timezone.now())
    # Four are asked about at once, and the last two of six wait for their turn.
    assert (max(most), len(most)) == (claims.AT_ONCE, len(many))
    assert time.monotonic() - begun > 2 * claims.AT_ONCE / turns.ROWS_A_SECOND


def test_with_few_database_connections_it_takes_one_after_the_other(many, monkeypatch, settings):
    settings.DATABASE_POOL = 1
    threads = set()

    def note(session_id):
        threads.add(threading.current_thread())
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "retrieve_session", note)
    assert (settle_due(timezone.now()), threads) == (len(many), {threading.current_thread()})


def test_a_round_ends_and_the_next_one_begins_with_what_has_waited_longest(many, monkeypatch):
    monkeypatch.setattr(claims, "ROUND_SECONDS", 0.1)
    asked = []

    def slow(session_id):
        asked.append(session_id)
        time.sleep(0.2)
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "retrieve_session", slow)
    assert settle_due(timezone.now()) == claims.AT_ONCE
    assert settle_due(timezone.now()) == len(many) - claims.AT_ONCE
    assert sorted(asked[-2:]) == sorted(payment.checkout_session_id for payment in many[-2:])


# Asked too often


class Answer:
    """Counts the calls to Stripe, and answers them itself with `status` and `code`; if that is 200, Stripe answers."""

    def __init__(self, monkeypatch):
        self.asked = 0
        self.status, self.code = 200, ""
        self.request = stripe.RequestsClient.request
        monkeypatch.setattr(stripe.RequestsClient, "request", self.instead())

    def instead(self):
        def request(client, *args, **kwargs):
            self.asked += 1
            if self.status == 200:
                return self.request(client, *args, **kwargs)
            error = f'{{"error": {{"type": "invalid_request_error", "code": "{self.code}", "message": "Slow down"}}}}'
            return error, self.status, {}

        return request


@pytest.fixture
def answer(monkeypatch):
    return Answer(monkeypatch)


def test_asked_too_often_it_stops_concludes_nothing_and_goes_on_after_a_rest(many, answer, time_machine):
    answer.status, answer.code = 429, "rate_limit"
    call_command("tick")
    assert 1 <= answer.asked <= claims.AT_ONCE
    assert set(Payment.objects.values_list("status", "problem")) == {("open", "")}
    answer.status, answer.asked = 200, 0
    call_command("tick")
    assert answer.asked == 0
    time_machine.move_to(timezone.now() + timedelta(seconds=turns.REST_SECONDS + 1))
    call_command("tick")
    assert answer.asked == len(many)


def test_one_object_that_another_call_is_busy_with_does_not_stop_the_rest(many, answer):
    answer.status, answer.code = 429, "lock_timeout"
    call_command("tick")
    assert answer.asked == len(many)
    assert set(Payment.objects.values_list("status", "problem")) == {("open", "")}


def test_asked_too_often_while_a_client_waits_is_like_no_answer(held, answer):
    payment = open_session(held)
    answer.status, answer.code = 429, "rate_limit"
    with pytest.raises(StripeUnavailable):
        gateway.retrieve_session(payment.checkout_session_id)
