"""Each charge, refund and dispute moves the balance, in Stripe's format and with Stripe's fees."""

import pytest
import stripe

from payments.sandbox import balance
from payments.sandbox import refunds as sandbox_refunds
from payments.sandbox.models import StripeObject
from tests.cards import DECLINED, DISPUTED, FAILING_REFUND, GOOD, INQUIRED
from tests.shapes import session_params

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pay(v1, page_of, receiver):
    """Pay 51 euros with that card, and return the charge with its movement."""

    def pay(card=GOOD):
        session = v1.checkout.sessions.create(params=session_params())
        page_of(session).pay(number=card)
        expand = ["payment_intent.latest_charge.balance_transaction"]
        return v1.checkout.sessions.retrieve(session.id, params={"expand": expand}).payment_intent.latest_charge

    return pay


def movements(v1, **chosen):
    """Return what kind of movement it was, its amount, its fee and what is left of it, the newest first."""
    found = v1.balance_transactions.list(params=chosen).data
    return sorted((one.reporting_category, one.amount, one.fee, one.net) for one in found)


@pytest.mark.any_engine
@pytest.mark.parametrize(("amount", "fee"), [(50, 26), (100, 27), (5100, 102), (6000, 115), (99_999_999, 1_500_025)])
def test_a_fee_is_a_part_and_a_fixed_amount(amount, fee):
    assert balance.fee_of(amount) == fee


def test_a_charge_has_a_movement_with_its_fee(v1, pay):
    charge = pay()
    movement = charge.balance_transaction
    assert (movement.amount, movement.fee, movement.net, movement.currency) == (5100, 102, 4998, "eur")
    assert (movement.type, movement.source, movement.status) == ("charge", charge.id, "pending")
    assert [(one.amount, one.type) for one in movement.fee_details] == [(102, "stripe_fee")]
    assert v1.balance_transactions.retrieve(movement.id).to_dict() == movement.to_dict()
    assert stripe.BalanceTransaction.__annotations__.keys() - set(movement.to_dict()) == {"OBJECT_NAME"}


def test_what_was_declined_moves_nothing(v1, pay):
    assert (pay(DECLINED).balance_transaction, movements(v1)) == (None, [])


def test_a_refund_takes_from_the_balance_and_no_fee_comes_back(v1, pay):
    charge = pay()
    refund = v1.refunds.create(params={"charge": charge.id, "amount": 2000, "expand": ["balance_transaction"]})
    assert (refund.balance_transaction.amount, refund.balance_transaction.fee) == (-2000, 0)
    assert movements(v1) == [("charge", 5100, 102, 4998), ("refund", -2000, 0, -2000)]
    assert movements(v1, type="refund") == movements(v1, source=refund.id) == [("refund", -2000, 0, -2000)]


def test_a_refund_that_fails_is_back_in_the_balance(v1, pay):
    refund = v1.refunds.create(params={"charge": pay(FAILING_REFUND).id})
    StripeObject.objects.filter(type="refund").update(created=1)
    sandbox_refunds.progress_all()
    failed = v1.refunds.retrieve(refund.id, params={"expand": ["failure_balance_transaction"]})
    assert failed.failure_balance_transaction.amount == 5100
    assert sum(net for *_, net in movements(v1)) == 4998


@pytest.mark.parametrize(
    ("evidence", "moved"),
    [
        ("losing_evidence", [("dispute", -5100, 2000, -7100)]),
        ("winning_evidence", [("dispute", -5100, 2000, -7100), ("dispute_reversal", 5100, 0, 5100)]),
    ],
)
def test_a_dispute_takes_the_money_until_it_is_won(v1, pay, evidence, moved):
    pay(DISPUTED)
    [dispute] = v1.disputes.list().data
    v1.disputes.update(dispute.id, params={"evidence": {"uncategorized_text": evidence}})
    assert movements(v1, type="adjustment") == moved
    decided = v1.disputes.retrieve(dispute.id)
    assert [one.net for one in decided.balance_transactions] == [net for *_, net in moved]


def test_an_inquiry_takes_nothing_until_it_becomes_a_dispute(v1, pay):
    pay(INQUIRED)
    [inquiry] = v1.disputes.list().data
    assert movements(v1, type="adjustment") == []
    evidence = {"uncategorized_text": "escalate_inquiry_evidence"}
    v1.disputes.update(inquiry.id, params={"evidence": evidence})
    assert movements(v1, type="adjustment") == [("dispute", -5100, 2000, -7100)]
