"""If one guard is removed from the code, its test here fails, on SQLite or PostgreSQL or both.

`docs/payments.md` lists all guards, and names the tests of those that are tested in other files.
"""

import pytest
from django.db import IntegrityError, connection, transaction

from booking.models import Appointment, NotMovable, SlotTaken
from payments import checkout, gateway, refunds, settlement
from payments.checkout import AlreadyPaid, NotHeld, open_session
from payments.models import Payment, Refund, WebhookEvent
from payments.sandbox.models import StripeObject
from payments.settlement import settle
from tests.factories import book, in_days, make_appointment
from tests.meeting import answer_of
from tests.payments.standing import session_at_stripe, state_of

# Row locks


def test_clients_of_one_provider_queue_before_they_look_whether_the_time_is_free(provider, meeting, together):
    at = in_days(3, provider=provider)
    meeting.at((Appointment, "begin"))
    answers = together(*[answer_of(lambda: book(provider, at).status, SlotTaken)] * 2)
    assert (sorted(answers), meeting.took_place) == (["SlotTaken", "held"], False)


def test_who_settles_a_late_payment_keeps_others_from_its_time(provider, held, pay, meeting, together):
    payment = pay(held)
    Appointment.objects.filter(pk=held.pk).update(status="expired", hold_expires_at=None)
    meeting.at((Appointment, "begin"), (settlement, "confirm_or_find_problem"))
    booking = answer_of(lambda: book(provider, held.appointment_time, email="ann@example.com").status, SlotTaken)
    together(lambda: settle(payment), booking)
    assert meeting.took_place is False


def test_whoever_moves_an_appointment_queues_before_looking_whether_the_time_is_free(provider, meeting, together):
    both = [make_appointment(provider=provider, at=in_days(days, provider=provider)) for days in (3, 4)]
    to = in_days(5, provider=provider)

    def mover(appointment):
        return answer_of(lambda: appointment.reschedule(to) or "moved", SlotTaken, NotMovable)

    meeting.at((Appointment, "_take_time"))
    answers = together(*[mover(appointment) for appointment in both])
    assert (sorted(answers), meeting.took_place) == (["SlotTaken", "moved"], False)


def test_pay_pressed_in_two_tabs_makes_one_row(held, meeting, together):
    meeting.at((checkout, "session_params"))
    first, second = together(*[lambda: open_session(held)] * 2)
    assert (first, meeting.took_place) == (second, False)


def test_no_session_is_opened_while_a_payment_is_being_settled(held, pay, meeting, together):
    """The payment counts as failed, as Stripe did not know it for a moment: only the lock prevents a new session."""
    payment = pay(held)
    Payment.objects.update(status="failed", problem="unknown")
    meeting.at((settlement, "confirm_or_find_problem"), (checkout, "session_params"))
    together(lambda: settle(payment), answer_of(lambda: open_session(held), NotHeld, AlreadyPaid))
    assert meeting.took_place is False


def test_nobody_returns_money_of_a_payment_that_is_being_settled(held, pay, meeting, together):
    payment = pay(held)
    meeting.at((settlement, "confirm_or_find_problem"), (refunds, "owe"))
    together(lambda: settle(payment), answer_of(lambda: refunds.return_money(payment, 1000), refunds.MoreThanIsLeft))
    assert meeting.took_place is False


def test_two_of_staff_look_one_after_the_other_at_what_is_left(paid, meeting, together):
    meeting.at((refunds, "owe"))
    decide = answer_of(lambda: refunds.return_money(paid, 4000) or "returned", refunds.MoreThanIsLeft)
    answers = together(decide, decide)
    assert (sorted(answers), meeting.took_place) == (["MoreThanIsLeft", "returned"], False)


def test_a_client_who_cancels_waits_for_staff_who_are_returning_money(paid, held, meeting, together):
    appointment = Appointment.objects.get(pk=held.pk)
    meeting.at((refunds, "owe"))
    together(appointment.cancel, answer_of(lambda: refunds.return_money(paid, 1000), refunds.MoreThanIsLeft))
    assert (paid.amount_refundable, meeting.took_place) == (0, False)


