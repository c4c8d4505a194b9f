"""An event that Stripe signed is kept and done once. It is refused if its time or its content cannot be right."""

import time
from datetime import timedelta

import pytest

from booking.models import Appointment
from payments import ledger
from payments.checkout import open_session
from payments.models import Payment, WebhookEvent
from tests.payments.events import post_event, signed_event
from tests.payments.standing import state_of

EVENTS = "/admin/payments/webhookevent/"


def entry():
    event = WebhookEvent.objects.get()
    return event.processed_at is not None, event.last_error


@pytest.mark.parametrize("ahead", [600, 10**9])
def test_a_signature_from_the_future_is_refused_and_not_stored(held, pay, ahead):
    payment = pay(held)
    told = signed_event(payment.checkout_session_id, signed_at=time.time() + ahead)
    assert post_event(*told).status_code == 400
    assert (WebhookEvent.objects.count(), state_of(held).status) == (0, "held")


def test_a_clock_a_little_ahead_is_none(held, pay):
    payment = pay(held)
    told = signed_event(payment.checkout_session_id, signed_at=time.time() + 60)
    assert (post_event(*told).status_code, state_of(held).status) == (200, "confirmed")


@pytest.mark.parametrize("foreign", [{"livemode": True}, {"account": "acct_somebody"}])
def test_an_event_of_another_mode_or_account_is_stored_and_changes_nothing(held, pay, foreign):
    payment = pay(held)
    assert post_event(*signed_event(payment.checkout_session_id, **foreign)).status_code == 200
    assert entry() == (True, "Of another account or mode: nothing was done.")
    assert state_of(held).status == "held"


def test_an_id_that_we_know_with_another_story_is_refused(held, pay):
    payment = pay(held)
    assert post_event(*signed_event("cs_test_first", event_id="evt_7")).status_code == 200
    assert post_event(*signed_event(payment.checkout_session_id, event_id="evt_7")).status_code == 400
    assert (WebhookEvent.objects.get().object_id, state_of(held).status) == ("cs_test_first", "held")


def test_a_session_that_stripe_does_not_know_is_not_asked_about_for_ever(held):
    payment = open_session(held)
    Payment.objects.update(checkout_session_id="cs_test_gone")
    assert post_event(*signed_event("cs_test_gone")).status_code == 200
    assert state_of(held).payments == [("failed", "unknown")]
    assert list(Payment.objects.needing_staff()) == [payment]
    assert list(Payment.objects.awaited()) == []


def test_what_went_wrong_stays_with_the_event_and_the_tick_does_it(held, pay, stripe_down, stripe_up):
    payment = pay(held)
    stripe_down()
    assert post_event(*signed_event(payment.checkout_session_id)).status_code == 503
    assert entry() == (False, "Stripe could not be asked about it.")
    stripe_up()
    ledger.process_due(WebhookEvent.objects.get().received_at + timedelta(seconds=10))
    assert (entry(), state_of(held).status) == ((True, ""), "confirmed")


def test_an_error_of_our_own_is_kept_with_the_event_and_answered_5xx(held, pay, monkeypatch, client):
    payment = pay(held)
    client.raise_request_exception = False
    body, header = signed_event(payment.checkout_session_id)
    monkeypatch.setattr(ledger.settlement, "settle", lambda payment: 1 / 0)
    answer = client.post(
        "/payments/webhook/", body, content_type="application/json", headers={"Stripe-Signature": header}
    )
    assert (answer.status_code, entry()) == (500, (False, "ZeroDivisionError"))


def test_a_replay_does_nothing_once_it_is_processed(held, pay, monkeypatch):
    payment = pay(held)
    told = signed_event(payment.checkout_session_id)
    assert post_event(*told).status_code == 200
    monkeypatch.setattr(ledger, "act_on", lambda event: 1 / 0)
    assert post_event(*told).status_code == 200


def test_staff_read_filter_and_process_an_event_again(held, pay, admin_client):
    payment = pay(held)
    ledger_entry = WebhookEvent.objects.create(
        event_id="evt_1",
        type="checkout.session.completed",
        object_id=payment.checkout_session_id,
        livemode=False,
        last_error="Stripe could not be asked about it.",
    )
    listed = admin_client.get(EVENTS, {"processed_at__isempty": "1", "q": payment.checkout_session_id})
    assert list(listed.context["cl"].queryset) == [ledger_entry]
    admin_client.post(EVENTS, {"action": "process_again", "_selected_action": [ledger_entry.pk]})
    assert (entry(), Appointment.objects.get(pk=held.pk).status) == ((True, ""), "confirmed")
