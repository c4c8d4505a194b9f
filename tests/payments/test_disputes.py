"""A disputed payment returns nothing until the bank has decided; an inquiry only asks."""

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, Mail
from payments import gateway, refunds
from payments.audit import audit
from payments.models import Payment, Refund
from payments.sandbox import disputes
from payments.sandbox.models import StripeObject
from tests.cards import DISPUTED, HALF_DISPUTED, INQUIRED, SLOW_REFUND
from tests.payments.events import about_refund, post_event, signed_event
from tests.payments.returning import cancel_as_client, unavailable
from tests.payments.standing import missing, refunds_at_stripe, refunds_of, state_of
from tests.payments.ticking import later_tick
from tests.staff import somebody


def test_a_refund_refused_for_a_dispute_is_sent_when_it_is_won(paid_with, held):
    """It is sent under a new idempotency key, since under the old one Stripe would repeat its refusal for a day."""
    payment = paid_with(DISPUTED)
    Payment.objects.filter(pk=payment.pk).update(dispute="", charged_back=0)
    cancel_as_client(held, "1h 100%")
    [at_bank] = gateway.client().v1.disputes.list().data
    gateway.client().v1.disputes.update(at_bank.id, params={"evidence": {"uncategorized_text": "winning_evidence"}})
    refunds.reconcile(payment)
    later_tick()
    assert refunds_of(payment) == [("cancelled", 6000, "succeeded")]


def decided(evidence):
    [at_bank] = gateway.client().v1.disputes.list().data
    gateway.client().v1.disputes.update(at_bank.id, params={"evidence": {"uncategorized_text": evidence}})


def test_of_a_dispute_about_a_part_the_amount_is_kept_until_it_is_won(paid_with):
    payment = paid_with(HALF_DISPUTED)
    refunds.reconcile(payment)
    assert (payment.dispute, payment.charged_back, payment.amount_refundable) == ("needs_response", 3000, 6000)
    decided("winning_evidence")
    refunds.reconcile(payment)
    assert (payment.dispute, payment.charged_back, payment.taken_back) == ("won", 0, 0)


def test_a_lost_dispute_about_a_part_takes_that_part_and_counts_towards_what_is_owed(paid_with, held):
    """Stripe returns nothing more of it: what is still due is for staff to return."""
    payment = paid_with(HALF_DISPUTED)
    cancel_as_client(held, "1h 100%")
    decided("losing_evidence")
    refunds.reconcile(payment)
    assert (refunds_of(payment), str(state_of(held).row.returned)) == ([("cancelled", 3000, "owed")], "60.00")
    for _ in range(2):
        later_tick()
        assert (refunds_of(payment), missing(payment)) == ([("cancelled", 3000, "failed")], (30, True))
    assert list(audit(timezone.now())) == [f"Payment {payment.pk} owes money whose refund failed."]
    said = Client().get(f"/appointments/{held.reference}/").content.decode()
    assert "€30.00 could not be returned to your card." in said


def test_the_client_reads_what_of_a_payment_the_bank_has_returned(paid_with, held):
    payment = paid_with(HALF_DISPUTED)
    Appointment.objects.update(cancellation_policy="1h 100%")
    decided("losing_evidence")
    refunds.reconcile(payment)
    refunds.return_money(payment, 3000, Refund.Reason.BY_HAND, by=somebody("Owner"))
    said = Client().get(f"/appointments/{held.reference}/").content.decode()
    assert ("Your bank has returned your payment." in said, list(audit(timezone.now()))) == (True, [])


def test_of_two_disputes_one_that_is_not_decided_counts_first_and_both_amounts_count(paid):
    charge = StripeObject.objects.get(type="charge")
    disputes.open_on(charge, "needs_response", 1000)
    disputes.open_on(charge, "needs_response", 1500)
    # Both may be of the same second, so the one to close is told by its amount.
    [newest] = [one.id for one in gateway.client().v1.disputes.list().data if one.amount == 1500]
    gateway.client().v1.disputes.close(newest)
    refunds.reconcile(paid)
    assert (paid.dispute, paid.charged_back, paid.taken_back) == ("needs_response", 2500, 1500)


