"""A payment that is on its way, or that does not match: the time is kept, and no second payment is opened."""

import pytest
from django.test import Client

from payments.checkout import AlreadyPaid, open_session
from payments.models import Payment
from payments.sandbox.models import StripeObject
from tests.payments.standing import state_of
from tests.payments.ticking import later_tick


def completed_but_unpaid(payment, intent_status):
    """Make the session at Stripe look as if its client pays by a slow method, such as a bank transfer."""
    intent = StripeObject.objects.create(id="pi_slow", type="payment_intent", created=0, body={})
    intent.change(id="pi_slow", object="payment_intent", status=intent_status, latest_charge=None)
    session = StripeObject.objects.get(pk=payment.checkout_session_id)
    session.change(status="complete", payment_intent="pi_slow", url=None)


def test_a_slow_payment_keeps_the_time_without_an_end_and_nobody_pays_again(held):
    payment = open_session(held)
    completed_but_unpaid(payment, "processing")
    later_tick()
    assert (state_of(held).status, state_of(held).row.hold_expires_at) == ("held", None)
    assert state_of(held).payments == [("processing", "")]
    answer = Client().post(f"/payments/{held.reference}/checkout/")
    assert (answer.status_code, b"Do not pay again" in answer.content) == (409, True)
    assert Client().post(f"/api/appointments/{held.reference}/checkout").status_code == 409


def test_a_slow_payment_that_fails_frees_the_time(held):
    payment = open_session(held)
    completed_but_unpaid(payment, "processing")
    later_tick()
    StripeObject.objects.get(pk="pi_slow").change(status="requires_payment_method")
    later_tick()
    assert (state_of(held).status, state_of(held).payments) == ("expired", [("failed", "")])


def test_beside_a_payment_that_did_not_match_no_second_one_is_opened(held):
    payment = open_session(held)
    Payment.objects.filter(pk=payment.pk).update(status="paid", problem="mismatch")
    with pytest.raises(AlreadyPaid):
        open_session(held)
