"""A deposit and the rest by link are two payments of one appointment: what may happen to one while the other stands."""

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from booking.models import Appointment
from payments import checkout, gateway, refunds
from payments.audit import audit
from payments.checkout import open_session
from payments.dues import Due
from payments.models import Payment
from payments.settlement import settle
from tests.cards import DISPUTED
from tests.pages import form_of
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.standing import refunds_at_stripe, refunds_of
from tests.payments.test_rest import asked, grace, held, now, pay, rest_paid, take
from tests.staff import logged_in, somebody

__all__ = ["asked", "grace", "held", "pay", "rest_paid"]  # fixtures


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
    assert (payment.problem, payment.amount_captured, now(held).status) == (Payment.Problem.MISMATCH, 6000, "held")


def test_a_rest_that_is_not_what_was_asked_for_is_not_paid_beside_another(asked, rest_paid):
    settle(rest_paid)
    Payment.objects.filter(pk=rest_paid.pk).update(problem=Payment.Problem.MISMATCH)
    Appointment.objects.update(due_at_practice=40)
    with pytest.raises(checkout.AlreadyPaid):
        open_session(now(asked))


@pytest.mark.parametrize(("taken", "said"), [("40.00", "confirmed and paid"), ("15.00", "You pay the other €25.00")])
def test_a_confirmation_that_is_sent_again_asks_for_nothing_that_was_taken(asked, grace, taken, said):
    take(asked, taken, grace)
    call_command("tick")
    mail.outbox.clear()
    now(asked).send_link_again(grace)
    call_command("tick")
    [again] = [one for one in mail.outbox if one.to == [asked.client_email]]
    assert said in " ".join(again.body.split())
