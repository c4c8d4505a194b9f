"""A payment: one Checkout Session, and what Stripe has said of its money."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from booking import money
from booking.models import Appointment
from payments.dispute import DECIDED, DISPUTED, INQUIRED
from payments.models.refund import Refund
from payments.turns import LATELY, turn_has_come


def new_idempotency_key() -> str:
    return f"checkout-{secrets.token_urlsafe(16)}"


def sum_of_refunds(**conditions: Any) -> Coalesce:
    """For a query over payments: the sum of the refunds of each that meet the conditions."""
    refunds = Refund.objects.filter(payment=OuterRef("pk"), **conditions).order_by().values("payment")
    return Coalesce(Subquery(refunds.values(total=Sum("amount"))), 0)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def open(self) -> Self:
        return self.neither_paid_nor_expired().filter(status=Payment.Status.OPEN)

    def awaited(self) -> Self:
        """Payments of which Stripe has not said yet how they end."""
        return self.neither_paid_nor_expired().filter(status__in=Payment.AWAITED)

    def neither_paid_nor_expired(self) -> Self:
        """The few of which more may become. SQLite finds them by their index only if its condition is in the query."""
        return self.exclude(status=Payment.Status.PAID).exclude(status=Payment.Status.EXPIRED)

    def with_sum_gone(self) -> Self:
        """Annotate each payment with `sum_gone`: what we return of it and what a bank has taken, by the database."""
        return self.annotate(sum_gone=sum_of_refunds(status__in=Refund.NOT_FAILED) + F("taken_back"))

    def with_shortfall(self) -> Self:
        """Payments of which less is going back than is due: a refund failed, and nobody has made up for it."""
        return self.with_sum_gone().filter(refund_due__gt=F("sum_gone"))

    def any_of(self, *keys: models.QuerySet) -> Self:
        """Those whose keys are in any of these queries. Each is found by its own index, as it would not be with OR."""
        first, *others = (rows.order_by() for rows in keys)
        return self.filter(pk__in=first.union(*others))

    def with_problem(self, *problems: "Payment.Problem") -> Self:
        """Those with one of these problems, found by their index in the same way."""
        return self.exclude(problem="").filter(problem__in=problems)

    def with_dispute(self, *statuses: str) -> Self:
        """Those whose dispute has one of these statuses, found by their index in the same way."""
        return self.exclude(dispute="").filter(dispute__in=statuses)

    def unexplained(self) -> Self:
        """Payments that do not match what was asked for, or that Stripe does not know, until all money is returned."""
        questions = self.with_problem(Payment.Problem.MISMATCH, Payment.Problem.UNKNOWN).with_sum_gone()
        return questions.exclude(amount_captured__gt=0, sum_gone__gte=F("amount_captured"))

    def needing_staff(self) -> Self:
        """Payments that no rule may decide: with a shortfall, unexplained, disputed, or inquired about by the bank."""
        disputed = Payment.objects.with_dispute(*Payment.DISPUTED, *Payment.INQUIRED)
        failed = Refund.objects.not_succeeded(*Refund.FAILED).values("payment")
        with_shortfall = Payment.objects.filter(pk__in=failed).with_shortfall()
        return self.any_of(*(rows.values("pk") for rows in (disputed, Payment.objects.unexplained(), with_shortfall)))

    def paid_between(self, since: datetime, until: datetime) -> Self:
        """Those whose money came from one moment up to another."""
        return self.filter(paid_at__gte=since, paid_at__lt=until, amount_captured__gt=0)

    def without_fee(self, since: datetime) -> Self:
        """Those opened since then that are paid, and of which Stripe has not said the fee."""
        return self.filter(status=Payment.Status.PAID, fee=None, created_at__gt=since, amount_captured__gt=0)

    def to_ask_about(self, now: datetime) -> Self:
        """Payments to ask Stripe about now: often while they are new, change or end, and seldom otherwise."""
        # Mostly there are none at all, and then this costs a round of tick the least.
        if not self.exists():
            return self.none()
        since, until = now - LATELY, now + LATELY
        new_refund = Refund.objects.filter(payment=OuterRef("pk"), created_at__gt=since)
        opened_or_paid = Q(created_at__gt=since) | Q(paid_at__gt=since) | Q(Exists(new_refund))
        ending = Q(expires_at__range=(since, until))
        given_back = Q(appointment__cancelled_at__gt=since) | Q(appointment__expired_at__gt=since)
        return self.filter(turn_has_come(now, opened_or_paid | ending | given_back))

    def unknown_to_ask_about(self, now: datetime) -> Self:
        """Payments that Stripe did not know. We ask again when one is twice as old as last time, so ever less often."""
        unknown = self.with_problem(Payment.Problem.UNKNOWN)
        if not unknown.exists():
            return self.none()
        return unknown.alias(ask_again=F("asked_at") + (F("asked_at") - F("created_at"))).filter(ask_again__lte=now)


class Payment(models.Model):
    """One Checkout Session: the call that opens it, and what became of it. An appointment may have several."""

    class Status(models.TextChoices):
        OPEN = "open"  # saved, and then opened at Stripe: the client may pay
        PROCESSING = "processing"  # the client is done, and the money takes days
        PAID = "paid"  # whether or not it confirms the appointment: see `problem`
        EXPIRED = "expired"
        FAILED = "failed"  # Stripe opened no session, does not know it, or the slow payment failed

    class Problem(models.TextChoices):
        TIME_GONE = "time gone", _("Paid after the time had been given back")
        PAID_TWICE = "paid twice", _("The appointment was already paid")
        MISMATCH = "mismatch", _("Amount, currency, mode or reference is not what was asked for")
        UNKNOWN = "unknown", _("Stripe knows no such session: was the secret key changed?")

    AWAITED: ClassVar = (Status.OPEN, Status.PROCESSING)
    DISPUTED: ClassVar = DISPUTED
    INQUIRED: ClassVar = INQUIRED
    DECIDED: ClassVar = DECIDED
    # The field `dispute` of a payment that was just paid, until we have read whether it is disputed already.
    NOT_READ: ClassVar = "not read yet"
    # While the field `dispute` is one of these, no refund is sent.
    FROZEN: ClassVar = (*DISPUTED, NOT_READ)
    # How the id of a Checkout Session begins that was paid in test mode. In a demonstration each does.
    OF_TEST_MODE: ClassVar = "cs_test_"

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="payments")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    problem = models.CharField(max_length=10, choices=Problem, blank=True)
    amount = models.PositiveIntegerField(help_text="In minor units.")
    is_rest = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether it is what was still to be paid at the practice. It confirms nothing.",
    )
    currency = models.CharField(max_length=3)
    expires_at = models.DateTimeField()

    # The call that opens the session, saved before it is made. Whoever repeats it sends the same, and Stripe answers
    # with the same session (docs/decisions/0003).
    params = models.JSONField()
    idempotency_key = models.CharField(max_length=64, unique=True, default=new_idempotency_key)

    # Null until Stripe has answered. An empty string would not do, because the values must be unique.
    checkout_session_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    url = models.TextField(blank=True)
    payment_intent_id = models.CharField(max_length=100, blank=True, db_index=True)

    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(auto_now_add=True, help_text="When we last asked Stripe about it.")
    paid_at = models.DateTimeField(null=True, blank=True)

    # We decide what is due back. The other amounts are what Stripe said last: they are set, and never added up.
    refund_due = models.PositiveIntegerField(default=0)
    amount_captured = models.PositiveIntegerField(default=0)
    amount_refunded = models.PositiveIntegerField(default=0)
    dispute = models.CharField(max_length=40, blank=True, help_text="The status of a dispute at Stripe.")
    charged_back = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What of it a bank holds because of disputes, or has taken for good."
    )
    taken_back = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What of that a bank has taken for good, because a dispute was lost."
    )
    fee = models.IntegerField(null=True, blank=True, help_text="What Stripe has kept of it; null until Stripe says it.")
    fee_currency = models.CharField(
        max_length=3, blank=True, default="", db_default="", help_text="That of the account, which may be another one."
    )
    version = models.PositiveIntegerField(default=0, help_text="Raised whenever Stripe's word on refunds is written.")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(status__in=["open", "processing"]), name="payments_one_awaited"
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], name="payments_created"),
            models.Index(fields=["paid_at"], name="payments_paid"),
            models.Index(fields=["created_at"], condition=Q(status="paid", fee=None), name="payments_without_fee"),
            # Few payments have one of these. SQLite takes the index only if a query has the same condition.
            models.Index(
                fields=["status", "asked_at"],
                condition=~Q(status="paid") & ~Q(status="expired"),
                name="payments_unsettled",
            ),
            models.Index(fields=["problem"], condition=~Q(problem=""), name="payments_problem"),
            models.Index(fields=["dispute"], condition=~Q(dispute=""), name="payments_dispute"),
        ]

    def __str__(self) -> str:
        return f"{money.display(self.decimal_amount, self.currency)}, {self.get_status_display().lower()}"

    @property
    def decimal_amount(self) -> Decimal:
        return money.from_minor_units(self.amount, self.currency)

    def add_refund(self, amount: int, reason: str, **facts: str) -> None:
        """Add a row for one more attempt to return money, and raise what is due back, which is never lowered.

        A rule adds its amount to what is due. What a person returns first makes up for refunds that failed. What a bank
        has taken nobody has decided, so for a person it does not count: if the bank gives it back, it is not due.
        """
        if reason in Refund.AUTOMATIC:
            due = max(self.refund_due, self.amount_gone) + amount
        else:
            due = max(self.refund_due, self.amount_returning + amount)
        self.refund_due = min(due, self.amount_captured)
        self.save(update_fields=["refund_due"])
        self.refunds.create(attempt=self.refunds.count() + 1, amount=amount, reason=reason, **facts)

    @property
    def dashboard_url(self) -> str:
        """Its page in Stripe's dashboard; empty if nothing was paid, or if there is no dashboard."""
        known = settings.STRIPE_DASHBOARD and self.payment_intent_id
        return f"{settings.STRIPE_DASHBOARD}payments/{self.payment_intent_id}" if known else ""

    @property
    def is_awaited(self) -> bool:
        return self.status in self.AWAITED

    @property
    def is_disputed(self) -> bool:
        return self.dispute in self.DISPUTED

    @property
    def is_disputed_in_part(self) -> bool:
        return self.is_disputed and 0 < self.charged_back < self.amount_captured

    @property
    def is_inquired(self) -> bool:
        return self.dispute in self.INQUIRED

    @property
    def is_frozen(self) -> bool:
        return self.dispute in self.FROZEN

    @property
    def amount_returning(self) -> int:
        """What has gone back, is on its way back, or is owed. Refunds that failed do not count."""
        return sum(refund.amount for refund in self.refunds.all() if refund.status in Refund.NOT_FAILED)

    @property
    def taken_back_in_currency(self) -> Decimal:
        return money.from_minor_units(self.taken_back, self.currency)

    @property
    def charged_back_in_currency(self) -> Decimal:
        return money.from_minor_units(self.charged_back, self.currency)

    @property
    def disputed_in_currency(self) -> Decimal:
        """What the bank has for as long as a dispute is not decided."""
        return money.from_minor_units(self.charged_back - self.taken_back, self.currency)

    @property
    def amount_gone(self) -> int:
        """What has gone back in whichever way. What we returned and a bank took as well counts once."""
        returning = self.amount_returning
        return returning + min(self.taken_back, max(self.amount_captured - returning, 0))

    @property
    def amount_back(self) -> int:
        """What has gone back, or is due back although a refund of it failed."""
        return max(self.amount_gone, self.refund_due)

    @property
    def amount_refundable(self) -> int:
        """What can still be returned."""
        return self.amount_captured - self.amount_gone

    @property
    def is_unexplained(self) -> bool:
        """Whether staff have to decide about it, as `unexplained` says of rows."""
        in_question = self.problem in (self.Problem.MISMATCH, self.Problem.UNKNOWN)
        return in_question and (not self.amount_captured or self.amount_refundable > 0)

    @property
    def shortfall(self) -> Decimal:
        """What is due back and not going back, because a refund failed: in the currency, not in minor units."""
        missing = self.refund_due - self.amount_gone if self.refund_due else 0
        return money.from_minor_units(max(missing, 0), self.currency)
