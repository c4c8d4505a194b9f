"""A deposit is paid online and the rest at the practice. Stripe is asked for the deposit alone, and returns no more."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import starmap

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from booking import money
from booking.models import Appointment, Service
from payments.audit import audit
from payments.checkout import open_session, session_params
from payments.models import Refund
from payments.receipts import issue
from payments.refunds import owe
from payments.settlement import settle
from payments.takings import take
from tests.booking.clock import TEN
from tests.factories import book, in_days, make_appointment, make_payment, make_provider, make_service
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.standing import refunds_at_stripe, refunds_of, session_at_stripe, state_of

DEPOSIT = {"payment": "deposit", "deposit": "20.00"}


@pytest.fixture
def held(live_server):
    provider = make_provider(services=[make_service(**DEPOSIT)])
    return book(provider, in_days(3, provider=provider))


# The way of a deposit


def test_stripe_is_asked_for_the_deposit_and_told_that_it_is_one(held):
    payment = open_session(held)
    line = payment.params["line_items"][0]["price_data"]
    assert (payment.amount, payment.currency, line["unit_amount"]) == (2000, "eur", 2000)
    assert line["product_data"] == {"name": "Deposit for an appointment, Linden House Practice"}
    session = session_at_stripe(payment)
    assert (session.amount_total, session.currency) == (2000, "eur")
    page = PayPage(payment.url).open().text
    assert ("€20.00" in page, "€60.00" in page) == (True, False)


def test_the_paid_deposit_confirms_and_all_agrees(paid, held):
    row = state_of(held).row
    assert (row.status, row.is_paid_online, row.due_at_practice) == ("confirmed", True, Decimal("40.00"))
    assert (paid.status, paid.amount_captured, paid.problem) == ("paid", 2000, "")
    assert list(audit(timezone.now())) == []


@pytest.mark.parametrize("is_opened", [False, True], ids=["before the payment page is opened", "while it is open"])
def test_what_was_booked_stays_in_its_currency_when_the_practice_changes_its_own(held, pay, settings, is_opened):
    if is_opened:
        open_session(held)
    settings.CURRENCY = "jpy"
    payment = pay(held)
    settle(payment)
    assert (payment.amount, payment.currency, state_of(held).status) == (2000, "eur", "confirmed")
    booked = Appointment.objects.get()
    grace = User.objects.create(username="grace")
    take(booked, Decimal("40.00"), method="cash", taken_at=timezone.now(), by=grace)
    assert (issue(booked).total, issue(booked).currency) == (6000, "eur")
    Appointment.objects.get().cancel()
    assert (refunds_of(payment), list(audit(timezone.now()))) == ([("cancelled", 2000, "succeeded")], [])


def test_cancelling_in_time_returns_the_deposit_and_no_more(paid, held):
    assert Client().post(f"/appointments/{held.reference}/cancel/", {"refund": "20.00"}).status_code == 303
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("cancelled", 2000, "succeeded")], [(2000, "succeeded")])
    assert list(audit(timezone.now())) == []


@pytest.mark.parametrize("agreed", ["40.00", "60.00"], ids=["a smaller deposit", "at the practice"])
def test_a_payment_of_another_amount_than_is_due_confirms_nothing(held, pay, agreed):
    """The row is changed behind our back between the two, which nothing in the product can do."""
    payment = pay(held)
    payment.amount = money.minor_units(Decimal("60.00") - Decimal(agreed), "eur") + 1
    payment.save()
    settle(payment)
    assert state_of(held).payments == [("paid", "mismatch")]
    assert state_of(held).status == "held"


def test_the_whole_price_online_is_still_called_an_appointment(live_server):
    booked = make_appointment(provider=make_provider(), at=TEN)
    line = session_params(booked, timezone.now())["line_items"][0]["price_data"]
    assert (line["unit_amount"], line["product_data"]["name"]) == (6000, "Appointment, Linden House Practice")


# What audit proves


@pytest.fixture
def deposited():
    provider = make_provider(services=[make_service(**DEPOSIT)])
    booked = make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")
    make_payment(booked, amount=2000, amount_captured=2000)
    return booked


@pytest.mark.django_db
def test_a_deposit_that_is_paid_and_what_is_paid_at_the_practice_are_no_breach(deposited):
    there = make_service(name="Blood test", payment="at practice")
    make_appointment(
        provider=deposited.provider, service=there, at=in_days(4, provider=deposited.provider), status="confirmed"
    )
    assert list(audit(timezone.now())) == []


@pytest.mark.django_db
def test_the_whole_price_in_the_place_of_the_deposit_is_a_breach(deposited):
    deposited.payments.update(amount_captured=6000)
    payment = deposited.payments.get()
    assert list(audit(timezone.now())) == [
        f"Payment {payment.pk} settled appointment {deposited.pk} with another amount."
    ]


@pytest.mark.django_db
def test_a_deposit_that_is_not_paid_is_a_breach(deposited):
    deposited.payments.all().delete()
    assert list(audit(timezone.now())) == [f"Appointment {deposited.pk} is confirmed and not paid."]


@pytest.mark.django_db
def test_a_payment_of_what_is_paid_at_the_practice_is_a_breach(deposited):
    Appointment.objects.update(due_at_practice=Decimal("60.00"))
    payment = deposited.payments.get()
    assert list(audit(timezone.now())) == [
        f"Payment {payment.pk} settled appointment {deposited.pk} with another amount."
    ]


# For any price, deposit, policy and moment

cents = st.integers(0, 99_999_999).map(lambda units: Decimal(units) / 100)
# Hours of notice and percents, both falling, as a policy has them.
policies = st.integers(0, 4).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(0, 400), min_size=count, max_size=count, unique=True),
        st.lists(st.integers(1, 100), min_size=count, max_size=count, unique=True),
    ).map(lambda pair: list(zip(*(sorted(one, reverse=True) for one in pair), strict=True)))
)
examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def returned_by(policy, units, notice):
    """What comes back of an amount in cents with that notice: the part of a cent is the client's."""
    share = next((percent for hours, percent in policy if notice >= timedelta(hours=hours)), 0)
    return -(-units * share // 100)


services = st.fixed_dictionaries(
    {
        "price": cents,
        "payment": st.sampled_from(Service.Payment.values),
        "deposit": cents.filter(bool),
    }
)


@pytest.mark.django_db
@examples
@given(
    sold=services,
    policy=policies,
    notice=st.integers(1, 500 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    before=st.integers(0, 99_999_999),
)
def test_what_was_paid_online_minus_what_went_back_is_what_the_terms_say(sold, policy, notice, before):
    with undone():
        service = make_service(**sold)
        assume(service.is_sellable)
        words = ", ".join(starmap("{}h {}%".format, policy))
        appointment = make_appointment(
            provider=make_provider(services=[service]), at=TEN, status="confirmed", cancellation_policy=words
        )
        due = money.minor_units(appointment.due_online, "eur")
        assert due + money.minor_units(appointment.due_at_practice, "eur") == money.minor_units(service.price, "eur")
        payment = make_payment(appointment, amount=due, amount_captured=due) if due else None
        by_staff = min(before, due)
        if payment and by_staff:
            owe(payment, by_staff, Refund.Reason.STAFF)
        appointment.refresh_from_db()
        with time_machine.travel(TEN - notice, tick=False):
            appointment.cancel()
        refunds = sum(refund.amount for one in appointment.payments.all() for refund in one.refunds.all())
        promised = returned_by(policy, due, notice)
        assert due - refunds == due - max(promised, by_staff)
        assert list(audit(TEN - notice)) == []
