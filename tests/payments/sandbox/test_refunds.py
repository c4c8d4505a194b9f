"""Refunds are made as Stripe makes them: up to what is left, once for each key, and some of them later."""

import pytest
import stripe

from payments.sandbox import refunds as sandbox_refunds
from payments.sandbox.models import StripeObject
from tests.cards import DECLINED, FAILING_REFUND, GOOD, SLOW_REFUND
from tests.shapes import session_params

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid_with(v1, page_of, receiver):
    """Pay 51 euros with that card, and return the payment intent."""

    def pay(card=GOOD):
        session = v1.checkout.sessions.create(params=session_params())
        assert page_of(session).pay(number=card).status_code == 303
        return v1.checkout.sessions.retrieve(session.id).payment_intent

    return pay


@pytest.fixture
def charge_of(v1):
    def retrieve(intent):
        return v1.payment_intents.retrieve(intent, params={"expand": ["latest_charge.refunds"]}).latest_charge

    return retrieve


def kinds(v1):
    """Return the types of the events about refunds, in alphabetical order."""
    events = StripeObject.objects.filter(type="event").order_by("created")
    return sorted(event.body["type"] for event in events if "refund" in event.body["type"])


def later():
    """Let the seconds pass after which a refund may change, and return how many refunds have changed."""
    StripeObject.objects.filter(type="refund").update(created=1)
    return sandbox_refunds.progress_all()


def test_all_of_it_goes_back_unless_told_otherwise(v1, paid_with, charge_of):
    intent = paid_with()
    refund = v1.refunds.create(params={"payment_intent": intent, "metadata": {"note": "x"}})
    assert (refund.amount, refund.status, refund.metadata["note"]) == (5100, "succeeded", "x")
    charge = charge_of(intent)
    assert (charge.amount_refunded, charge.refunded) == (5100, True)
    assert [one.id for one in charge.refunds.data] == [refund.id]
    assert kinds(v1) == ["charge.refunded", "refund.created"]
    assert v1.refunds.retrieve(refund.id).charge == charge.id


def test_several_parts_up_to_what_is_left(v1, paid_with, charge_of):
    intent = paid_with()
    v1.refunds.create(params={"payment_intent": intent, "amount": 2100})
    v1.refunds.create(params={"charge": charge_of(intent).id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.refunds.create(params={"payment_intent": intent, "amount": 2001})
    assert (refused.value.param, str(refused.value.user_message)) == (
        "amount",
        "Refund amount (€20.01) is greater than unrefunded amount on charge (€20.00)",
    )
    v1.refunds.create(params={"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.refunds.create(params={"payment_intent": intent})
    assert refused.value.code == "charge_already_refunded"
    assert [one.amount for one in v1.refunds.list(params={"payment_intent": intent}).data].count(2000) == 1


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "One of the following params should be provided for this request: payment_intent or charge."),
        ({"payment_intent": "pi_x"}, "No such payment_intent: 'pi_x'"),
        ({"charge": "ch_x"}, "No such charge: 'ch_x'"),
        ({"payment_intent": "pi_x", "amount": 0}, "This value must be greater than or equal to 1."),
    ],
)
def test_what_cannot_be_refunded_is_said_in_stripes_words(v1, live_server, params, words):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.refunds.create(params=params)
    assert refused.value.user_message == words


def test_an_unpaid_intent_has_nothing_to_return(v1, page_of, receiver):
    session = v1.checkout.sessions.create(params=session_params())
    page_of(session).pay(number=DECLINED)
    intent = v1.checkout.sessions.retrieve(session.id).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge to refund"):
        v1.refunds.create(params={"payment_intent": intent})


def test_one_key_is_one_refund(v1, paid_with, charge_of):
    intent = paid_with()
    first, again = (
        v1.refunds.create(params={"payment_intent": intent, "amount": 100}, options={"idempotency_key": "k"})
        for _ in range(2)
    )
    assert (first.id, charge_of(intent).amount_refunded) == (again.id, 100)


def test_two_at_the_same_moment_return_no_more_than_was_paid(v1, paid_with, charge_of, together):
    intent = paid_with()

    def refund():
        try:
            return v1.refunds.create(params={"payment_intent": intent, "amount": 3000}).amount
        except stripe.InvalidRequestError:
            return 0

    assert sorted(together(refund, refund)) == [0, 3000]
    assert charge_of(intent).amount_refunded == 3000


def test_a_slow_card_is_pending_and_then_done(v1, paid_with, charge_of):
    intent = paid_with(SLOW_REFUND)
    refund = v1.refunds.create(params={"payment_intent": intent})
    assert (refund.status, charge_of(intent).amount_refunded) == ("pending", 5100)
    assert sandbox_refunds.progress_all() == 0
    assert [later(), later()] == [1, 0]
    assert v1.refunds.retrieve(refund.id).status == "succeeded"
    assert kinds(v1) == ["charge.refunded", "refund.created", "refund.updated"]


def test_a_refund_that_seemed_done_can_fail_and_is_taken_off_again(v1, paid_with, charge_of):
    intent = paid_with(FAILING_REFUND)
    refund = v1.refunds.create(params={"payment_intent": intent})
    assert refund.status == "succeeded"
    assert [later(), later()] == [1, 0]
    failed = v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert (charge_of(intent).amount_refunded, charge_of(intent).refunded) == (0, False)
    assert kinds(v1) == ["charge.refunded", "refund.created", "refund.failed", "refund.updated"]


def test_its_events_reach_the_site(v1, paid_with, receiver):
    intent = paid_with()
    before = len(receiver.events())
    v1.refunds.create(params={"payment_intent": intent})
    receiver.wait_for(before + 2)
    assert sorted(event.type for event in receiver.events()[before:]) == ["charge.refunded", "refund.created"]
