"""What we know of Stripe: one row for each Checkout Session, each attempt at a refund, each event that Stripe sent."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from booking import money
from booking.models import Appointment
from payments.turns import LATELY, its_turn


def new_idempotency_key() -> str:
    return f"checkout-{secrets.token_urlsafe(16)}"


def new_refund_key() -> str:
    return f"refund-{secrets.token_urlsafe(16)}"


class PaymentQuerySet(models.QuerySet["Payment"]):
    def open(self) -> Self:
        return self.filter(status=Payment.Status.OPEN)

    def with_given_back(self) -> Self:
        """Each with all that went back, is on its way or owed, as `given_back`."""
        live = Refund.objects.filter(payment=OuterRef("pk"), status__in=Refund.LIVE).values("payment")
        return self.annotate(given_back=Coalesce(Subquery(live.values(total=Sum("amount"))), 0))

    def owing(self) -> Self:
        """Paid, with an attempt to return money that failed and has not been made good."""
        return self.with_given_back().filter(refund_due__gt=F("given_back"))

    def unmatched(self) -> Self:
        """What nobody can tell what it was for, unless all of it went back."""
        questions = self.with_given_back().filter(problem__in=[Payment.Problem.MISMATCH, Payment.Problem.UNKNOWN])
        return questions.exclude(amount_captured__gt=0, given_back__gte=F("amount_captured"))

    def needing_staff(self) -> Self:
        """What no rule may decide: money that failed to go back or does not match, disputes, sessions unknown."""
        undecided = Q(dispute__in=Payment.DISPUTED + Payment.INQUIRED)
        for question in (Payment.objects.unmatched(), Payment.objects.owing()):
            undecided |= Q(pk__in=question.values("pk"))
        return self.filter(undecided)

    def unknown_again(self, now: datetime) -> Self:
        """Unknown to Stripe when we last asked, and due to be asked about: at twice the age, so ever less often."""
        ask_again = F("asked_at") + (F("asked_at") - F("created_at"))
        return self.alias(ask_again=ask_again).filter(problem=Payment.Problem.UNKNOWN, ask_again__lte=now)

    def awaited(self) -> Self:
        """Stripe has not said yet how these end."""
        return self.filter(status__in=Payment.AWAITED)

    def with_refunds_to_send(self) -> Self:
        """Owed, and not frozen."""
        owed = Refund.objects.filter(payment=OuterRef("pk"), status=Refund.Status.OWED)
        return self.filter(Exists(owed)).exclude(dispute__in=Payment.FROZEN)

    def with_their_turn(self, now: datetime) -> Self:
        """Asked about long enough ago: often while something is new about one or its time ends, seldom after."""
        since, until = now - LATELY, now + LATELY
        new_refund = Refund.objects.filter(payment=OuterRef("pk"), created_at__gt=since)
        opened_or_paid = Q(created_at__gt=since) | Q(paid_at__gt=since) | Q(Exists(new_refund))
        ending = Q(expires_at__range=(since, until))
        given_back = Q(appointment__cancelled_at__gt=since) | Q(appointment__expired_at__gt=since)
        return self.filter(its_turn(now, opened_or_paid | ending | given_back))


class Payment(models.Model):
    class Status(models.TextChoices):
        OPEN = "open"
        PROCESSING = "processing"
        PAID = "paid"
        EXPIRED = "expired"
        FAILED = "failed"

    class Problem(models.TextChoices):
        TIME_GONE = "time gone", "Paid after the time had been given back"
        PAID_TWICE = "paid twice", "The appointment was already paid"
        MISMATCH = "mismatch", "Amount, currency, mode or reference is not what was asked for"
        UNKNOWN = "unknown", "Stripe knows no such session: was the secret key changed?"

    AWAITED: ClassVar = (Status.OPEN, Status.PROCESSING)
    # Stripe's words for a dispute that is not decided: until then the bank has the money, and we return none.
    DISPUTED: ClassVar = ("needs_response", "under_review", "appeal_needs_response", "appeal_under_review")
    # And for an inquiry, when the bank only asks: it has taken nothing, and returning all of it ends the matter.
    INQUIRED: ClassVar = ("warning_needs_response", "warning_under_review")

    # Paid, and what Stripe has said of refunds and disputes before we knew that is still to be read.
    NOT_READ: ClassVar = "not read yet"
    # Disputed, or for all we know it may be: no money is sent back meanwhile.
    FROZEN: ClassVar = (*DISPUTED, NOT_READ)

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="payments")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    problem = models.CharField(max_length=10, choices=Problem, blank=True)
    amount = models.PositiveIntegerField(help_text="In minor units.")
    currency = models.CharField(max_length=3)
    expires_at = models.DateTimeField()

    # The call that opens the session, saved before it is made: a repeat sends the same, so Stripe opens no second one.
    params = models.JSONField()
    idempotency_key = models.CharField(max_length=64, unique=True, default=new_idempotency_key)

    # Null until Stripe has answered: unique, so it cannot be empty in two rows.
    checkout_session_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    url = models.TextField(blank=True)
    payment_intent_id = models.CharField(max_length=100, blank=True, db_index=True)

    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(auto_now_add=True, help_text="When we last asked Stripe about it.")
    paid_at = models.DateTimeField(null=True, blank=True)

    # Once paid, in minor units. What is due back is our word; the others are Stripe's, set and never added up.
    refund_due = models.PositiveIntegerField(default=0)
    amount_captured = models.PositiveIntegerField(default=0)
    amount_refunded = models.PositiveIntegerField(default=0)
    dispute = models.CharField(max_length=40, blank=True, help_text="The status of a dispute at Stripe.")
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
            models.Index(fields=["asked_at"], condition=Q(status__in=["open", "processing"]), name="payments_awaited")
        ]

    def __str__(self) -> str:
        amount = money.display(money.from_minor_units(self.amount, self.currency), self.currency)
        return f"{amount}, {self.get_status_display().lower()}"

    @property
    def is_awaited(self) -> bool:
        return self.status in self.AWAITED

    @property
    def is_disputed(self) -> bool:
        return self.dispute in self.DISPUTED

    @property
    def is_inquired(self) -> bool:
        return self.dispute in self.INQUIRED

    @property
    def is_frozen(self) -> bool:
        return self.dispute in self.FROZEN

    @property
    def left(self) -> int:
        """What can still be returned, in minor units: counts what is on its way back, and what is only owed."""
        return self.amount_captured - self.going_back

    @property
    def going_back(self) -> int:
        live = self.refunds.filter(status__in=Refund.LIVE).aggregate(total=Sum("amount"))
        return live["total"] or 0

    @property
    def missing(self) -> Decimal:
        """What should have gone back and did not, as an attempt failed."""
        return money.from_minor_units(max(self.refund_due - self.going_back, 0), self.currency)


class Refund(models.Model):
    """One attempt to return money, in Stripe's own states; `owed` until Stripe has answered."""

    class Status(models.TextChoices):
        OWED = "owed", "Owed: not yet at Stripe"
        PENDING = "pending"
        REQUIRES_ACTION = "requires_action"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    class Reason(models.TextChoices):
        CANCELLED = "cancelled", "The appointment was cancelled"
        TIME_GONE = "time gone", "Paid after the time had been given back"
        PAID_TWICE = "paid twice", "The appointment was already paid"
        STAFF = "staff", "Staff decided"
        DASHBOARD = "dashboard", "Made at Stripe"
        BY_HAND = "by hand", "Returned outside Stripe"

    LIVE: ClassVar = (Status.OWED, Status.PENDING, Status.REQUIRES_ACTION, Status.SUCCEEDED)
    UNDER_WAY: ClassVar = (Status.PENDING, Status.REQUIRES_ACTION)
    AUTOMATIC: ClassVar = (Reason.CANCELLED, Reason.TIME_GONE, Reason.PAID_TWICE)

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    attempt = models.PositiveSmallIntegerField(help_text="Which one of its payment.")
    reason = models.CharField(max_length=10, choices=Reason)
    amount = models.PositiveIntegerField(help_text="In minor units.")
    status = models.CharField(max_length=15, choices=Status, default=Status.OWED)
    failure_reason = models.CharField(max_length=100, blank=True)
    idempotency_key = models.CharField(max_length=150, unique=True, default=new_refund_key)
    refund_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe first heard of the idempotency key.")

    class Meta:
        ordering = ["payment", "attempt"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "attempt"], name="payments_refund_attempt"),
            # A rule gives money back once; a second attempt is somebody's decision.
            models.UniqueConstraint(
                fields=["payment", "reason"],
                condition=Q(reason__in=["cancelled", "time gone", "paid twice"]),
                name="payments_refund_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_of_something"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(status__in=["owed", "pending", "requires_action"]),
                name="payments_refund_not_done",
            )
        ]

    def __str__(self) -> str:
        amount = money.display(self.decimal_amount, self.payment.currency)
        return f"{amount}, {self.get_status_display().lower()}"

    @property
    def decimal_amount(self) -> Decimal:
        return money.from_minor_units(self.amount, self.payment.currency)

    @property
    def is_lost(self) -> bool:
        return self.status in (self.Status.FAILED, self.Status.CANCELED)


class WebhookEvent(models.Model):
    """Stripe's event by its id, without its payload: that holds names and addresses, and is fetched again anyway."""

    event_id = models.CharField(max_length=100, unique=True)
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=100, blank=True, help_text="Empty for one without an id, as a balance.")
    payment_intent_id = models.CharField(max_length=100, blank=True, db_index=True)
    account = models.CharField(max_length=100, blank=True, help_text="Of a connected account; empty for our own.")
    livemode = models.BooleanField()
    api_version = models.CharField(max_length=50, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(default=timezone.now, help_text="When we last asked Stripe because of it.")
    processed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(processed_at=None), name="payments_event_unprocessed")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Heartbeat(models.Model):
    """When something was last alive that runs beside the site and answers nobody."""

    TICK: ClassVar = "tick"

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}, {self.at}"

    @classmethod
    def beat(cls, name: str, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})
