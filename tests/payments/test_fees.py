"""What Stripe has kept of each payment is read by tick, a hundred in a call, and never on the way of a payment."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from payments import gateway
from payments.fees import read_fees
from payments.gateway import FeeAtStripe, PageOfFees
from payments.models import Heartbeat, Payment
from payments.sandbox.models import StripeObject
from payments.settlement import settle
from tests.factories import in_days, make_appointment, make_payment


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def calls(monkeypatch):
    """Watch how often Stripe is asked for fees."""
    calls, ask = [], gateway.list_fees
    monkeypatch.setattr(gateway, "list_fees", lambda *span: calls.append(span) or ask(*span))
    return calls


def fees():
    return list(Payment.objects.order_by("pk").values_list("fee", "fee_currency"))


def test_the_fee_of_a_payment_is_what_its_balance_transaction_says(paid, now):
    assert fees() == [(None, "")]
    assert (read_fees(now), fees()) == (1, [(115, "eur")])
    assert StripeObject.objects.get(type="balance_transaction").body["fee"] == 115


def test_tick_reads_it_and_asks_no_more_once_it_is_known(paid, calls):
    call_command("tick")
    call_command("tick")
    assert (fees(), len(calls)) == ([(115, "eur")], 1)


def test_where_nothing_is_missing_stripe_is_not_asked(held, calls, now):
    make_payment(held, status="open", amount_captured=0)
    assert (read_fees(now), calls) == (0, [])


def test_one_call_tells_the_fees_of_many(held, provider, pay, calls, now):
    for one in (held, make_appointment(provider=provider, at=in_days(4, provider=provider))):
        pay(one, webhook=True)
    assert (read_fees(now), len(calls), fees()) == (2, 1, [(115, "eur")] * 2)


def test_what_stripe_does_not_tell_is_asked_for_an_hour_later(paid, calls, now):
    Payment.objects.update(payment_intent_id="pi_of_another_account")
    assert [read_fees(now), read_fees(now + timedelta(minutes=59))] == [0, 0]
    assert len(calls) == 1
    Payment.objects.update(payment_intent_id=StripeObject.objects.get(type="payment_intent").pk)
    assert (read_fees(now + timedelta(minutes=61)), len(calls)) == (1, 2)


def test_a_key_that_may_not_read_fees_keeps_no_payment_from_being_settled(held, pay, stripe_refuses, settings, now):
    stripe = settings.STRIPE_API_BASE
    settle(pay(held))
    stripe_refuses(403, "Having the 'rak_balance_read' permission would allow this request to continue.")
    assert (read_fees(now), fees(), Heartbeat.objects.filter(name="fees").count()) == (0, [(None, "")], 1)
    settings.STRIPE_API_BASE = stripe
    assert (held.row.get().status, read_fees(now + timedelta(hours=2))) == ("confirmed", 1)


def test_stripe_out_of_reach_is_asked_an_hour_later(paid, stripe_down, stripe_up, now):
    stripe_down()
    assert read_fees(now) == 0
    stripe_up()
    assert [read_fees(now), read_fees(now + timedelta(hours=2))] == [0, 1]


@pytest.mark.parametrize(("currency", "written"), [("hkd", (900, "hkd")), ("usdc", (None, ""))])
def test_a_fee_in_a_currency_that_nobody_charges_in_is_written_unless_it_is_a_stablecoin(
    paid, monkeypatch, now, currency, written
):
    said = [FeeAtStripe(paid.payment_intent_id, 900, currency)]
    monkeypatch.setattr(gateway, "list_fees", lambda *span: PageOfFees(said, None))
    assert (read_fees(now), fees()) == (int(written[0] is not None), [written])


@pytest.fixture
def three_paid(provider):
    """Opened ten days apart, the earliest first; Stripe has charged each a minute later."""
    rows = [
        make_payment(make_appointment(provider=provider, at=in_days(days, provider=provider))) for days in (3, 4, 5)
    ]
    for row, days in zip(rows, (21, 11, 1), strict=True):
        Payment.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
    return [row.payment_intent_id for row in rows]


def stripe_says(monkeypatch, said, spans, *, a_page):
    """Stand in for Stripe: it lists the charges between two moments, the latest first, so many on a page."""

    def list_fees(since, until):
        spans.append((since, until))
        found = [one for one in said if since <= one[0] <= until]
        page, more = found[:a_page], len(found) > a_page
        return PageOfFees([fee for _, fee in page if fee], page[-1][0] if more else None)

    monkeypatch.setattr(gateway, "list_fees", list_fees)


def test_fees_before_one_that_never_comes_are_read_all_the_same(three_paid, monkeypatch, now):
    first, second, _ = three_paid
    told_before = [(now - timedelta(days=5, minutes=number), None) for number in range(6)]
    said = [
        (now - timedelta(days=1), None),
        *told_before,
        (now - timedelta(days=11), FeeAtStripe(second, 115, "eur")),
        (now - timedelta(days=15), None),
        (now - timedelta(days=21), FeeAtStripe(first, 115, "eur")),
    ]
    spans = []
    stripe_says(monkeypatch, said, spans, a_page=2)
    assert ([read_fees(now), read_fees(now)], fees()) == ([1, 1], [(115, "eur"), (115, "eur"), (None, "")])
    # What lies between two payments without a fee is passed over.
    assert len(spans) == 4


def test_a_page_of_charges_of_one_second_is_not_read_for_ever(three_paid, monkeypatch, now):
    second = now - timedelta(days=11)
    spans = []
    stripe_says(monkeypatch, [(second, None)] * 3, spans, a_page=2)
    assert (read_fees(now), len(spans)) == (0, 2)


def test_stripe_tells_whether_there_are_earlier_charges(held, provider, pay, monkeypatch, time_machine):
    monkeypatch.setattr("payments.gateway.fees.A_PAGE", 2)
    later = [make_appointment(provider=provider, at=in_days(days, provider=provider)) for days in (4, 5)]
    for one in (held, *later):
        time_machine.move_to(timezone.now() + timedelta(minutes=1))
        pay(one, webhook=True)
    for one in later:
        one.payments.update(payment_intent_id=f"pi_of_another_account_{one.pk}")
    assert (read_fees(timezone.now()), fees()) == (1, [(115, "eur"), (None, ""), (None, "")])


def test_fees_of_long_ago_are_not_asked_for(paid, calls, now):
    assert (read_fees(now + timedelta(days=91)), calls) == (0, [])
