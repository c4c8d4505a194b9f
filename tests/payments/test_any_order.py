"""For any price, deposit, policy and moment, and in any order of what may happen, the money is what the terms say.

All that happens goes through the functions that do it for people, and the money through the sandbox. Beside it a ledger
is kept by hand: what the client paid, and what had to go back. Both agree in the end, and `audit` says so at each step.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count, starmap

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking import money
from booking.models import Appointment, ChangedMeanwhile, Provider
from payments import gateway, reconciliation, refunds, takings
from payments.audit import audit
from payments.checkout import open_session
from payments.dues import due_now
from payments.models import Payment, Refund
from payments.month import Month
from payments.receipts import as_it_is_now
from payments.sandbox import checkout, disputes
from payments.sandbox.management.commands.sandbox_paid import CARD
from payments.sandbox.models import StripeObject
from payments.sandbox.refunds import change_status
from payments.sandbox.wire import ApiRequest
from payments.settlement import settle
from tests.factories import make_appointment, make_provider, make_service
from tests.payments.test_deposits import policies, returned_by

LEAST = 50
WINNING, LOSING = disputes.WINNING, disputes.LOSING
numbers = count(1)


# The ledger by hand


@dataclass
class Paid:
    """What came online, in cents, and what became of it."""

    amount: int
    is_rest: bool
    counts: bool = True
    """Whether it paid what was due. One that did not goes back whole."""
    sent: int = 0
    """What has gone back of it, by us."""
    waiting: int = 0
    """What will go back by us, unless the bank that holds it decides for the client."""
    disputed: int = 0
    """What a bank holds."""
    lost: int = 0
    """What a bank has taken for good."""
    was_disputed: bool = False
    failed: int = 0
    """What is due back although a refund of it failed."""

    @property
    def left(self):
        """What can still be returned."""
        return self.amount - self.sent - self.waiting - self.lost

    @property
    def gone(self):
        """What has gone back, or is due back."""
        return self.amount - self.left + self.failed

    def fail(self, amount):
        self.sent -= amount
        self.failed += amount

    def return_by_hand(self, amount):
        """What a person returns first makes up for what failed."""
        self.failed -= min(self.failed, amount)
        self.give_back(amount)

    def give_back(self, amount):
        if self.disputed:
            self.waiting += amount
        else:
            self.sent += amount

    def decide(self, *, won):
        """What the bank has taken for good counts towards what was to go back."""
        self.lost = 0 if won else self.disputed
        self.sent += max(self.waiting - self.lost, 0)
        self.disputed = self.waiting = 0


@dataclass
class Ledger:
    price: int
    there: int
    """What of the price is due at the practice by now."""
    policy: list
    notice: timedelta
    status: str
    taken: int = 0
    online: list[Paid] = field(default_factory=list)
    """The newest first."""

    @property
    def left(self):
        return self.there - self.taken if self.status == "confirmed" else 0

    def came(self, paid):
        """A payment is settled: it pays what it was for, or goes back if that is not due any more."""
        self.online.insert(0, paid)
        paid.counts = self.left >= paid.amount if paid.is_rest else self.status == "held"
        if not paid.counts:
            paid.give_back(paid.amount)
        elif paid.is_rest:
            self.there -= paid.amount
        else:
            self.status = "confirmed"

    def went(self, paid, act):
        """What goes back of the rest is due at the practice again, as long as the appointment is confirmed."""
        before = paid.gone
        act()
        if paid.is_rest and paid.counts and self.status == "confirmed":
            self.there += paid.gone - before

    def cancel(self, decided=None):
        """What went back before, or is due back although a refund failed, counts towards what the terms promise.

        It comes of what a bank holds, then of the newest payment, and last of one of which a bank has taken a part.
        """
        kept = self.price - self.there
        counted = [one for one in self.online if one.counts]
        before = kept - sum(one.amount - one.gone for one in counted)
        due = max(returned_by(self.policy, kept, self.notice) - before, 0) if decided is None else decided
        self.status = "cancelled"
        counted.sort(key=lambda one: (not one.disputed, one.lost))
        for one in counted:
            part = min(due, one.amount - one.gone)
            one.give_back(part)
            due -= part
        # Staff may decide that what failed goes back as well.
        for one in counted:
            part = min(due, one.failed)
            one.return_by_hand(part)
            due -= part
        assert due == 0


# What may happen


class Practice:
    """One appointment, with what may happen to its money; each act by the product and in the ledger."""

    def __init__(self, sold, policy, notice):
        StripeObject.objects.all().delete()
        self.number = next(numbers)
        service = make_service(name=f"Service {self.number}", **sold)
        self.by = User.objects.get_or_create(username="grace")[0]
        self.appointment = make_appointment(
            provider=make_provider(name=f"Dr {self.number}", services=[service]),
            at=timezone.now() + notice,
            cancellation_policy=", ".join(starmap("{}h {}%".format, policy)),
        )
        if not service.due_online:
            self.appointment.confirm()
        self.ledger = Ledger(
            price=units(service.price),
            there=units(service.due_at_practice),
            policy=policy,
            notice=notice,
            status=self.now.status,
        )
        self.paid = {}
        self.unsettled = None

    @property
    def now(self):
        return Appointment.objects.get(pk=self.appointment.pk)

    def do(self, name, part):
        getattr(self, name)(part)
        problems = [line for line in audit(timezone.now()) if "owes money whose refund failed" not in line]
        assert problems == []

    def pay(self, part):
        """The client pays what is due now, at Stripe; we have not heard of it yet."""
        if self.unsettled or not due_now(self.now):
            return
        payment = open_session(self.now)
        checkout.pay(payment.checkout_session_id, CARD)
        self.unsettled = payment

    def hear(self, part=0):
        if self.unsettled:
            payment, self.unsettled = self.unsettled, None
            settle(payment)
            self.heard_of(payment)

    def heard_of(self, payment):
        self.paid[payment.pk] = Paid(payment.amount, payment.is_rest)
        self.ledger.came(self.paid[payment.pk])

    def take(self, part):
        """Taking money closes an open page, so what was paid on it is settled at once."""
        left = self.now.left_at_practice
        if not left:
            return
        amount = cents(max(units(left) * part // 100, 1))
        takings.take(self.now, amount, method="cash", taken_at=timezone.now(), by=self.by)
        self.ledger.taken += units(amount)
        self.closed()

    def closed(self):
        if self.unsettled:
            payment, self.unsettled = self.unsettled, None
            self.heard_of(payment)

    def undo(self, part):
        """Of the first entry of which something is left, take off that part of it."""
        for taking in [one for one in self.now.takings.filter(undoes=None) if one.left][:1]:
            amount = cents(max(units(taking.left) * part // 100, 1))
            takings.undo(taking, amount, method="cash", taken_at=timezone.now(), by=self.by)
            self.ledger.taken -= units(amount)

    def ask(self, part):
        with suppress(ChangedMeanwhile):
            self.now.ask_for_rest(self.by)

    def pay_the_rest(self, part):
        for step in (self.ask, self.pay, self.hear):
            step(part)

    def chosen(self, part, condition):
        fitting = [key for key, paid in self.paid.items() if condition(paid)]
        if not fitting:
            return None, None
        key = fitting[part % len(fitting)]
        return Payment.objects.get(pk=key), self.paid[key]

    def refund(self, part, reason=Refund.Reason.STAFF):
        payment, paid = self.chosen(part, lambda one: one.left and not one.lost)
        if payment:
            amount = max(paid.left * part // 100, 1)
            refunds.return_money(payment, amount, reason, by=self.by)
            self.ledger.went(paid, lambda: paid.return_by_hand(amount))

    def refund_at_stripe(self, part):
        """In the dashboard, where nothing is returned of what a bank holds or has taken."""
        payment, paid = self.chosen(part, lambda one: one.left and not (one.disputed or one.lost))
        if payment:
            amount = max(paid.left * part // 100, 1)
            key = f"dashboard-{self.number}-{payment.pk}-{payment.refunds.count()}"
            gateway.create_refund({"payment_intent": payment.payment_intent_id, "amount": amount}, key)
            reconciliation.reconcile(payment)
            self.ledger.went(paid, lambda: paid.return_by_hand(amount))

    def fail(self, part):
        """A refund that succeeded fails later. What a bank decides besides has its own tests."""
        payment, paid = self.chosen(part, lambda one: one.sent and not one.was_disputed)
        succeeded = payment and payment.refunds.filter(status="succeeded", refund_id__isnull=False).first()
        if succeeded:
            refund = StripeObject.objects.get(pk=succeeded.refund_id)
            change_status(refund, StripeObject.objects.get(pk=refund.body["charge"]), "failed")
            reconciliation.reconcile(payment)
            paid.fail(succeeded.amount)

    def dispute(self, part):
        payment, paid = self.chosen(part, lambda one: one.amount > one.gone and not (one.was_disputed or one.failed))
        if payment:
            paid.was_disputed = True
            paid.disputed = max((paid.amount - paid.gone) * part // 100, 1)
            charge = StripeObject.objects.get(type="charge", body__payment_intent=payment.payment_intent_id)
            disputes.open_on(charge, "needs_response", paid.disputed)
            reconciliation.reconcile(payment)

    def win(self, part):
        self.decide(part, WINNING)

    def lose(self, part):
        self.decide(part, LOSING)

    def decide(self, part, evidence):
        payment, paid = self.chosen(part, lambda one: one.disputed)
        if payment:
            found = StripeObject.objects.get(type="dispute", body__payment_intent=payment.payment_intent_id)
            disputes.submit_evidence(found.pk, evidence, ApiRequest())
            reconciliation.reconcile(payment)
            refunds.send_refunds(payment)
            self.ledger.went(paid, lambda: paid.decide(won=evidence == WINNING))

    def cancel(self, part, decided=None):
        """Cancelling closes an open page as well. What was paid on it goes back."""
        if self.now.status != "confirmed":
            return
        assert self.now.cancel(None if decided is None else cents(decided), by=self.by) is True
        self.ledger.cancel(decided)
        self.closed()

    def cancel_at_the_desk(self, part):
        """Staff decide what goes back, up to all that is left."""
        self.cancel(part, units(self.now.not_returned) * part // 100 if self.now.is_paid_online else None)

    def end(self):
        """Stripe is heard to the end, and banks decide what they hold."""
        self.hear()
        for _ in self.paid:
            self.do("lose", 0)
        for payment in Payment.objects.filter(pk__in=self.paid):
            refunds.send_refunds(payment)


def units(amount):
    return money.minor_units(amount, "eur")


def cents(amount):
    return Decimal(amount) / 100


# What must be so


def agrees(practice):
    """Assert that what went back, or is due back because a refund failed, is what the ledger says."""
    appointment, ledger = practice.now, practice.ledger
    assert (appointment.status, units(appointment.left_at_practice)) == (ledger.status, ledger.left)
    for payment in Payment.objects.filter(pk__in=practice.paid):
        paid = practice.paid[payment.pk]
        failed = units(payment.shortfall)
        sums = (payment.amount_captured, payment.amount_returning + failed, payment.charged_back)
        assert sums == (paid.amount, paid.sent + paid.failed, paid.lost)
    failed = sum(units(payment.shortfall) for payment in Payment.objects.filter(pk__in=practice.paid, problem=""))
    kept = ledger.taken + sum(one.amount - one.gone for one in ledger.online if one.counts)
    assert as_it_is_now(appointment, []).total == kept + failed


def agrees_with_stripe(practice):
    """Assert that the month has the sums of Stripe's balance."""
    month = Month(timezone.localdate().replace(day=1), Provider.objects.filter(pk=practice.appointment.provider_id))
    total = month.in_currency("eur").total
    movements = StripeObject.objects.filter(type="balance_transaction").values_list("body__amount", flat=True)
    by_hand = Refund.objects.filter(payment__in=practice.paid, reason=Refund.Reason.BY_HAND)
    assert total.online - total.returned + sum(one.amount for one in by_hand) - total.disputed == sum(movements)
    assert total.practice == practice.ledger.taken


