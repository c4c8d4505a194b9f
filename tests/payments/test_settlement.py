"""Webhook, success page and tick may all report a payment, in any order or at once. It confirms exactly once."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, Mail
from payments import reconciliation
from payments.audit_at_stripe import audit_stripe
from payments.checkout import open_session
from payments.gateway import client
from payments.models import Payment, Refund, WebhookEvent
from payments.sandbox.models import StripeObject
from payments.settlement import settle
from tests.factories import in_days, make_appointment
from tests.payments.events import post_event, signed_event
from tests.payments.pages import success_page
from tests.payments.standing import session_at_stripe, state_of
from tests.payments.ticking import give_everything_its_turn, later_tick


def test_the_webhook_before_the_success_page_confirms(held, pay):
    payment = pay(held, webhook=True)
    told = state_of(held)
    assert (told.status, told.payments) == ("confirmed", [("paid", "")])
    page = success_page(payment)
    assert (page.status_code, b"Appointment confirmed" in page.content) == (200, True)
    assert state_of(held).confirmed_at == told.confirmed_at


def test_the_success_page_before_the_webhook_confirms(held, pay):
    payment = pay(held)
    assert state_of(held).status == "held"
    assert b"Appointment confirmed" in success_page(payment).content
    told = state_of(held)
    assert post_event(*signed_event(payment.checkout_session_id)).status_code == 200
    assert (told.status, state_of(held).confirmed_at) == ("confirmed", told.confirmed_at)


@pytest.mark.parametrize("second_id", ["evt_1", "evt_2"])
def test_the_webhook_twice_confirms_once(held, pay, second_id):
    """The same event comes again, or a second event about the same change."""
    payment = pay(held)
    assert post_event(*signed_event(payment.checkout_session_id, event_id="evt_1")).status_code == 200
    told = state_of(held)
    assert post_event(*signed_event(payment.checkout_session_id, event_id=second_id)).status_code == 200
    assert state_of(held).confirmed_at == told.confirmed_at
    assert WebhookEvent.objects.count() == len({"evt_1", second_id})


def test_without_any_webhook_the_tick_confirms(held, pay):
    pay(held)
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("confirmed", [("paid", "")])


class Writes:
    """Counts the rows whose `confirmed_at` is changed by a call inside `watching`, on the connection of its thread."""

    def __init__(self):
        self.count = 0

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and '"confirmed_at" =' in sql:
            self.count += context["cursor"].rowcount
        return result

    def watching(self, call):
        def run():
            with connection.execute_wrapper(self):
                return call()

        return run


def test_told_by_everyone_at_the_same_moment_it_confirms_with_one_update(held, pay, together):
    payment = pay(held)
    writes = Writes()
    tellings = [
        lambda: success_page(payment).status_code,
        lambda: post_event(*signed_event(payment.checkout_session_id, event_id="evt_1")).status_code,
        lambda: post_event(*signed_event(payment.checkout_session_id, event_id="evt_1")).status_code,
        lambda: post_event(*signed_event(payment.checkout_session_id, event_id="evt_2")).status_code,
        lambda: success_page(payment).status_code,
        lambda: call_command("tick") or 200,
    ]
    give_everything_its_turn()
    answers = together(*(writes.watching(telling) for telling in tellings))
    assert answers == [200] * 6
    assert writes.count == 1
    assert (state_of(held).status, state_of(held).payments) == ("confirmed", [("paid", "")])


def test_an_unpaid_session_confirms_nothing(held, pay):
    payment = open_session(held)
    page = success_page(payment)
    assert (page.status_code, b"We have not heard from Stripe yet" in page.content) == (200, True)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("open", "")])


# Money that came late, twice or wrong


def test_paid_late_the_time_is_taken_again_while_it_is_free(held, pay):
    payment = pay(held)
    Appointment.objects.filter(pk=held.pk).update(status="expired", hold_expires_at=None)
    settle(payment)
    assert (state_of(held).status, state_of(held).payments) == ("confirmed", [("paid", "")])


@pytest.mark.parametrize("status", ["held", "confirmed"])
def test_paid_late_and_the_time_is_somebody_elses(held, pay, provider, status):
    payment = pay(held)
    Appointment.objects.filter(pk=held.pk).update(status="expired", hold_expires_at=None)
    other = make_appointment(provider=provider, at=held.appointment_time, status=status, email="ann@example.com")
    page = success_page(payment)
    assert b"All of your payment goes back to your card" in page.content
    assert (state_of(held).status, state_of(held).payments) == ("expired", [("paid", "time gone")])
    assert state_of(other).status == status
    assert b"\xe2\x82\xac60.00 was returned." in page.content


def test_heard_of_when_hold_and_time_are_over_it_goes_back_whether_or_not_a_tick_was_first(held, pay):
    """Site and tick were both down for two hours, so that nothing was done when the hold ended."""
    payment = pay(held)
    gone_by = timezone.now() - timedelta(hours=2)
    Appointment.objects.filter(pk=held.pk).update(appointment_time=gone_by, hold_expires_at=gone_by)
    settle(payment)
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("expired", [("paid", "time gone")])


def test_the_page_of_a_payment_whose_appointment_was_cancelled_says_that_it_was_paid(held, pay):
    payment = pay(held)
    settle(payment)
    Client().post(f"/api/appointments/{held.reference}/cancel")
    page = success_page(payment).content.decode()
    assert ("Appointment cancelled" in page, "€60.00 was returned." in page) == (True, True)
    assert "nothing was charged" not in page


def test_paid_late_a_lapsed_hold_in_the_way_gives_way(held, pay, provider):
    payment = pay(held)
    Appointment.objects.filter(pk=held.pk).update(status="expired", hold_expires_at=None)
    other = make_appointment(provider=provider, at=held.appointment_time, hold_minutes=-1)
    settle(payment)
    assert (state_of(held).status, state_of(other).status) == ("confirmed", "expired")


def test_paid_after_the_appointment_would_have_begun(held, pay):
    payment = pay(held)
    gone_by = timezone.now() - timezone.timedelta(hours=1)
    Appointment.objects.filter(pk=held.pk).update(status="expired", appointment_time=gone_by)
    settle(payment)
    assert (state_of(held).status, state_of(held).payments) == ("expired", [("paid", "time gone")])


def test_paid_after_the_client_gave_the_time_back(held, pay):
    payment = pay(held)
    held.cancel()
    assert (state_of(held).status, state_of(held).payments) == ("cancelled", [("paid", "time gone")])
    assert session_at_stripe(payment).payment_status == "paid"


def test_a_second_paid_session_goes_back(held, pay, settings, live_server):
    first = pay(held)
    Payment.objects.filter(pk=first.pk).update(status="failed")
    settings.SITE_URL = live_server.url
    second = pay(held)
    settle(first)
    settle(second)
    assert state_of(held).payments == [("paid", ""), ("paid", "paid twice")]
    assert b"all of this payment goes back" in success_page(second).content


def test_a_session_unknown_for_a_moment_is_asked_about_again_and_the_second_payment_goes_back(held, pay, settings):
    """For a moment our key was that of another account, which knows no such session. The client paid in two tabs."""
    address = settings.SITE_URL
    first = pay(held)
    settings.STRIPE_SANDBOX_FAULTS = "api.missing=1"
    settle(first)
    assert (state_of(held).payments, state_of(held).status) == ([("failed", "unknown")], "held")
    settings.STRIPE_SANDBOX_FAULTS, settings.SITE_URL = "", address
    settle(pay(held))
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("confirmed", [("paid", "paid twice"), ("paid", "")])
    assert [refund.amount for refund in Refund.objects.filter(payment=first)] == [6000]


def test_one_that_stays_unknown_is_asked_about_ever_less_often(held, pay):
    first = pay(held)
    Payment.objects.update(status="failed", problem="unknown")
    begun, now = first.created_at, timezone.now() + timedelta(hours=5)
    for asked_after, again in ((timedelta(hours=3), []), (timedelta(hours=2), [first])):
        Payment.objects.update(asked_at=begun + asked_after)
        assert list(Payment.objects.unknown_to_ask_about(now)) == again


def test_a_session_unknown_for_a_moment_that_ended_unpaid_is_no_longer_a_question(held):
    payment = open_session(held)
    Payment.objects.update(status="failed", problem="unknown")
    client().v1.checkout.sessions.expire(payment.checkout_session_id)
    later_tick()
    assert (state_of(held).payments, list(Payment.objects.needing_staff())) == ([("expired", "")], [])


@pytest.mark.parametrize(
    ("changed", "where"),
    [({"amount": 1}, Payment), ({"currency": "usd"}, Payment), ({"reference": "another"}, Appointment)],
)
def test_a_payment_that_does_not_match_confirms_nothing(held, pay, changed, where):
    payment = pay(held)
    where.objects.update(**changed)
    payment.refresh_from_db()
    settle(payment)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("paid", "mismatch")])


def change_at_stripe(payment, **facts):
    StripeObject.objects.get(pk=payment.checkout_session_id).change(**facts)


@pytest.mark.parametrize("amount", [0, 6000])
def test_a_session_that_is_complete_without_a_payment_confirms_nothing(held, amount):
    """A coupon for all of the price would do that, but we offer none."""
    payment = open_session(held)
    facts = {"status": "complete", "payment_status": "no_payment_required", "amount_total": amount, "url": None}
    change_at_stripe(payment, **facts)
    WebhookEvent.objects.create(event_id="evt_9", type="invoice.paid", object_id="in_1", livemode=False)
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("held", [("paid", "mismatch")])
    payment.refresh_from_db()
    assert (payment.amount_captured, payment.dispute, list(Payment.objects.needing_staff())) == (0, "", [payment])
    assert list(audit_stripe(timezone.now())) == []


def test_paid_without_a_charge_confirms_nothing(held, pay):
    payment = pay(held)
    intent = StripeObject.objects.get(type="payment_intent")
    intent.change(latest_charge=None, amount_received=0)
    settle(payment)
    reconciliation.reconcile(payment)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("paid", "mismatch")])
    assert (payment.amount_captured, list(audit_stripe(timezone.now()))) == (0, [])


def test_of_a_payment_that_does_not_match_the_practice_is_told_once(held, pay, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    payment = pay(held)
    Payment.objects.update(amount=1)
    for _ in range(2):
        settle(payment)
    assert list(Mail.objects.values_list("kind", "reader", "address")) == [
        ("mismatched", "practice", "desk@practice.example")
    ]


def test_a_payment_of_the_other_mode_confirms_nothing(held, pay, settings):
    payment = pay(held)
    settings.STRIPE_LIVEMODE = True
    settle(payment)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("paid", "mismatch")])


def test_settling_touches_no_other_appointment(held, pay, provider):
    other = make_appointment(provider=provider, at=in_days(4, provider=provider))
    pay(held, webhook=True)
    assert (state_of(held).status, state_of(other).status) == ("confirmed", "held")
