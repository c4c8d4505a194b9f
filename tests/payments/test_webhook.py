"""Our webhook endpoint keeps what Stripe signed and refuses the rest. What it cannot do now, Stripe sends again."""

import json
import time

import pytest
from django.test import Client

from payments.checkout import open_session
from payments.models import WebhookEvent
from tests.payments.events import post_event, signature, signed_event
from tests.payments.standing import state_of
from tests.payments.ticking import later_tick


def stored():
    return list(WebhookEvent.objects.values_list("event_id", "type", "object_id", "last_error"))


def processed():
    return WebhookEvent.objects.exclude(processed_at=None).count()


@pytest.fixture(autouse=True)
def site(live_server):
    return live_server


def test_a_signed_event_is_kept_without_its_payload(held, pay):
    payment = pay(held)
    body, header = signed_event(payment.checkout_session_id, customer_email="jo@example.com")
    assert post_event(body, header).status_code == 200
    assert stored() == [("evt_1", "checkout.session.completed", payment.checkout_session_id, "")]
    row = WebhookEvent.objects.values().get()
    assert "jo@example.com" not in json.dumps(row, default=str)


def not_signed():
    return signed_event("cs_test_1")[0], None


def signed_by_another():
    body = signed_event("cs_test_1")[0]
    return body, signature(body, secret="whsec_other")


def changed_on_the_way():
    body, header = signed_event("cs_test_1")
    return body.replace("cs_test_1", "cs_test_2"), header


def too_old():
    return signed_event("cs_test_1", signed_at=1_700_000_000)


def not_utf8():
    return b"\xff\xfe{}", "t=1,v1=00"


def not_json():
    return "{", signature("{")


def not_an_object():
    return "[]", signature("[]")


def without_an_object():
    body = json.dumps({"id": "evt_1", "object": "event", "type": "x", "livemode": False, "data": {}})
    return body, signature(body)


def nested_without_end():
    body = "[" * 100_000
    return body, signature(body)


@pytest.mark.parametrize(
    "delivery",
    [
        not_signed,
        signed_by_another,
        changed_on_the_way,
        too_old,
        not_utf8,
        not_json,
        not_an_object,
        without_an_object,
        nested_without_end,
    ],
)
def test_what_stripe_did_not_sign_for_us_just_now_is_refused_and_not_kept(delivery):
    answer = post_event(*delivery())
    assert (answer.status_code, stored()) == (400, [])
    assert answer.content == b"Not a current event signed for this endpoint. Check the webhook secret and the clock.\n"


@pytest.mark.parametrize(("seconds", "status"), [(-295, 200), (295, 200), (-310, 400), (310, 400)])
def test_by_a_clock_that_is_five_minutes_off_nothing_is_believed(seconds, status):
    """Stripe signs by its own clock, which is that many seconds ahead of ours."""
    answer = post_event(*signed_event("cs_test_1", signed_at=time.time() + seconds))
    assert (answer.status_code, len(stored())) == (status, int(status == 200))


def balance_available():
    """The object of this event has no id."""
    balance = {"object": "balance", "available": [{"amount": 6000, "currency": "eur"}], "livemode": False}
    return signed_event("", kind="balance.available", data={"object": balance})


def thin_event():
    """Events of Stripe's second version have no payload, and only say what they are about."""
    session = {"id": "cs_test_1", "type": "checkout.session", "url": "/v1/checkout/sessions/cs_test_1"}
    thin = {"object": "v2.core.event", "created": "2026-11-27T10:00:00.000Z", "related_object": session}
    event = {"id": "evt_1", "type": "v1.checkout.session.completed", "livemode": False, **thin}
    return json.dumps(event), signature(json.dumps(event))


def thin_event_about_nothing():
    event = {"id": "evt_1", "object": "v2.core.event", "type": "v2.core.health.event_generation_failure.resolved"}
    event = json.dumps({**event, "livemode": False, "related_object": None})
    return event, signature(event)


@pytest.mark.parametrize(
    ("delivery", "entry"),
    [
        (balance_available, ("balance.available", "")),
        (thin_event, ("v1.checkout.session.completed", "cs_test_1")),
        (thin_event_about_nothing, ("v2.core.health.event_generation_failure.resolved", "")),
    ],
)
def test_what_stripe_signed_and_nobody_needs_is_kept_and_done(delivery, entry):
    """If we answered otherwise, Stripe would repeat it for days and then switch the endpoint off."""
    assert post_event(*delivery()).status_code == 200
    assert (stored(), processed()) == ([("evt_1", *entry, "")], 1)


@pytest.mark.parametrize("delivery", [balance_available, thin_event, thin_event_about_nothing])
def test_of_what_nobody_needs_the_signature_is_checked_all_the_same(delivery):
    body, _ = delivery()
    assert (post_event(body, signature(body, secret="whsec_other")).status_code, stored()) == (400, [])


def test_without_its_last_slash_the_address_is_the_same(held, pay):
    body, header = signed_event(pay(held).checkout_session_id)
    told = {"content_type": "application/json", "headers": {"Stripe-Signature": header}}
    assert Client().post("/payments/webhook", body, **told).status_code == 200
    assert state_of(held).status == "confirmed"


def test_five_megabytes_are_refused():
    body, header = signed_event("cs_test_1", padding="x" * 5_000_000)
    assert (post_event(body, header).status_code, stored()) == (413, [])


def test_a_get_says_that_the_address_takes_post():
    answer = Client().get("/payments/webhook/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_without_a_secret_nothing_can_be_believed(settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert post_event(*signed_event("cs_test_1")).status_code == 503


@pytest.mark.parametrize("kind", ["invoice.paid", "checkout.session.completed"])
def test_an_event_that_concerns_nothing_of_ours_is_kept_and_done(kind):
    assert post_event(*signed_event("cs_test_of_another_site", kind=kind)).status_code == 200
    assert (len(stored()), processed()) == (1, 1)


def test_while_stripe_cannot_be_asked_the_event_is_kept_and_asked_for_again(held, pay, stripe_down, stripe_up):
    payment = pay(held)
    stripe_down()
    answer = post_event(*signed_event(payment.checkout_session_id))
    assert (answer.status_code, processed(), state_of(held).status) == (503, 0, "held")
    assert stored()[0][3] == "Stripe could not be asked about it."
    stripe_up()
    assert post_event(*signed_event(payment.checkout_session_id)).status_code == 200
    assert (processed(), stored()[0][3], state_of(held).status) == (1, "", "confirmed")


def test_an_event_left_unprocessed_is_processed_by_the_tick(held, stripe_down, stripe_up):
    payment = open_session(held)
    stripe_down()
    post_event(*signed_event(payment.checkout_session_id))
    stripe_up()
    later_tick()
    assert processed() == 1


def test_an_event_that_lies_about_the_payment_confirms_nothing(held):
    """A signed event says "completed", but Stripe says when asked that the session is still open."""
    payment = open_session(held)
    assert post_event(*signed_event(payment.checkout_session_id)).status_code == 200
    assert state_of(held).status == "held"