ACTS = (
    "pay",
    "hear",
    "take",
    "undo",
    "ask",
    "pay_the_rest",
    "refund",
    "refund_at_stripe",
    "fail",
    "dispute",
    "win",
    "lose",
    "cancel",
    "cancel_at_the_desk",
)
amounts = st.integers(LEAST, 30_000).map(cents)
sold = st.one_of(
    st.fixed_dictionaries({"price": amounts, "payment": st.sampled_from(["online", "at practice"])}),
    st.tuples(amounts, amounts).map(
        lambda pair: {"price": str(sum(pair)), "payment": "deposit", "deposit": str(min(pair))}
    ),
)
# No hour of notice falls into the moment in which a test cancels.
notices = st.integers(0, 450).map(lambda hours: timedelta(hours=hours, minutes=30))
acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 100)), min_size=4, max_size=12)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agreed=st.tuples(sold, policies, notices), acts=acts)
def test_in_any_order_what_was_paid_minus_what_went_back_is_what_the_terms_say(live_server, monkeypatch, agreed, acts):
    monkeypatch.setattr("payments.sandbox.webhooks.post", lambda event: "dropped")
    practice = Practice(*agreed)
    for name, part in [("pay", 100), ("hear", 100), *acts]:
        practice.do(name, part)
    practice.end()
    agrees(practice)
    agrees_with_stripe(practice)