# Unique constraints


def another_awaited(payment):
    Payment.objects.create(**facts_of(payment, status="open"))


def same_session(payment):
    Payment.objects.create(**facts_of(payment, checkout_session_id=payment.checkout_session_id))


def same_key(payment):
    Payment.objects.create(**facts_of(payment, idempotency_key=payment.idempotency_key))


def same_attempt(payment):
    refund(payment, attempt=1, idempotency_key="another")


def same_refund_key(payment):
    refund(payment, attempt=2, idempotency_key="refund-1")


def same_refund_of_stripes(payment):
    refund(payment, attempt=2, idempotency_key="another", refund_id="re_1")


def same_automatic_reason(payment):
    refund(payment, attempt=2, idempotency_key="another", reason="cancelled")


def same_event(payment):
    WebhookEvent.objects.create(event_id="evt_1", type="refund.created", object_id="re_1", livemode=False)


def same_reference(payment):
    held = payment.appointment
    make_appointment(provider=held.provider, at=in_days(5, provider=held.provider), reference=held.reference)


def facts_of(payment, **changes):
    facts = {"appointment": payment.appointment, "status": "expired", "amount": 6000, "currency": "eur", "params": {}}
    return {**facts, "expires_at": payment.expires_at, **changes}


def refund(payment, **facts):
    Refund.objects.create(**{"payment": payment, "amount": 100, "reason": "staff", **facts})


@pytest.mark.parametrize(
    "second",
    [
        another_awaited,
        same_session,
        same_key,
        same_attempt,
        same_refund_key,
        same_refund_of_stripes,
        same_automatic_reason,
        same_event,
        same_reference,
    ],
)
def test_the_database_refuses_a_second(held, second):
    payment = open_session(held)
    refund(payment, attempt=1, idempotency_key="refund-1", refund_id="re_1", reason="cancelled")
    WebhookEvent.objects.create(event_id="evt_1", type="refund.created", object_id="re_1", livemode=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        second(payment)


# The three steps of opening a session


class Killed(BaseException):
    """Nothing catches this exception, as nothing catches SIGKILL."""


def killed_while_opening(monkeypatch, held, *, then=lambda: None):
    """Let Stripe open the session, and kill the process before it hears of that.

    Return whether a transaction was open, and how many seconds the hold outlasts the session. `then` is called before
    the process dies.
    """
    create, seen = gateway.create_session, []

    def die(*args):
        session = create(*args)
        outlasts = state_of(held).row.hold_expires_at - session.expires_at
        seen.append((connection.in_atomic_block, outlasts.total_seconds()))
        then()
        raise Killed

    monkeypatch.setattr(gateway, "create_session", die)
    with pytest.raises(Killed):
        open_session(held)
    monkeypatch.setattr(gateway, "create_session", create)
    return seen.pop()


def test_before_stripe_is_called_the_call_is_saved_and_the_time_kept(held, monkeypatch):
    in_transaction, kept_for = killed_while_opening(monkeypatch, held)
    assert (in_transaction, kept_for) == (False, 120)
    assert open_session(held).checkout_session_id == StripeObject.objects.get(type="checkout.session").pk
    assert Payment.objects.count() == 1


def test_a_time_given_back_while_stripe_is_called_cannot_be_paid(held, monkeypatch):
    create = gateway.create_session

    def meanwhile(*args):
        Appointment.objects.get(pk=held.pk).cancel()
        return create(*args)

    monkeypatch.setattr(gateway, "create_session", meanwhile)
    with pytest.raises(NotHeld):
        open_session(held)
    payment = Payment.objects.get()
    assert (payment.status, session_at_stripe(payment).status) == ("expired", "expired")


# Closing a session


def test_a_session_that_can_no_longer_be_expired_is_asked_about_and_its_money_goes_back(held, pay):
    """The client paid in one tab and gave the time back in another, and no webhook told us of the payment."""
    payment = pay(held)
    held.cancel()
    assert state_of(held).payments == [("paid", "time gone")]
    assert [(refund.amount, refund.status) for refund in payment.refunds.all()] == [(6000, "succeeded")]
