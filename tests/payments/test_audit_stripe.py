"""manage.py audit --stripe compares our rows with Stripe's records, in both directions; each breach is planted once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import gateway, reconciliation, refunds
from payments.checkout import open_session, save_before_opening
from payments.management.commands import audit as command
from payments.models import Payment
from payments.sandbox.models import StripeObject
from payments.settlement import settle
from tests.factories import in_days, make_appointment
from tests.manage import said_by
from tests.payments.sandbox.pay_page import PayPage
from tests.staff import somebody


def audit(*options):
    """Return the exit status, and the lines that it printed."""
    return said_by("audit", "--stripe", *options)


CLEAN = (0, ["Nothing is wrong."])


def test_what_is_right_is_not_reported(paid, provider):
    assert audit() == CLEAN
    refunds.return_money(paid, 1500, by=somebody("Owner"))
    open_session(make_appointment(provider=provider, at=in_days(4, provider=provider)))
    given_back = make_appointment(provider=provider, at=in_days(5, provider=provider))
    open_session(given_back)
    given_back.cancel()
    assert audit() == CLEAN
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["expired", "open", "paid"]


def test_more_sessions_than_one_page_are_all_compared(paid, provider, monkeypatch):
    for number in range(120):
        session = StripeObject.objects.get(pk=paid.checkout_session_id)
        newer = {"id": f"cs_test_{number}", "metadata": {}, "created": session.created + 1}
        StripeObject.objects.keep({**session.body, **newer}, **session.internal)
    assert audit() == CLEAN
    StripeObject.objects.filter(pk=paid.checkout_session_id).update(created=1)
    assert audit() == (1, [f"Payment {paid.pk} has a session that Stripe does not list."])


def test_paid_at_stripe_and_not_yet_heard_of(held, pay):
    payment = pay(held)
    assert audit() == (1, [f"Payment {payment.pk} is open here and paid at Stripe."])


def test_a_session_that_we_do_not_know(paid, held):
    Payment.objects.filter(pk=paid.pk).update(checkout_session_id="cs_test_other", amount_captured=6000)
    assert audit() == (
        1,
        [
            f"Session {paid.checkout_session_id} at Stripe is no payment here.",
            f"Payment {paid.pk} has a session that Stripe does not list.",
        ],
    )


def test_in_an_empty_database_what_stripe_knows_is_missed(paid):
    session = paid.checkout_session_id
    Payment.objects.all().delete()
    assert audit() == (
        1,
        [
            f"Appointment {paid.appointment_id} is confirmed and not paid.",
            f"Session {session} at Stripe is no payment here.",
        ],
    )


def test_a_session_whose_answer_was_lost_is_being_opened(held):
    saved = save_before_opening(held)
    gateway.create_session(saved.params, saved.idempotency_key)
    assert audit() == CLEAN


def test_a_session_without_an_answer_that_was_paid_all_the_same(held):
    """In reality nobody can pay such a session, since nobody has its address."""
    saved = save_before_opening(held)
    session = gateway.create_session(saved.params, saved.idempotency_key)
    PayPage(session.url).pay()
    Payment.objects.update(status="failed")
    assert audit() == (1, [f"Session {session.id} at Stripe is no payment here."])


@pytest.mark.parametrize(("days", "read"), [(80, True), (100, False)])
def test_it_looks_back_ninety_days_unless_told_otherwise(paid, days, read):
    long_ago = timezone.now() - timedelta(days=days)
    StripeObject.objects.update(created=int(long_ago.timestamp()))
    Payment.objects.update(created_at=long_ago - timedelta(minutes=1), amount_captured=6001)
    differs = f"Payment {paid.pk} has other amounts than at Stripe."
    assert (differs in audit()[1], differs in audit("--all")[1]) == (read, True)


def test_what_is_older_than_ninety_days_is_missed_only_when_all_is_asked_for(paid):
    Payment.objects.update(created_at=timezone.now() - timedelta(days=100))
    StripeObject.objects.filter(type="checkout.session").delete()
    assert audit() == CLEAN
    assert audit("--all") == (1, [f"Payment {paid.pk} has a session that Stripe does not list."])


@pytest.mark.parametrize("apart", [timedelta(minutes=-5), timedelta(hours=23)])
def test_a_row_and_its_session_on_either_side_of_that_day_belong_together(paid, apart):
    """Both have their own date: a session is made after its row, and Stripe's clock may differ from ours."""
    row = timezone.now() - timedelta(days=90) - apart / 2
    Payment.objects.update(created_at=row)
    StripeObject.objects.update(created=int((row + apart).timestamp()))
    assert audit() == CLEAN


def test_another_currency(paid):
    StripeObject.objects.get(pk=paid.checkout_session_id).change(currency="usd")
    assert audit() == (1, [f"Payment {paid.pk} is in another currency at Stripe."])


def test_other_amounts_and_other_refunds(paid):
    gateway.create_refund({"payment_intent": paid.payment_intent_id, "amount": 500}, "dashboard")
    amounts, unknown = (f"Payment {paid.pk} has other {what} than at Stripe." for what in ("amounts", "refunds"))
    assert audit() == (1, [amounts, unknown])
    reconciliation.reconcile(paid)
    assert audit() == CLEAN


def test_another_dispute(paid):
    Payment.objects.filter(pk=paid.pk).update(dispute="won")
    assert audit() == (1, [f"Payment {paid.pk} has another dispute than at Stripe."])


def test_what_is_heard_of_a_moment_later_is_no_breach(held, pay, monkeypatch):
    payment = pay(held)
    monkeypatch.setattr(command.time, "sleep", lambda seconds: settle(payment))
    assert audit() == CLEAN


def test_stripe_out_of_reach_proves_nothing(paid, stripe_down):
    stripe_down()
    assert audit() == (1, ["Stripe could not be asked, so nothing is proved. Run it again."])