def test_what_a_bank_took_stays_taken_while_it_disputes_the_next_part(paid, settings):
    """The practice is told of each, since each has its own time to answer."""
    settings.PRACTICE_EMAIL = "desk@practice.example"
    charge = StripeObject.objects.get(type="charge")
    told = []
    for amount in (1000, 1500):
        disputes.open_on(charge, "needs_response", amount)
        refunds.reconcile(paid)
        told.append((paid.dispute, paid.amount_gone, Mail.objects.filter(kind="disputed", reader="practice").count()))
        disputed = gateway.client().v1.disputes.list().data
        gateway.client().v1.disputes.close(*(one.id for one in disputed if one.status == "needs_response"))
        refunds.reconcile(paid)
    assert told == [("needs_response", 0, 1), ("needs_response", 1000, 2)]
    assert (paid.dispute, paid.taken_back, list(audit(timezone.now()))) == ("lost", 2500, [])


def test_a_charge_that_stripe_does_not_name_settles_nothing_that_is_owed(paid, held):
    """An answer of Stripe without a charge does not end what is owed: only a lost dispute does."""
    Payment.objects.filter(pk=paid.pk).update(dispute="needs_response")
    refunds.return_money(paid, 1000)
    StripeObject.objects.get(type="payment_intent").change(latest_charge=None)
    refunds.reconcile(paid)
    assert refunds_of(paid) == [("staff", 1000, "owed")]


def test_a_dispute_freezes_what_is_owed_until_it_is_decided(paid):
    Payment.objects.filter(pk=paid.pk).update(dispute="needs_response")
    refunds.return_money(paid, 1000)
    later_tick(hours=0.1)
    assert (refunds_of(paid), list(Payment.objects.needing_staff())) == ([("staff", 1000, "owed")], [paid])
    Payment.objects.filter(pk=paid.pk).update(dispute="won")
    later_tick(hours=0.1)
    assert refunds_of(paid) == [("staff", 1000, "succeeded")]


@pytest.mark.parametrize(("practice", "told"), [("desk@practice.example", ["practice"]), ("", [])])
def test_of_a_dispute_the_practice_is_told_once_and_the_client_never(paid_with, settings, practice, told):
    settings.PRACTICE_EMAIL = practice
    payment = paid_with(DISPUTED)
    for _ in range(2):
        refunds.reconcile(payment)
    assert list(Mail.objects.filter(kind="disputed").values_list("reader", flat=True)) == told


@pytest.mark.parametrize(
    ("evidence", "dispute", "refund"),
    [("winning_evidence", "won", "succeeded"), ("losing_evidence", "lost", "canceled")],
)
def test_a_disputed_payment_returns_nothing_until_the_bank_has_decided(paid_with, held, evidence, dispute, refund):
    payment = paid_with(DISPUTED)
    assert (payment.status, payment.dispute) == ("paid", "needs_response")
    Client().post(f"/api/appointments/{held.reference}/cancel")
    later_tick()
    assert (refunds_of(payment), refunds_at_stripe(payment)) == ([("cancelled", 6000, "owed")], [])
    assert "€60.00 is waiting." in Client().get(f"/appointments/{held.reference}/").content.decode()
    [at_bank] = gateway.client().v1.disputes.list().data
    gateway.client().v1.disputes.update(at_bank.id, params={"evidence": {"uncategorized_text": evidence}})
    assert (
        post_event(*signed_event("du_1", kind="charge.dispute.closed", data=about_refund(payment))).status_code == 200
    )
    later_tick()
    payment.refresh_from_db()
    assert (payment.dispute, refunds_of(payment)) == (dispute, [("cancelled", 6000, refund)])
    assert (list(Payment.objects.needing_staff()), list(audit(timezone.now()))) == ([], [])


def test_an_inquiry_freezes_nothing_and_returning_all_of_it_ends_it(paid_with, held):
    payment = paid_with(INQUIRED)
    assert (payment.dispute, list(Payment.objects.needing_staff())) == ("warning_needs_response", [payment])
    refunds.return_money(payment, 1000, by=somebody("Owner"))
    payment.refresh_from_db()
    assert (payment.dispute, refunds_of(payment)) == ("warning_needs_response", [("staff", 1000, "succeeded")])
    assert "is waiting" not in Client().get(f"/appointments/{held.reference}/").content.decode()
    Client().post(f"/api/appointments/{held.reference}/cancel")
    payment.refresh_from_db()
    assert (payment.dispute, refunds_of(payment)[1]) == ("warning_closed", ("cancelled", 5000, "succeeded"))
    assert (list(Payment.objects.needing_staff()), list(audit(timezone.now()))) == ([], [])


