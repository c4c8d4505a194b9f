"""The sandbox signs its webhooks and sends them as Stripe does, again and again until they are taken."""

import time
from datetime import timedelta

import pytest
import stripe
from django.utils import timezone

from payments.sandbox import webhooks
from payments.sandbox.models import StripeObject, WebhookDelivery
from tests.cards import DECLINED
from tests.servers import NOWHERE
from tests.shapes import session_params


@pytest.fixture
def session(sessions, receiver):
    return sessions.create(params=session_params())


def the_delivery():
    return WebhookDelivery.objects.get()


def test_a_payment_is_delivered_before_the_customer_is_sent_back(session, page_of, receiver):
    page_of(session).pay()

    [(path, headers, _)] = receiver.received
    [event] = receiver.events()
    assert (path, headers["Content-Type"]) == ("/payments/webhook/", "application/json; charset=utf-8")
    assert (event.type, event.api_version, event.livemode) == ("checkout.session.completed", "2026-10-28.endive", False)
    assert (event.data.object.id, event.data.object.payment_status) == (session.id, "paid")
    assert event.pending_webhooks == 1
    assert event.request.to_dict() == {"id": None, "idempotency_key": None}
    delivery = the_delivery()
    assert (delivery.attempts, delivery.last_answer, delivery.next_attempt_at) == (1, "200", None)


def test_the_signature_is_that_of_the_official_library(session, page_of, receiver, settings):
    page_of(session).pay()

    [(_, headers, body)] = receiver.received
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_of_somebody_else")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", headers["Stripe-Signature"], settings.STRIPE_WEBHOOK_SECRET)


def test_expiring_over_the_api_is_delivered_in_the_background(session, sessions, receiver):
    answer = sessions.expire(session.id, options={"idempotency_key": "k"})

    [event] = receiver.wait_for(1)
    assert (event.type, event.data.object.status) == ("checkout.session.expired", "expired")
    assert event.request.to_dict() == {"id": answer.last_response.request_id, "idempotency_key": "k"}


def test_an_event_keeps_the_object_as_it_was(session, sessions, page_of, receiver):
    page_of(session).pay(DECLINED)
    page_of(session).pay()

    failed = StripeObject.objects.get(type="event", body__type="payment_intent.payment_failed")
    assert failed.body["data"]["object"]["status"] == "requires_payment_method"


@pytest.mark.parametrize("answer", [500, 404, 302])
def test_an_answer_that_is_not_2xx_is_asked_again(session, page_of, receiver, answer):
    receiver.answer = answer
    assert page_of(session).pay().status_code == 303
    assert (the_delivery().last_answer, the_delivery().delivered_at) == (str(answer), None)
    assert the_delivery().event.body["pending_webhooks"] == 1

    receiver.answer = 204
    assert webhooks.deliver_due() == 0
    assert webhooks.deliver_due(timezone.now() + timedelta(seconds=6)) == 1
    assert webhooks.deliver_due(timezone.now() + timedelta(days=1)) == 0
    assert (the_delivery().attempts, len(receiver.received)) == (2, 2)
    assert the_delivery().event.body["pending_webhooks"] == 0


def test_each_attempt_is_signed_anew(session, page_of, receiver):
    receiver.answer = 500
    page_of(session).pay()
    time.sleep(1.1)
    webhooks.deliver_due(timezone.now() + timedelta(seconds=6))

    signatures = [headers["Stripe-Signature"] for _, headers, _ in receiver.received]
    assert len(set(signatures)) == 2
    assert [event.id for event in receiver.events()] == [the_delivery().event_id] * 2


def test_the_pauses_grow_to_an_hour_and_end_after_three_days(session, page_of, receiver):
    receiver.answer = 500
    page_of(session).pay()
    pauses, now = [], timezone.now()

    while (due := the_delivery().next_attempt_at) is not None:
        pauses.append(round((due - now).total_seconds()))
        now = due
        webhooks.deliver_due(now)

    assert pauses[:6] == [5, 30, 180, 1080, 3600, 3600]
    assert (now - timezone.now()) // timedelta(hours=1) in (70, 71)


def test_an_unreachable_site_is_asked_again(session, page_of, settings):
    settings.SITE_URL = NOWHERE

    assert page_of(session).pay().status_code == 303
    assert (the_delivery().last_answer, the_delivery().attempts) == ("ConnectionError", 1)


def test_who_has_paid_is_sent_back_even_if_the_delivery_fails_in_an_unknown_way(session, page_of, monkeypatch):
    monkeypatch.setattr(webhooks, "post", lambda event: 1 / 0)
    assert page_of(session).pay().status_code == 303
    assert (the_delivery().attempts, the_delivery().last_answer) == (1, "")


def test_what_somebody_is_sending_is_left_to_them(session, page_of, receiver):
    receiver.answer = 500
    page_of(session).pay()
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))

    webhooks.deliver_event(the_delivery().event_id)

    assert len(receiver.received) == 1


def test_two_ticks_at_once_send_a_delivery_once(session, page_of, receiver, together):
    receiver.answer = 500
    page_of(session).pay()
    receiver.answer, receiver.pause = 200, 0.3
    later = timezone.now() + timedelta(seconds=6)

    assert sorted(together(*[lambda: webhooks.deliver_due(later)] * 4)) == [0, 0, 0, 1]
    assert len(receiver.received) == 2


def test_logs_hold_no_address_and_no_card(session, page_of, receiver, caplog):
    receiver.answer = 500
    page_of(session).pay()

    assert [record.message for record in caplog.records if record.name.startswith("payments.sandbox")] == [
        f"webhook {the_delivery().event_id} checkout.session.completed: attempt 1 got 500"
    ]
    assert ("ada@example.com" in caplog.text, "4242" in caplog.text) == (False, False)
