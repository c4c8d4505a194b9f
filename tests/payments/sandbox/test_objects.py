"""The SDK turns a key that was not sent into an AttributeError, so every key that Stripe always sends must be there.

The keys that are expected are those that the installed SDK knows, without those that Stripe sends only sometimes. These
are named here, each with the case in which it is sent.
"""

import pytest
import stripe

from payments.sandbox.models import StripeObject
from tests.cards import DISPUTED
from tests.shapes import session_params

SENT_ONLY_SOMETIMES = {
    stripe.checkout.Session: {
        "branding_settings",  # sent when colours or a logo are given
        "excluded_payment_method_types",  # sent when given
        "line_items",  # sent when expanded
        "name_collection",  # sent when asked for
        "presentment_details",  # adaptive pricing
        "redirect_on_completion",  # embedded pages
        "return_url",  # embedded pages
        "tax_id_collection",  # sent when asked for
    },
    stripe.PaymentIntent: {
        "hooks",  # tax calculations linked to a payment
        "payment_details",  # references for some methods
        "presentment_details",  # adaptive pricing
    },
    stripe.Charge: {
        "authorization_code",  # cards read by a terminal
        "level3",  # accounts with level III data
        "presentment_details",  # adaptive pricing
        "transfer",  # Connect
    },
    stripe.LineItem: {
        "discounts",  # sent when expanded
        "taxes",  # sent when expanded
    },
    stripe.Price: {
        "currency_options",  # sent when expanded
        "tiers",  # sent when expanded
    },
    stripe.Refund: {
        "description",  # refunds that do not go to a card
        "failure_balance_transaction",  # once it failed
        "failure_reason",  # once it failed
        "instructions_email",  # methods whose customer is sent instructions
        "next_action",  # methods whose customer must do something
        "pending_reason",  # while it is pending
        "presentment_details",  # adaptive pricing
    },
    stripe.Dispute: set(),
    stripe.Event: {
        "account",  # Connect
        "context",  # organisations
        "reason",  # thin events
    },
}


def expected_keys(resource):
    known = {name for name in resource.__annotations__ if name != "OBJECT_NAME"}
    return known - SENT_ONLY_SOMETIMES[resource] - {"deleted"}


@pytest.fixture
def paid(sessions, page_of, receiver):
    session = sessions.create(params=session_params())
    assert page_of(session).pay().status_code == 303
    return sessions.retrieve(session.id, params={"expand": ["line_items", "payment_intent.latest_charge"]})


def test_objects_have_every_key_that_stripe_always_sends(paid):
    item = paid.line_items.data[0]
    for thing in (paid, paid.payment_intent, paid.payment_intent.latest_charge, item, item.price):
        missing = expected_keys(type(thing)) - set(thing.to_dict())
        assert (type(thing).__name__, missing) == (type(thing).__name__, set())


def test_refunds_have_every_key_that_stripe_always_sends(paid, client_of):
    refund = client_of().v1.refunds.create(params={"payment_intent": paid.payment_intent.id})
    assert expected_keys(stripe.Refund) - set(refund.to_dict()) == set()


def test_disputes_have_every_key_that_stripe_always_sends(sessions, page_of, receiver, client_of):
    page_of(sessions.create(params=session_params())).pay(number=DISPUTED)
    [dispute] = client_of().v1.disputes.list().data
    assert expected_keys(stripe.Dispute) - set(dispute.to_dict()) == set()


def test_events_have_every_key_that_stripe_always_sends(paid, receiver):
    [event] = receiver.events()

    assert expected_keys(stripe.Event) - set(event.to_dict()) == set()
    assert event.data.object.to_dict().keys() == StripeObject.objects.get(pk=paid.id).body.keys()


def test_ids_look_like_those_of_stripe(paid):
    charge = paid.payment_intent.latest_charge
    item = paid.line_items.data[0]
    ids = [paid.id, paid.payment_intent.id, charge.id, charge.payment_method, item.id, item.price.id]

    assert [id_.rpartition("_")[0] for id_ in ids] == ["cs_test", "pi", "ch", "pm", "li", "price"]
    assert min(len(id_.rpartition("_")[2]) for id_ in ids) == 24
