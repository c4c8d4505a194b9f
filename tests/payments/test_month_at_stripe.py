"""The month agrees with Stripe's balance to the cent, before and after half of it is returned, and so does the file."""

from decimal import Decimal

import pytest
from django.utils import timezone

from booking.models import Provider
from payments import gateway, reconciliation, refunds
from payments.checkout import open_session
from payments.fees import read_fees
from payments.models import Payment
from payments.month import Month
from payments.sandbox import disputes
from payments.sandbox import refunds as sandbox_refunds
from payments.sandbox.models import StripeObject
from payments.settlement import settle
from staff.movements import as_csv
from tests.cards import DISPUTED, FAILING_REFUND, GOOD, SLOW_REFUND
from tests.factories import in_days, make_appointment
from tests.payments.sandbox.pay_page import PayPage
from tests.spreadsheet import read
from tests.staff import somebody


@pytest.fixture
def paid_by(provider, webhooks_lost):
    """Have somebody pay a price with a card, as many days ahead as there are payments by then."""

    def pay(price, card=GOOD):
        at = in_days(3 + Payment.objects.count(), provider=provider)
        payment = open_session(make_appointment(provider=provider, at=at, price=Decimal(price)))
        assert PayPage(payment.url).pay(number=card).status_code == 303
        settle(payment)
        payment.refresh_from_db()
        return payment

    return pay


def month():
    return Month(timezone.localdate().replace(day=1), Provider.objects.all())


def here():
    """What the month says that has come, has gone back, and that Stripe has kept of it."""
    total = month().in_currency("eur").total
    return total.online, total.returned, total.fees


def in_the_file():
    rows = read(as_csv(month()))
    return tuple(int(100 * sum(Decimal(row[name] or 0) for row in rows)) for name in ("in", "out", "fee"))


def at_stripe():
    """The same as Stripe's balance has it; the fee of a dispute is no payment's."""
    movements = gateway.client().v1.balance_transactions.list(params={"limit": 100}).data
    charges = [one for one in movements if one.type == "charge"]
    went_back = [one for one in movements if one.type in ("refund", "refund_failure")]
    return (
        sum(one.amount for one in charges),
        -sum(one.amount for one in went_back),
        sum(one.fee for one in charges),
    )


def test_half_of_it_is_returned_and_all_agrees(paid_by, webhooks_lost):
    paid = [paid_by(price) for price in ("60.00", "0.99", "120.35", "33.33")]
    webhooks_lost()
    read_fees(timezone.now())
    assert here() == in_the_file() == at_stripe() == (21467, 0, 115 + 26 + 206 + 75)
    for payment in paid:
        refunds.return_money(payment, payment.amount // 2, by=somebody("Owner", name=f"owner-{payment.pk}"))
    assert here() == in_the_file() == at_stripe() == (21467, 3000 + 49 + 6017 + 1666, 422)


def test_a_refund_on_its_way_counts_and_one_that_failed_does_not(paid_by):
    slow, failing = paid_by("50.00", SLOW_REFUND), paid_by("40.00", FAILING_REFUND)
    read_fees(timezone.now())
    by = somebody("Owner")
    for payment in (slow, failing):
        refunds.return_money(payment, 1000, by=by)
    assert here() == in_the_file() == at_stripe() == (9000, 2000, 185)
    StripeObject.objects.filter(type="refund").update(created=1)
    sandbox_refunds.progress_all()
    for payment in (slow, failing):
        reconciliation.reconcile(payment)
    assert here() == in_the_file() == at_stripe() == (9000, 1000, 185)


def test_what_a_bank_takes_is_disputed_and_stays_what_was_taken(paid_by):
    paid_by("60.00", DISPUTED)
    read_fees(timezone.now())
    assert here() == at_stripe() == (6000, 0, 115)
    assert month().in_currency("eur").total.disputed == 6000
    dispute = StripeObject.objects.get(type="dispute")
    disputes.submit_evidence(dispute.pk, disputes.WINNING, disputes.ApiRequest())
    reconciliation.reconcile(Payment.objects.get())
    assert month().in_currency("eur").total.disputed == 0
