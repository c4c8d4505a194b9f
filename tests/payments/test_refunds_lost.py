"""A refund whose answer never came, or which never reached Stripe, is sent again and made once."""

from datetime import timedelta

from django.utils import timezone

from payments import gateway, refunds
from payments.gateway import StripeUnavailable
from tests.payments.standing import refunds_at_stripe, refunds_of
from tests.payments.ticking import later_tick


def let_time_pass(payment, **time):
    """Let our rows say that the refunds were sent so long ago."""
    payment.refunds.update(sent_at=timezone.now() - timedelta(**time))


def lose_the_answer(monkeypatch):
    """Let Stripe make refunds whose answers never reach us. Return a function that ends this."""
    make = gateway.create_refund

    def lost(*args):
        make(*args)
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "create_refund", lost)
    return lambda: monkeypatch.setattr(gateway, "create_refund", make)


def test_an_answer_lost_is_asked_for_again_under_the_same_key(paid, monkeypatch):
    found = lose_the_answer(monkeypatch)
    refunds.return_money(paid, 1000)
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("staff", 1000, "owed")], [(1000, "succeeded")])
    found()
    later_tick()
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("staff", 1000, "succeeded")], [(1000, "succeeded")])


def test_after_a_day_when_stripe_has_forgotten_the_key_ours_is_looked_for_first(paid, monkeypatch):
    from payments.sandbox.models import IdempotentRequest

    found = lose_the_answer(monkeypatch)
    refunds.return_money(paid, 1000)
    found()
    IdempotentRequest.objects.all().delete()
    let_time_pass(paid, hours=25)
    later_tick()
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("staff", 1000, "succeeded")], [(1000, "succeeded")])


def test_after_a_day_what_never_reached_stripe_is_sent(paid, stripe_down, stripe_up):
    stripe_down()
    refunds.return_money(paid, 1000)
    let_time_pass(paid, hours=25)
    stripe_up()
    assert refunds_of(paid) == [("staff", 1000, "owed")]
    later_tick()
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("staff", 1000, "succeeded")], [(1000, "succeeded")])


def test_killed_between_writing_it_down_and_sending_it_the_tick_sends_it(paid, monkeypatch):
    monkeypatch.setattr(refunds, "send_at_once", lambda payment: None)
    refunds.return_money(paid, 1000)
    assert refunds_at_stripe(paid) == []
    later_tick()
    assert refunds_at_stripe(paid) == [(1000, "succeeded")]
