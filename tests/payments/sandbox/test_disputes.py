"""In a dispute the bank takes the money, and nothing can be refunded. In an inquiry it only asks."""

import pytest
import stripe

from tests.cards import DISPUTED, INQUIRED
from tests.shapes import session_params

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid_with(v1, page_of, receiver):
    """Pay with that card, and return the payment intent and its dispute."""
    return lambda card: disputed_payment(v1, page_of, card)


@pytest.fixture
def disputed(paid_with):
    return paid_with(DISPUTED)


@pytest.fixture
def inquired(paid_with):
    return paid_with(INQUIRED)


def disputed_payment(v1, page_of, card):
    session = v1.checkout.sessions.create(params=session_params())
    assert page_of(session).pay(number=card).status_code == 303
    intent = v1.checkout.sessions.retrieve(session.id).payment_intent
    [dispute] = v1.disputes.list(params={"payment_intent": intent}).data
    return intent, dispute


def refund(v1, intent, **part):
    try:
        return v1.refunds.create(params={"payment_intent": intent, **part}).status
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


def test_in_an_inquiry_the_bank_asks_and_takes_nothing(v1, inquired, receiver):
    intent, dispute = inquired
    asked = (dispute.status, dispute.is_charge_refundable, dispute.payment_method_details.card.case_type)
    assert asked == ("warning_needs_response", True, "inquiry")
    assert "charge.dispute.created" in [event.type for event in receiver.wait_for(2)]
    assert refund(v1, intent, amount=100) == "succeeded"
    assert v1.disputes.retrieve(dispute.id).status == "warning_needs_response"


def test_returning_all_of_it_ends_an_inquiry(v1, inquired, receiver):
    intent, dispute = inquired
    assert [refund(v1, intent, amount=100), refund(v1, intent)] == ["succeeded", "succeeded"]
    assert v1.disputes.retrieve(dispute.id).status == "warning_closed"
    assert "charge.dispute.closed" in [event.type for event in receiver.wait_for(7)]


@pytest.mark.parametrize(
    ("evidence", "status", "then"),
    [
        ("winning_evidence", "warning_closed", "succeeded"),
        ("losing_evidence", "warning_closed", "succeeded"),
        ("a letter", "warning_under_review", "succeeded"),
        ("escalate_inquiry_evidence", "needs_response", "charge_disputed"),
    ],
)
def test_evidence_closes_an_inquiry_or_makes_a_dispute_of_it(v1, inquired, evidence, status, then):
    intent, dispute = inquired
    answered = v1.disputes.update(dispute.id, params={"evidence": {"uncategorized_text": evidence}})
    assert (answered.status, refund(v1, intent)) == (status, then)


def test_one_that_does_not_exist_is_said_so(v1, live_server):
    with pytest.raises(stripe.InvalidRequestError, match="No such dispute: 'du_x'"):
        v1.disputes.close("du_x")