def test_what_could_not_be_sent_during_an_inquiry_is_sent_by_the_tick(paid_with, stripe_down, stripe_up):
    payment = paid_with(INQUIRED)
    stripe_down()
    refunds.return_money(payment, 6000)
    stripe_up()
    later_tick()
    assert refunds_of(payment) == [("staff", 6000, "succeeded")]


def test_of_an_inquiry_the_practice_is_told_and_again_when_it_becomes_a_dispute(paid_with, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    payment = paid_with(INQUIRED)
    [at_bank] = gateway.client().v1.disputes.list().data
    evidence = {"uncategorized_text": "escalate_inquiry_evidence"}
    gateway.client().v1.disputes.update(at_bank.id, params={"evidence": evidence})
    for _ in range(2):
        refunds.reconcile(payment)
    refunds.return_money(payment, 1000)
    told = Mail.objects.filter(kind__in=["inquired", "disputed"]).order_by("pk").values_list("kind", "reader")
    assert list(told) == [("inquired", "practice"), ("disputed", "practice")]
    assert (payment.is_frozen, refunds_of(payment)) == (True, [("staff", 1000, "owed")])


def warnings_before_the_press(payment, admin_client):
    pages = (f"payments/payment/{payment.pk}/refund/", f"booking/appointment/{payment.appointment_id}/cancel/")
    return [
        re.findall(r'<li class="warning">\s*([^.]+\.)', admin_client.get(f"/admin/{one}").content.decode())
        for one in pages
    ]


@pytest.mark.parametrize(
    ("card", "warning"),
    [
        (DISPUTED, ["The client’s bank disputes this payment and has taken the money."]),
        (INQUIRED, ["The client’s bank asks about this payment."]),
        (SLOW_REFUND, []),
    ],
)
def test_who_cancels_or_returns_what_is_at_the_bank_is_warned_before_the_press(paid_with, admin_client, card, warning):
    assert warnings_before_the_press(paid_with(card), admin_client) == [warning, warning]


@pytest.mark.parametrize(("card", "said"), [(DISPUTED, True), (INQUIRED, False), (SLOW_REFUND, False)])
def test_a_client_who_cancels_is_told_that_the_money_waits_at_the_bank(paid_with, held, card, said):
    paid_with(card)
    step = Client().get(f"/appointments/{held.reference}/cancel/").content.decode()
    assert ("Your bank holds this payment" in step) is said


def test_a_dispute_that_stripe_knows_of_first_freezes_the_refund(paid_with, monkeypatch):
    payment = paid_with(DISPUTED)
    Payment.objects.filter(pk=payment.pk).update(dispute="", charged_back=0)
    refunds.return_money(payment, 1000)
    payment.refresh_from_db()
    assert (payment.dispute, refunds_of(payment)) == ("needs_response", [("staff", 1000, "owed")])


def test_a_dispute_whose_reading_failed_is_read_by_the_next_tick(paid_with, monkeypatch):
    """Stripe's event about the dispute came before we knew that the payment was paid, and does not come again."""
    read = gateway.read_money
    monkeypatch.setattr(gateway, "read_money", unavailable)
    payment = paid_with(DISPUTED)
    refunds.return_money(payment, 1000)
    payment.refresh_from_db()
    assert (payment.dispute, refunds_of(payment)) == ("not read yet", [("staff", 1000, "owed")])
    monkeypatch.setattr(gateway, "read_money", read)
    later_tick()
    payment.refresh_from_db()
    assert (payment.dispute, refunds_of(payment), refunds_at_stripe(payment)) == (
        "needs_response",
        [("staff", 1000, "owed")],
        [],
    )


@pytest.mark.parametrize(("dispute", "taken"), [("lost", 6000), ("needs_response", 0), ("won", 0)])
def test_what_an_older_release_has_written_is_told_apart_by_the_migration(paid, dispute, taken):
    held = 0 if dispute == "won" else 6000
    Payment.objects.filter(pk=paid.pk).update(dispute=dispute, charged_back=held, taken_back=0)
    import_module("payments.migrations.0018_taken_back").as_it_was_reckoned_until_now(apps, None)
    assert Payment.objects.get().taken_back == taken
