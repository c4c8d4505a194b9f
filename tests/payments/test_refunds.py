"""Money back: owed in the transaction that decides it, sent once, and then what Stripe says."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, Mail
from payments import gateway, reconciliation, refunds
from payments.audit import audit, audit_stripe
from payments.checkout import open_session
from payments.gateway import StripeUnavailable
from payments.models import Payment, Refund
from payments.sandbox.models import StripeObject
from payments.settlement import settle
from tests.payments.conftest import later_tick, post_event, signed_event, state_of
from tests.payments.sandbox.conftest import PayPage

PENDING, FAILING = "4000000000007726", "4000000000005126"
DISPUTED, INQUIRED = "4000000000000259", "4000000000001976"


@pytest.fixture
def paid_with(held, webhooks_lost):
    def pay(card):
        payment = open_session(held)
        webhooks_lost()
        PayPage(payment.url).pay(number=card)
        settle(payment)
        return payment

    return pay


def rows(payment):
    return [(refund.reason, refund.amount, refund.status) for refund in payment.refunds.all()]


def at_stripe(payment):
    payment.refresh_from_db()
    said = gateway.read_money(payment.payment_intent_id)
    return sorted((refund.amount, refund.status) for refund in said.refunds)


def let_time_pass(payment, **time):
    """For what we know of when a refund was sent."""
    payment.refunds.update(sent_at=timezone.now() - timedelta(**time))


# Who owes what


def test_a_client_who_cancels_in_time_gets_all_of_it_back(paid, held):
    step = f"/appointments/{held.reference}/cancel/"
    assert Client().post(step, {"refund": "60.00"}).status_code == 303
    assert rows(paid) == [("cancelled", 6000, "succeeded")]
    assert at_stripe(paid) == [(6000, "succeeded")]
    paid.refresh_from_db()
    assert (paid.refund_due, paid.amount_captured, paid.amount_refunded) == (6000, 6000, 6000)
    assert "€60.00 was returned." in Client().get(f"/appointments/{held.reference}/").content.decode()


def test_late_it_is_what_the_policy_says(paid, held):
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy="1h 25%")
    assert Client().post(f"/api/appointments/{held.reference}/cancel").status_code == 200
    assert (rows(paid), at_stripe(paid)) == ([("cancelled", 1500, "succeeded")], [(1500, "succeeded")])


def test_with_no_policy_nothing_goes_back(paid, held):
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy="")
    assert Client().post(f"/api/appointments/{held.reference}/cancel").status_code == 200
    assert (rows(paid), at_stripe(paid)) == ([], [])


def test_cancel_pressed_by_many_at_once_returns_the_money_once(paid, held, together):
    def cancel():
        return Client().post(f"/api/appointments/{held.reference}/cancel").status_code

    assert together(*[cancel] * 4) == [200] * 4
    assert (rows(paid), at_stripe(paid)) == ([("cancelled", 6000, "succeeded")], [(6000, "succeeded")])


def test_a_cancel_that_does_not_commit_owes_nothing(paid, held):
    with transaction.atomic():
        Appointment.objects.get(pk=held.pk).cancel()
        transaction.set_rollback(True)
    assert (state_of(held).status, rows(paid), at_stripe(paid)) == ("confirmed", [], [])


def test_paid_after_it_was_cancelled_all_of_it_goes_back_whoever_settles_and_how_often(held, pay, together):
    payment = pay(held)
    Appointment.objects.filter(pk=held.pk).update(status="cancelled", hold_expires_at=None)
    together(*[lambda: settle(Payment.objects.get(pk=payment.pk))] * 4)
    later_tick()
    assert (rows(payment), at_stripe(payment)) == ([("time gone", 6000, "succeeded")], [(6000, "succeeded")])
    assert (state_of(held).status, state_of(held).payments) == ("cancelled", [("paid", "time gone")])


def test_the_database_refuses_a_second_automatic_refund(paid):
    facts = {"payment": paid, "amount": 100, "reason": "cancelled"}
    Refund.objects.create(attempt=1, idempotency_key="one", **facts)
    for attempt, key in ((2, "two"), (1, "three")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.create(attempt=attempt, idempotency_key=key, **facts)


# Staff


def test_staff_return_any_part_up_to_what_is_left(paid):
    refunds.return_money(paid, 2500)
    refunds.return_money(paid, 3500)
    with pytest.raises(refunds.MoreThanIsLeft):
        refunds.return_money(paid, 1)
    assert rows(paid) == [("staff", 2500, "succeeded"), ("staff", 3500, "succeeded")]
    assert at_stripe(paid) == [(2500, "succeeded"), (3500, "succeeded")]


def test_two_of_staff_at_once_cannot_return_more_than_was_paid(paid, together):
    def decide():
        try:
            refunds.return_money(paid, 4000)
        except refunds.MoreThanIsLeft:
            return "too much"
        return "returned"

    assert sorted(together(decide, decide)) == ["returned", "too much"]
    assert at_stripe(paid) == [(4000, "succeeded")]


def test_the_refund_page_says_what_is_left(paid, admin_client):
    page = f"/admin/payments/payment/{paid.pk}/refund/"
    for too_much in ("60.01", "1e999999"):
        refused = admin_client.post(page, {"amount": too_much, "reason": "staff", "seen": "0"})
        assert (refused.status_code, rows(paid)) == (200, [])
    refused = admin_client.post(page, {"amount": "60.01", "reason": "staff", "seen": "0"})
    assert "At most 60.00 is left to return." in refused.content.decode()
    assert admin_client.post(page, {"amount": "60.00", "reason": "staff", "seen": "0"}).status_code == 302
    assert rows(paid) == [("staff", 6000, "succeeded")]


def test_the_refund_page_pressed_twice_returns_the_money_once(paid, admin_client):
    page = f"/admin/payments/payment/{paid.pk}/refund/"
    answers = [admin_client.post(page, {"amount": "20.00", "reason": "staff", "seen": "0"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert "Money was returned since you opened this page." in answers[1].content.decode()
    assert (rows(paid), at_stripe(paid)) == ([("staff", 2000, "succeeded")], [(2000, "succeeded")])


def test_return_money_is_shown_to_who_may_press_it(paid):
    def seen_by(*permissions):
        user = User.objects.create(username=f"{len(permissions)} rights", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client, page = Client(), f"/admin/payments/payment/{paid.pk}"
        client.force_login(user)
        shown = f"{page}/refund/" in client.get(f"{page}/change/").content.decode()
        asked = client.post(f"{page}/refund/", {"amount": "60.00", "reason": "staff", "seen": "0"})
        return shown, asked.status_code, rows(paid)

    assert seen_by("view_payment") == (False, 403, [])
    assert seen_by("view_payment", "add_refund") == (True, 302, [("staff", 6000, "succeeded")])


# What is owed after more than one


def fail(payment, number):
    """That attempt failed after all, and we have heard of it."""
    refund = payment.refunds.order_by("attempt")[number - 1]
    charge = StripeObject.objects.get(type="charge", body__payment_intent=payment.payment_intent_id)
    row = StripeObject.objects.get(pk=refund.refund_id)
    row.change(status="failed", failure_reason="expired_or_canceled_card")
    charge.change(amount_refunded=charge.body["amount_refunded"] - refund.amount)
    reconciliation.reconcile(payment)


def cancel_as_client(held, policy="1h 50%"):
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy=policy)
    assert Client().post(f"/api/appointments/{held.reference}/cancel").status_code == 200


def missing(payment):
    payment.refresh_from_db()
    return payment.shortfall, list(Payment.objects.with_shortfall()) == [payment]


def test_a_smaller_refund_after_one_that_failed_leaves_the_rest_owed(paid, held):
    refunds.return_money(paid, 3000)
    fail(paid, 1)
    refunds.return_money(paid, 1000)
    assert missing(paid) == (20, True)
    assert "€20.00 could not be returned" in Client().get(f"/appointments/{held.reference}/").content.decode()
    refunds.return_money(paid, 2000, Refund.Reason.BY_HAND)
    assert missing(paid) == (0, False)


def test_what_failed_before_stays_owed_beside_what_a_cancelling_returns(paid, held):
    refunds.return_money(paid, 2000)
    fail(paid, 1)
    cancel_as_client(held)
    assert rows(paid) == [("staff", 2000, "failed"), ("cancelled", 3000, "succeeded")]
    assert missing(paid) == (20, True)


def test_goodwill_at_stripe_makes_nothing_good_that_fails_later(paid, held):
    cancel_as_client(held)
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 3000}, "dashboard")
    reconciliation.reconcile(paid)
    assert missing(paid) == (0, False)
    fail(paid, 1)
    assert missing(paid) == (30, True)


def test_what_went_back_before_counts_towards_what_cancelling_returns(paid, held):
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 1000}, "dashboard")
    reconciliation.reconcile(paid)
    Appointment.objects.filter(pk=held.pk).update(cancellation_policy="1h 50%")
    step = Client().get(f"/appointments/{held.reference}/cancel/").content.decode()
    assert ("Cancel and get €20.00 back" in step, "€10.00 has gone back to you already" in step) == (True, True)
    cancel_as_client(held)
    assert rows(paid) == [("dashboard", 1000, "succeeded"), ("cancelled", 2000, "succeeded")]
    assert list(audit(timezone.now())) == []


def test_cancelling_promises_nothing_that_went_back_already(paid, held):
    refunds.return_money(paid, 6000)
    step = Client().get(f"/appointments/{held.reference}/cancel/").content.decode()
    assert ("nothing more comes back" in step, "and return" in step) == (True, False)


def test_paid_late_after_a_part_went_back_at_stripe_the_rest_is_returned(held, pay):
    payment = pay(held)
    intent = StripeObject.objects.get(type="payment_intent").pk
    gateway.create_refund({"payment_intent": intent, "amount": 1500}, "dashboard")
    Appointment.objects.filter(pk=held.pk).update(status="cancelled", hold_expires_at=None)
    settle(payment)
    later_tick()
    assert sorted(rows(payment)) == [("dashboard", 1500, "succeeded"), ("time gone", 4500, "succeeded")]
    assert (at_stripe(payment), missing(payment)) == ([(1500, "succeeded"), (4500, "succeeded")], (0, False))


def test_a_refund_of_another_amount_under_our_key_is_not_ours(paid):
    """A database restored from an older copy may give its rows away."""
    refunds.return_money(paid, 1000)
    ours = paid.refunds.get()
    Refund.objects.update(amount=2500, refund_id=None, status="owed")
    reconciliation.reconcile(paid)
    assert rows(paid) == [(ours.reason, 2500, "owed"), ("dashboard", 1000, "succeeded")]


def test_a_refund_refused_for_a_dispute_is_sent_when_it_is_won(paid_with, held):
    """Stripe would repeat its refusal to the same key for a day."""
    payment = paid_with(DISPUTED)
    Payment.objects.filter(pk=payment.pk).update(dispute="")
    cancel_as_client(held, "1h 100%")
    [at_bank] = gateway.client().v1.disputes.list().data
    gateway.client().v1.disputes.update(at_bank.id, params={"evidence": {"uncategorized_text": "winning_evidence"}})
    reconciliation.reconcile(payment)
    later_tick()
    assert rows(payment) == [("cancelled", 6000, "succeeded")]


def test_a_refusal_that_comes_late_says_nothing_of_what_was_sent_since(paid, monkeypatch):
    """Two ticks send one refund; the slower one hears no, when the other has begun again under another key."""
    monkeypatch.setattr(refunds, "send_refunds", lambda payment: None)
    refunds.return_money(paid, 1000)
    slow = paid.refunds.get()
    Refund.objects.update(idempotency_key="another")
    refunds.record_refused(slow, gateway.InvalidRequest("charge_disputed", ""))
    fresh = paid.refunds.get()
    assert (fresh.status, fresh.idempotency_key) == ("owed", "another")


def test_a_lost_dispute_about_a_part_settles_nothing_by_itself(paid_with, held):
    payment = paid_with(DISPUTED)
    cancel_as_client(held, "1h 100%")
    [at_bank] = StripeObject.objects.filter(type="dispute")
    at_bank.change(amount=2000, status="lost")
    reconciliation.reconcile(payment)
    assert rows(payment) == [("cancelled", 6000, "owed")]
    later_tick()
    assert (rows(payment), missing(payment)) == ([("cancelled", 6000, "failed")], (60, True))


def test_what_does_not_match_and_was_returned_by_hand_is_no_longer_a_question(paid):
    Payment.objects.update(problem="mismatch")
    assert list(Payment.objects.needing_staff()) == [paid]
    refunds.return_money(paid, 6000, Refund.Reason.BY_HAND)
    assert list(Payment.objects.needing_staff()) == []


# Answers lost


def lose_the_answer(monkeypatch):
    """The refund is made, and we never hear of it."""
    make = gateway.create_refund

    def lost(*args):
        make(*args)
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "create_refund", lost)
    return lambda: monkeypatch.setattr(gateway, "create_refund", make)


def test_an_answer_lost_is_asked_for_again_under_the_same_key(paid, monkeypatch):
    found = lose_the_answer(monkeypatch)
    refunds.return_money(paid, 1000)
    assert (rows(paid), at_stripe(paid)) == ([("staff", 1000, "owed")], [(1000, "succeeded")])
    found()
    later_tick()
    assert (rows(paid), at_stripe(paid)) == ([("staff", 1000, "succeeded")], [(1000, "succeeded")])


def test_after_a_day_when_stripe_has_forgotten_the_key_ours_is_looked_for_first(paid, monkeypatch):
    from payments.sandbox.models import IdempotentRequest

    found = lose_the_answer(monkeypatch)
    refunds.return_money(paid, 1000)
    found()
    IdempotentRequest.objects.all().delete()
    let_time_pass(paid, hours=25)
    later_tick()
    assert (rows(paid), at_stripe(paid)) == ([("staff", 1000, "succeeded")], [(1000, "succeeded")])


def test_after_a_day_what_never_reached_stripe_is_sent(paid, stripe_down, settings, live_server):
    stripe_down()
    refunds.return_money(paid, 1000)
    let_time_pass(paid, hours=25)
    settings.STRIPE_API_BASE = f"{live_server.url}/stripe-sandbox"
    assert rows(paid) == [("staff", 1000, "owed")]
    later_tick()
    assert (rows(paid), at_stripe(paid)) == ([("staff", 1000, "succeeded")], [(1000, "succeeded")])


def test_killed_between_writing_it_down_and_sending_it_the_tick_sends_it(paid, monkeypatch):
    monkeypatch.setattr(refunds, "send_at_once", lambda payment: None)
    refunds.return_money(paid, 1000)
    assert at_stripe(paid) == []
    later_tick()
    assert at_stripe(paid) == [(1000, "succeeded")]


# What Stripe says


def test_a_pending_refund_is_not_done_until_stripe_says_so(paid_with, held):
    payment = paid_with(PENDING)
    refunds.return_money(payment, 1000)
    assert rows(payment) == [("staff", 1000, "pending")]
    page = Client().get(f"/appointments/{held.reference}/").content.decode()
    assert "€10.00 is on its way back to you." in page
    later(payment)
    later_tick()
    assert rows(payment) == [("staff", 1000, "succeeded")]


def test_a_refund_without_a_status_is_under_way(paid):
    refunds.return_money(paid, 1000)
    [refund] = StripeObject.objects.filter(type="refund")
    refund.change(status=None)
    reconciliation.reconcile(paid)
    assert rows(paid) == [("staff", 1000, "pending")]
    assert list(audit_stripe(timezone.now())) == []
    refund.change(status="succeeded")
    later_tick()
    assert rows(paid) == [("staff", 1000, "succeeded")]


def test_a_charge_that_stripe_does_not_name_settles_nothing_that_is_owed(paid, held):
    """Only a lost dispute does."""
    Payment.objects.filter(pk=paid.pk).update(dispute="needs_response")
    refunds.return_money(paid, 1000)
    StripeObject.objects.get(type="payment_intent").change(latest_charge=None)
    reconciliation.reconcile(paid)
    assert rows(paid) == [("staff", 1000, "owed")]


def later(payment):
    """Ten seconds go by at Stripe."""
    from payments.sandbox.refunds import progress_all

    StripeObject.objects.filter(type="refund").update(created=1)
    progress_all()


def test_a_refund_that_fails_later_is_owed_again_and_shown_to_staff(paid_with, held):
    payment = paid_with(FAILING)
    refunds.return_money(payment, 6000)
    assert (rows(payment), list(Payment.objects.needing_staff())) == ([("staff", 6000, "succeeded")], [])
    later(payment)
    told = signed_event("re_1", kind="refund.failed", data=refund_of(payment))
    assert post_event(*told).status_code == 200
    assert rows(payment) == [("staff", 6000, "failed")]
    assert list(Payment.objects.needing_staff()) == [payment]
    page = Client().get(f"/appointments/{held.reference}/").content.decode()
    assert "€60.00 could not be returned to your card." in page


def test_what_was_returned_by_hand_comes_off_the_list(paid_with):
    payment = paid_with(FAILING)
    refunds.return_money(payment, 6000)
    later(payment)
    reconciliation.reconcile(payment)
    refunds.return_money(payment, 6000, Refund.Reason.BY_HAND)
    assert list(Payment.objects.needing_staff()) == []
    page = Client().get(f"/appointments/{payment.appointment.reference}/").content.decode()
    assert ("€60.00 was returned." in page, "could not be returned" in page) == (True, False)


def refund_of(payment):
    return {"object": {"id": "re_1", "object": "refund", "payment_intent": payment.payment_intent_id}}


def test_a_refund_made_at_stripe_is_noticed_and_counts(paid, held):
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 4500}, "dashboard")
    told = signed_event("re_1", kind="refund.created", data=refund_of(paid))
    assert post_event(*told).status_code == 200
    assert rows(paid) == [("dashboard", 4500, "succeeded")]
    Appointment.objects.get(pk=held.pk).cancel()
    assert rows(paid) == [("dashboard", 4500, "succeeded"), ("cancelled", 1500, "succeeded")]
    paid.refresh_from_db()
    assert (paid.amount_refunded, at_stripe(paid)) == (6000, [(1500, "succeeded"), (4500, "succeeded")])


def test_one_that_stripe_refuses_is_final_and_shown_to_staff(paid):
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 4500}, "dashboard")
    refunds.return_money(paid, 6000)
    assert rows(paid) == [("staff", 6000, "failed"), ("dashboard", 4500, "succeeded")]
    assert list(Payment.objects.needing_staff()) == [paid]


def test_a_dispute_freezes_what_is_owed_until_it_is_decided(paid):
    Payment.objects.filter(pk=paid.pk).update(dispute="needs_response")
    refunds.return_money(paid, 1000)
    later_tick(hours=0.1)
    assert (rows(paid), list(Payment.objects.needing_staff())) == ([("staff", 1000, "owed")], [paid])
    Payment.objects.filter(pk=paid.pk).update(dispute="won")
    later_tick(hours=0.1)
    assert rows(paid) == [("staff", 1000, "succeeded")]


@pytest.mark.parametrize(("practice", "told"), [("desk@practice.example", ["practice"]), ("", [])])
def test_of_a_dispute_the_practice_is_told_once_and_the_client_never(paid_with, settings, practice, told):
    settings.PRACTICE_EMAIL = practice
    payment = paid_with(DISPUTED)
    for _ in range(2):
        reconciliation.reconcile(payment)
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
    assert (rows(payment), at_stripe(payment)) == ([("cancelled", 6000, "owed")], [])
    assert "€60.00 is waiting." in Client().get(f"/appointments/{held.reference}/").content.decode()
    [at_bank] = gateway.client().v1.disputes.list().data
    gateway.client().v1.disputes.update(at_bank.id, params={"evidence": {"uncategorized_text": evidence}})
    assert post_event(*signed_event("du_1", kind="charge.dispute.closed", data=refund_of(payment))).status_code == 200
    later_tick()
    payment.refresh_from_db()
    assert (payment.dispute, rows(payment)) == (dispute, [("cancelled", 6000, refund)])
    assert (list(Payment.objects.needing_staff()), list(audit(timezone.now()))) == ([], [])


def test_an_inquiry_freezes_nothing_and_returning_all_of_it_ends_it(paid_with, held):
    payment = paid_with(INQUIRED)
    assert (payment.dispute, list(Payment.objects.needing_staff())) == ("warning_needs_response", [payment])
    refunds.return_money(payment, 1000)
    payment.refresh_from_db()
    assert (payment.dispute, rows(payment)) == ("warning_needs_response", [("staff", 1000, "succeeded")])
    assert "is waiting" not in Client().get(f"/appointments/{held.reference}/").content.decode()
    Client().post(f"/api/appointments/{held.reference}/cancel")
    payment.refresh_from_db()
    assert (payment.dispute, rows(payment)[1]) == ("warning_closed", ("cancelled", 5000, "succeeded"))
    assert (list(Payment.objects.needing_staff()), list(audit(timezone.now()))) == ([], [])


def test_what_could_not_be_sent_during_an_inquiry_is_sent_by_the_tick(paid_with, stripe_down, settings, live_server):
    payment = paid_with(INQUIRED)
    stripe_down()
    refunds.return_money(payment, 6000)
    settings.STRIPE_API_BASE = f"{live_server.url}/stripe-sandbox"
    later_tick()
    assert rows(payment) == [("staff", 6000, "succeeded")]


def test_of_an_inquiry_the_practice_is_told_and_again_when_it_becomes_a_dispute(paid_with, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    payment = paid_with(INQUIRED)
    [at_bank] = gateway.client().v1.disputes.list().data
    evidence = {"uncategorized_text": "escalate_inquiry_evidence"}
    gateway.client().v1.disputes.update(at_bank.id, params={"evidence": evidence})
    for _ in range(2):
        reconciliation.reconcile(payment)
    refunds.return_money(payment, 1000)
    told = Mail.objects.filter(kind__in=["inquired", "disputed"]).order_by("pk").values_list("kind", "reader")
    assert list(told) == [("inquired", "practice"), ("disputed", "practice")]
    assert (payment.is_frozen, rows(payment)) == (True, [("staff", 1000, "owed")])


def warnings_before_the_press(payment, admin_client):
    pages = (f"payments/payment/{payment.pk}/refund/", f"booking/appointment/{payment.appointment_id}/cancel/")
    return [
        re.findall(r'<li class="warning">([^.]+\.)', admin_client.get(f"/admin/{one}").content.decode())
        for one in pages
    ]


@pytest.mark.parametrize(
    ("card", "warning"),
    [
        (DISPUTED, ["The client’s bank disputes this payment and has taken the money."]),
        (INQUIRED, ["The client’s bank asks about this payment."]),
        (PENDING, []),
    ],
)
def test_who_cancels_or_returns_what_is_at_the_bank_is_warned_before_the_press(paid_with, admin_client, card, warning):
    assert warnings_before_the_press(paid_with(card), admin_client) == [warning, warning]


@pytest.mark.parametrize(("card", "said"), [(DISPUTED, True), (INQUIRED, False), (PENDING, False)])
def test_a_client_who_cancels_is_told_that_the_money_waits_at_the_bank(paid_with, held, card, said):
    paid_with(card)
    step = Client().get(f"/appointments/{held.reference}/cancel/").content.decode()
    assert ("Your bank holds this payment" in step) is said


def test_a_dispute_that_stripe_knows_of_first_freezes_the_refund(paid_with, monkeypatch):
    payment = paid_with(DISPUTED)
    Payment.objects.filter(pk=payment.pk).update(dispute="")
    refunds.return_money(payment, 1000)
    payment.refresh_from_db()
    assert (payment.dispute, rows(payment)) == ("needs_response", [("staff", 1000, "owed")])


def test_a_dispute_whose_reading_failed_is_read_by_the_next_tick(paid_with, monkeypatch):
    """Its event came and went when the payment was not yet known to be paid."""
    read = gateway.read_money
    monkeypatch.setattr(gateway, "read_money", unavailable)
    payment = paid_with(DISPUTED)
    refunds.return_money(payment, 1000)
    payment.refresh_from_db()
    assert (payment.dispute, rows(payment)) == ("not read yet", [("staff", 1000, "owed")])
    monkeypatch.setattr(gateway, "read_money", read)
    later_tick()
    payment.refresh_from_db()
    assert (payment.dispute, rows(payment), at_stripe(payment)) == ("needs_response", [("staff", 1000, "owed")], [])


def unavailable(*args):
    raise StripeUnavailable


def test_a_refund_made_at_stripe_while_we_settle_is_noticed(held, pay, monkeypatch):
    """Between our question and our writing down: its event finds no payment yet."""
    payment, retrieve = pay(held), gateway.retrieve_session

    def meanwhile(session_id):
        session = retrieve(session_id)
        intent = session.payment_intent.id
        gateway.create_refund({"payment_intent": intent, "amount": 4500}, "dashboard")
        about = {"object": {"id": "re_1", "object": "refund", "payment_intent": intent}}
        assert post_event(*signed_event("re_1", kind="refund.created", data=about)).status_code == 200
        return session

    monkeypatch.setattr(gateway, "retrieve_session", meanwhile)
    settle(payment)
    assert (rows(payment), payment.dispute) == ([("dashboard", 4500, "succeeded")], "")


def test_a_payment_that_nobody_has_touched_needs_no_reading(held, pay, monkeypatch):
    monkeypatch.setattr(gateway, "read_money", unavailable)
    payment = pay(held, webhook=True)
    payment.refresh_from_db()
    assert (payment.status, payment.dispute) == ("paid", "")


def test_an_older_reading_never_overwrites_a_newer_one(paid, monkeypatch):
    """Somebody reads and writes while our answer is under way: ours is thrown away and asked for again."""
    read, answers = gateway.read_money, []

    def slowly(payment_intent):
        said = read(payment_intent)
        answers.append(said)
        if len(answers) == 1:
            gateway.create_refund({"payment_intent": payment_intent, "amount": 500}, "meanwhile")
            Payment.objects.filter(pk=paid.pk).update(version=7)
        return said

    monkeypatch.setattr(gateway, "read_money", slowly)
    reconciliation.reconcile(paid)
    assert (len(answers), rows(paid), paid.amount_refunded) == (2, [("dashboard", 500, "succeeded")], 500)


def test_no_transaction_is_open_while_stripe_is_called(paid, monkeypatch):
    create, inside = gateway.create_refund, []

    def watched(*args):
        inside.append(connection.in_atomic_block)
        return create(*args)

    monkeypatch.setattr(gateway, "create_refund", watched)
    paid.appointment.refresh_from_db()
    paid.appointment.cancel()
    assert inside == [False]
