"""Stripe says later what became of a refund, and tells of refunds that were made in its dashboard."""

from django.test import Client
from django.utils import timezone

from booking.models import Appointment
from payments import gateway, refunds
from payments.audit_at_stripe import audit_stripe
from payments.checkout import settle
from payments.models import Payment, Refund
from payments.sandbox.models import StripeObject
from tests.cards import FAILING_REFUND, SLOW_REFUND
from tests.payments.events import about_refund, post_event, signed_event
from tests.payments.returning import ten_seconds_go_by_at_stripe, unavailable
from tests.payments.standing import refunds_at_stripe, refunds_of
from tests.payments.ticking import later_tick


def test_a_pending_refund_is_not_done_until_stripe_says_so(paid_with, held):
    payment = paid_with(SLOW_REFUND)
    refunds.return_money(payment, 1000)
    assert refunds_of(payment) == [("staff", 1000, "pending")]
    page = Client().get(f"/appointments/{held.reference}/").content.decode()
    assert "€10.00 is on its way back to you." in page
    ten_seconds_go_by_at_stripe()
    later_tick()
    assert refunds_of(payment) == [("staff", 1000, "succeeded")]


def test_a_refund_without_a_status_is_under_way(paid):
    refunds.return_money(paid, 1000)
    [refund] = StripeObject.objects.filter(type="refund")
    refund.change(status=None)
    refunds.reconcile(paid)
    assert refunds_of(paid) == [("staff", 1000, "pending")]
    assert list(audit_stripe(timezone.now())) == []
    refund.change(status="succeeded")
    later_tick()
    assert refunds_of(paid) == [("staff", 1000, "succeeded")]


def test_a_refund_that_fails_later_is_owed_again_and_shown_to_staff(paid_with, held):
    payment = paid_with(FAILING_REFUND)
    refunds.return_money(payment, 6000)
    assert (refunds_of(payment), list(Payment.objects.needing_staff())) == ([("staff", 6000, "succeeded")], [])
    ten_seconds_go_by_at_stripe()
    told = signed_event("re_1", kind="refund.failed", data=about_refund(payment))
    assert post_event(*told).status_code == 200
    assert refunds_of(payment) == [("staff", 6000, "failed")]
    assert list(Payment.objects.needing_staff()) == [payment]
    page = Client().get(f"/appointments/{held.reference}/").content.decode()
    assert "€60.00 could not be returned to your card." in page


def test_what_was_returned_by_hand_comes_off_the_list(paid_with):
    payment = paid_with(FAILING_REFUND)
    refunds.return_money(payment, 6000)
    ten_seconds_go_by_at_stripe()
    refunds.reconcile(payment)
    refunds.return_money(payment, 6000, Refund.Reason.BY_HAND)
    assert list(Payment.objects.needing_staff()) == []
    page = Client().get(f"/appointments/{payment.appointment.reference}/").content.decode()
    assert ("€60.00 was returned." in page, "could not be returned" in page) == (True, False)


def test_a_refund_made_at_stripe_is_noticed_and_counts(paid, held):
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 4500}, "dashboard")
    told = signed_event("re_1", kind="refund.created", data=about_refund(paid))
    assert post_event(*told).status_code == 200
    assert refunds_of(paid) == [("dashboard", 4500, "succeeded")]
    Appointment.objects.get(pk=held.pk).cancel()
    assert refunds_of(paid) == [("dashboard", 4500, "succeeded"), ("cancelled", 1500, "succeeded")]
    paid.refresh_from_db()
    assert (paid.amount_refunded, refunds_at_stripe(paid)) == (6000, [(1500, "succeeded"), (4500, "succeeded")])


def test_one_that_stripe_refuses_is_final_and_shown_to_staff(paid):
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 4500}, "dashboard")
    refunds.return_money(paid, 6000)
    assert refunds_of(paid) == [("staff", 6000, "failed"), ("dashboard", 4500, "succeeded")]
    assert list(Payment.objects.needing_staff()) == [paid]


def test_a_refund_made_at_stripe_while_we_settle_is_noticed(held, pay, monkeypatch):
    """The refund is made between our question and our write, so its event comes while we do not know of the payment."""
    payment, retrieve = pay(held), gateway.retrieve_session

    def meanwhile(session_id):
        session = retrieve(session_id)
        intent = session.payment_intent_id
        gateway.create_refund({"payment_intent": intent, "amount": 4500}, "dashboard")
        about = {"object": {"id": "re_1", "object": "refund", "payment_intent": intent}}
        assert post_event(*signed_event("re_1", kind="refund.created", data=about)).status_code == 200
        return session

    monkeypatch.setattr(gateway, "retrieve_session", meanwhile)
    settle(payment)
    assert (refunds_of(payment), payment.dispute) == ([("dashboard", 4500, "succeeded")], "")


def test_a_payment_that_nobody_has_touched_needs_no_reading(held, pay, monkeypatch):
    monkeypatch.setattr(gateway, "read_money", unavailable)
    payment = pay(held, webhook=True)
    payment.refresh_from_db()
    assert (payment.status, payment.dispute) == ("paid", "")


def test_an_older_reading_never_overwrites_a_newer_one(paid, monkeypatch):
    """Another process writes a newer answer while ours is on its way. We drop ours, and ask Stripe again."""
    read, answers = gateway.read_money, []

    def slowly(payment_intent):
        said = read(payment_intent)
        answers.append(said)
        if len(answers) == 1:
            gateway.create_refund({"payment_intent": payment_intent, "amount": 500}, "meanwhile")
            Payment.objects.filter(pk=paid.pk).update(version=7)
        return said

    monkeypatch.setattr(gateway, "read_money", slowly)
    refunds.reconcile(paid)
    assert (len(answers), refunds_of(paid), paid.amount_refunded) == (2, [("dashboard", 500, "succeeded")], 500)
