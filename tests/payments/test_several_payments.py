"""A deposit and the rest by link are two payments of one appointment: what may happen to one while the other stands."""

from decimal import Decimal

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from payments import checkout, gateway, refunds
from payments.audit import audit
from payments.checkout import open_session
from payments.dues import Due
from payments.models import Payment, Refund
from payments.settlement import settle
from tests.cards import DISPUTED
from tests.factories import make_payment
from tests.pages import form_of
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.standing import refunds_at_stripe, refunds_of
from tests.payments.test_rest import asked, grace, held, now, pay, rest_paid, take
from tests.staff import logged_in, somebody

__all__ = ["asked", "grace", "held", "pay", "rest_paid"]  # fixtures
MISMATCH = Payment.Problem.MISMATCH


def wrong():
    return list(audit(timezone.now()))


def test_what_a_bank_has_taken_back_is_not_promised_again_and_the_deposit_goes_back(asked, paid):
    rest = open_session(now(asked))
    PayPage(rest.url).pay(number=DISPUTED)
    settle(rest)
    [dispute] = gateway.client().v1.disputes.list().data
    losing = {"evidence": {"uncategorized_text": "losing_evidence"}}
    gateway.client().v1.disputes.update(dispute.id, params=losing)
    rest.refresh_from_db()
    refunds.reconcile(rest)
    promised = now(asked).refund_at(timezone.now())
    Client().post(f"/appointments/{asked.reference}/cancel/", {"refund": str(promised)})
    assert (promised, now(asked).status) == (20, "cancelled")
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("cancelled", 2000, "succeeded")], [(2000, "succeeded")])
    assert wrong() == []


@pytest.mark.parametrize("role", ["Owner", "Reception"])
def test_a_page_from_before_the_rest_was_paid_cancels_nothing(asked, pay, role):
    staff = logged_in(somebody(role, name="olive"))
    address = f"/staff/appointments/{asked.pk}/cancel/"
    shown = form_of(staff.get(address).content.decode())
    settle(pay(asked))
    answer = staff.post(address, {**shown, "refund": "20.00"})
    assert (answer.status_code, now(asked).status) == (409, "confirmed")


def test_a_session_of_an_older_release_that_asked_for_the_whole_price_confirms_nothing(held, monkeypatch):
    monkeypatch.setattr("payments.sandbox.webhooks.post", lambda event: "dropped")
    with monkeypatch.context() as older:
        older.setattr(checkout, "due_now", lambda appointment: Due(appointment.price))
        payment = open_session(now(held))
    PayPage(payment.url).pay()
    settle(payment)
    payment.refresh_from_db()
    assert (payment.problem, payment.amount_captured, now(held).status) == (MISMATCH, 6000, "held")


def mismatched(appointment, **facts):
    """A payment of less than was asked for has come."""
    return make_payment(
        appointment, **{"amount_captured": 3000, "problem": MISMATCH, "paid_at": timezone.now(), **facts}
    )


def test_a_rest_that_is_not_what_was_asked_for_is_not_paid_again_until_all_of_it_is_returned(asked):
    other = mismatched(asked, amount=4000, is_rest=True)
    for amount in (1000, 2000):
        with pytest.raises(checkout.AlreadyPaid):
            open_session(now(asked))
        refunds.owe(other, amount, Refund.Reason.BY_HAND)
    assert open_session(now(asked)).amount == 4000


def test_what_confirms_nothing_is_not_paid_again_until_all_of_it_is_returned(held):
    other = mismatched(held, amount=2000)
    with pytest.raises(checkout.AlreadyPaid):
        open_session(now(held))
    refunds.owe(other, 3000, Refund.Reason.BY_HAND)
    assert open_session(now(held)).amount == 2000


def test_without_any_money_it_is_paid_again_once_staff_ask_for_it_again(asked, grace):
    mismatched(asked, amount=4000, amount_captured=0, is_rest=True)
    with pytest.raises(checkout.AlreadyPaid):
        open_session(now(asked))
    now(asked).ask_for_rest(grace)
    assert open_session(now(asked)).amount == 4000


def test_without_any_money_it_is_paid_again_once_staff_give_another_deadline(held, grace):
    mismatched(held, amount=2000, amount_captured=0)
    with pytest.raises(checkout.AlreadyPaid):
        open_session(now(held))
    now(held).keep_until(held.appointment_time, grace)
    assert open_session(now(held)).amount == 2000


def test_what_went_back_in_the_dashboard_meanwhile_counts_although_another_payment_has_money_left(
    asked, paid, pay, monkeypatch
):
    """Of the rest less is left than cancelling returns of it. Its client has that other part already."""
    rest = pay(asked)
    settle(rest)
    monkeypatch.setattr(refunds, "send_once_committed", lambda payment: None)
    now(asked).cancel(Decimal(30))
    gateway.create_refund({"payment_intent": rest.payment_intent_id, "amount": 2000}, "dashboard")
    for payment in (rest, rest, paid):  # refused, and then sent for what is left
        refunds.send_refunds(payment)
    assert sorted(refunds_of(rest)) == [("cancelled", 2000, "succeeded"), ("dashboard", 2000, "succeeded")]
    assert (refunds_of(paid), wrong()) == ([], [])


def test_a_deposit_that_was_unknown_for_a_moment_goes_back_after_the_rest_was_paid_and_all_cancelled(
    held, pay, grace, settings
):
    lost = pay(held)
    settings.STRIPE_SANDBOX_FAULTS = "api.missing=1"
    settle(lost)
    settings.STRIPE_SANDBOX_FAULTS = ""
    settle(pay(held))
    now(held).ask_for_rest(grace)
    settle(pay(held))
    now(held).cancel(Decimal(0))
    settle(lost)
    assert (lost.problem, refunds_of(lost)) == ("time gone", [("time gone", 2000, "succeeded")])
    assert wrong() == []


@pytest.mark.parametrize(("taken", "said"), [("40.00", "confirmed and paid"), ("15.00", "You pay the other €25.00")])
def test_a_confirmation_that_is_sent_again_asks_for_nothing_that_was_taken(asked, grace, taken, said):
    take(asked, taken, grace)
    call_command("tick")
    mail.outbox.clear()
    now(asked).send_link_again(grace)
    call_command("tick")
    [again] = [one for one in mail.outbox if one.to == [asked.client_email]]
    assert said in " ".join(again.body.split())
