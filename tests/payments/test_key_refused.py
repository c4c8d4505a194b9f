"""Stripe refuses our key, or the key lacks a permission. Staff are told what to mend; clients are told to call."""

import logging
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from booking.models import NotNow
from payments import refunds
from payments.checkout import open_session
from payments.gateway import KeyRefused
from payments.models import Payment, WebhookEvent
from tests.factories import in_days
from tests.payments.events import post_event, signed_event
from tests.payments.standing import state_of
from tests.shapes import HTMX
from tests.staff import said

TO_CLIENTS = (
    "Payment is not available just now. Nothing was charged, and your time is still kept. Please get in touch with us."
)
REASON = "Stripe refuses our secret key: it lacks the permission rak_charge_write."
REMEDY = "Whoever runs this site mends that in Stripe’s dashboard, under API keys."


def forbidden(rest):
    key = "rk_test_***********abcdef"
    return f"The provided key '{key}' does not have the required permissions for this endpoint. {rest}"


LACKS_ONE = forbidden("Having the 'rak_charge_write' permission would allow this request to continue.")
LACKS_ONE_OF = forbidden("Having the 'rak_a_read', 'rak_b_read' permissions would allow this request to continue.")
LACKS_SOME = forbidden("Having more permissions would allow this request to continue.")


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("status", [401, 403])
def test_a_client_reads_that_the_time_is_kept_and_whom_to_ask(held, stripe_refuses, status, headers):
    stripe_refuses(status, LACKS_ONE)
    answer = Client().post(f"/payments/{held.reference}/checkout/", headers=headers)
    page = answer.content.decode()
    assert (answer.status_code, TO_CLIENTS in page, "Try again in a minute" in page) == (503, True, False)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("open", "")])


def test_a_program_reads_the_same(held, stripe_refuses):
    stripe_refuses(403, LACKS_ONE)
    answer = Client().post(f"/api/appointments/{held.reference}/checkout")
    assert (answer.status_code, answer.json()["detail"]) == (503, TO_CLIENTS)


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        ((401, "Invalid API Key provided: sk_test_****1234"), "it is not valid, or not any more"),
        ((403, LACKS_ONE), "it lacks the permission rak_charge_write"),
        ((403, LACKS_ONE_OF), "it lacks the permission rak_a_read or rak_b_read"),
        ((403, LACKS_SOME), "it lacks a permission"),
    ],
)
def test_the_log_says_once_a_call_what_to_mend_and_nothing_of_the_key(held, stripe_refuses, caplog, refusal, reason):
    stripe_refuses(*refusal)
    with pytest.raises(KeyRefused):
        open_session(held)
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == [f"Stripe refuses our secret key: {reason}. (request req_1)"]


def test_once_it_is_mended_the_same_payment_is_opened(held, stripe_refuses, stripe_up):
    stripe_refuses(403, LACKS_ONE)
    with pytest.raises(KeyRefused):
        open_session(held)
    stripe_up()
    assert open_session(held) == Payment.objects.get()


def test_who_moves_the_appointment_is_told_to_call(held, stripe_refuses, provider):
    open_session(held)
    stripe_refuses(403, LACKS_ONE)
    with pytest.raises(NotNow) as told:
        held.reschedule(in_days(4, provider=provider))
    sentence = "Your payment page cannot be closed just now. Nothing was changed: please get in touch with us."
    assert str(told.value) == sentence


# Staff


def test_staff_who_ask_stripe_are_told_what_to_mend(held, stripe_refuses, admin_client):
    payment = open_session(held)
    stripe_refuses(403, LACKS_ONE)
    chosen = {"action": "ask_stripe", "_selected_action": [payment.pk]}
    answer = admin_client.post("/admin/payments/payment/", chosen, follow=True)
    assert said(answer) == [f"{REASON} {REMEDY}"]


def test_an_event_keeps_the_reason_and_staff_who_process_it_again_are_told(held, stripe_refuses, admin_client):
    payment = open_session(held)
    stripe_refuses(403, LACKS_ONE)
    assert post_event(*signed_event(payment.checkout_session_id)).status_code == 503
    event = WebhookEvent.objects.get()
    chosen = {"action": "process_again", "_selected_action": [event.pk]}
    answer = admin_client.post("/admin/payments/webhookevent/", chosen, follow=True)
    assert (event.last_error, said(answer)) == (REASON, [f"{REASON} {REMEDY}"])


def test_a_refund_that_may_not_be_sent_says_why_until_it_is(paid, stripe_refuses, admin_client, stripe_up):
    stripe_refuses(403, LACKS_ONE)
    page = f"/admin/payments/payment/{paid.pk}/"
    asked = {"amount": "10.00", "reason": "staff", "seen": "0"}
    assert REASON in admin_client.post(f"{page}refund/", asked, follow=True).content.decode()
    assert [(refund.status, refund.failure_reason) for refund in paid.refunds.all()] == [("owed", REASON)]
    stripe_up()
    refunds.send_refunds(paid)
    assert [(refund.status, refund.failure_reason) for refund in paid.refunds.all()] == [("succeeded", "")]


def test_audit_says_what_to_mend(paid, stripe_refuses):
    stripe_refuses(403, LACKS_ONE)
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit", "--stripe", stdout=said)
    assert said.getvalue() == f"{REASON} {REMEDY} Until then nothing is proved.\n"
