"""A disputed charge: the bank has the money until it is decided, and nothing is refunded meanwhile."""

import pytest
import stripe

from tests.sandbox.conftest import session_params

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def v1(client_of):
    return client_of().v1


@pytest.fixture
def disputed(v1, page_of, receiver):
    """The payment intent, and its dispute."""
    session = v1.checkout.sessions.create(params=session_params())
    assert page_of(session).pay(number="4000 0000 0000 0259").status_code == 303
    intent = v1.checkout.sessions.retrieve(session.id).payment_intent
    [dispute] = v1.disputes.list(params={"payment_intent": intent}).data
    return intent, dispute


def refund(v1, intent):
    try:
        return v1.refunds.create(params={"payment_intent": intent}).status
    except stripe.InvalidRequestError as refused:
        return refused.code


def test_the_card_pays_and_the_bank_disputes_it_at_once(v1, disputed, receiver):
    intent, dispute = disputed
    charge = v1.payment_intents.retrieve(intent, params={"expand": ["latest_charge"]}).latest_charge
    assert (charge.paid, charge.disputed) == (True, True)
    assert (dispute.status, dispute.amount, dispute.charge, dispute.reason) == (
        "needs_response",
        5100,
        charge.id,
        "fraudulent",
    )
    assert refund(v1, intent) == "charge_disputed"
    told = sorted(event.type for event in receiver.wait_for(2))
    assert told == ["charge.dispute.created", "checkout.session.completed"]


@pytest.mark.parametrize(
    ("evidence", "status", "then"),
    [
        ("winning_evidence", "won", "succeeded"),
        ("losing_evidence", "lost", "charge_disputed"),
        ("a letter", "under_review", "charge_disputed"),
    ],
)
def test_evidence_decides_it(v1, disputed, evidence, status, then):
    intent, dispute = disputed
    answered = v1.disputes.update(dispute.id, params={"evidence": {"uncategorized_text": evidence}})
    assert (answered.status, answered.is_charge_refundable, refund(v1, intent)) == (status, status == "won", then)


def test_one_that_is_accepted_is_lost_and_stays_so(v1, disputed):
    _, dispute = disputed
    assert v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        v1.disputes.close(dispute.id)


def test_one_that_does_not_exist_is_said_so(v1, live_server):
    with pytest.raises(stripe.InvalidRequestError, match="No such dispute: 'du_x'"):
        v1.disputes.close("du_x")
