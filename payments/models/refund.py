"""A refund: one attempt to return money of a payment."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from booking import money

# Why a refund failed, as the end of a sentence that says that it did not go back: Stripe's reasons, of which
# https://docs.stripe.com/api/refunds/object#refund_object-failure_reason has the list, and one of ours.
FAILURES = {
    "charge_for_pending_refund_disputed": _("the client’s bank disputed the payment meanwhile"),
    "declined": _("the client’s bank declined it"),
    "expired_or_canceled_card": _("the card has expired or was cancelled"),
    "insufficient_funds": _("there was too little money at Stripe"),
    "lost_or_stolen_card": _("the card was reported as lost or stolen"),
    "merchant_request": _("the practice called it back at Stripe"),
    "unknown": _("the client’s bank does not say why"),
    "dispute lost": _("the client’s bank has returned the money itself"),
}


def new_refund_key() -> str:
    return f"refund-{secrets.token_urlsafe(16)}"


# The moment of a refund: when it was sent, or of one that was made by hand or at Stripe, when it was written down.
SENT_OR_WRITTEN = Coalesce("sent_at", "created_at")


class RefundQuerySet(models.QuerySet["Refund"]):
    def not_succeeded(self, *statuses: "Refund.Status") -> Self:
        """Those with one of these statuses, none of which is `succeeded`.

        Nearly all refunds have succeeded, and the others have an index with that condition. SQLite takes it only if the
        condition is here as well.
        """
        return self.exclude(status=Refund.Status.SUCCEEDED).filter(status__in=statuses)

    def made_between(self, since: datetime, until: datetime) -> Self:
        """Those that have gone back from one moment up to another, or are on their way. Each has its `moment`."""
        gone = self.filter(status__in=[Refund.Status.SUCCEEDED, *Refund.UNDER_WAY]).annotate(moment=SENT_OR_WRITTEN)
        return gone.filter(moment__gte=since, moment__lt=until)


class Refund(models.Model):
    """One attempt to return money. It is `owed` until Stripe has answered; the other statuses are Stripe's."""

    class Status(models.TextChoices):
        OWED = "owed", "Owed: not yet at Stripe"
        PENDING = "pending"
        REQUIRES_ACTION = "requires_action"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    class Reason(models.TextChoices):
        CANCELLED = "cancelled", _("The appointment was cancelled")
        TIME_GONE = "time gone", _("Paid after the time had been given back")
        PAID_TWICE = "paid twice", _("The appointment was already paid")
        STAFF = "staff", _("Staff decided")
        DASHBOARD = "dashboard", _("Made at Stripe")
        BY_HAND = "by hand", _("Returned outside Stripe")

    NOT_FAILED: ClassVar = (Status.OWED, Status.PENDING, Status.REQUIRES_ACTION, Status.SUCCEEDED)
    UNDER_WAY: ClassVar = (Status.PENDING, Status.REQUIRES_ACTION)
    FAILED: ClassVar = (Status.FAILED, Status.CANCELED)
    # Decided by a rule and not by a person. Two of these are also in Payment.Problem: such money is returned at once.
    AUTOMATIC: ClassVar = (Reason.CANCELLED, Reason.TIME_GONE, Reason.PAID_TWICE)

    payment = models.ForeignKey("payments.Payment", models.PROTECT, related_name="refunds")
    attempt = models.PositiveSmallIntegerField(help_text="Which one of its payment.")
    reason = models.CharField(max_length=10, choices=Reason)
    amount = models.PositiveIntegerField(help_text="In minor units.")
    status = models.CharField(max_length=15, choices=Status, default=Status.OWED)
    failure_reason = models.CharField(max_length=100, blank=True)
    idempotency_key = models.CharField(max_length=150, unique=True, default=new_refund_key)
    refund_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe first heard of the idempotency key.")

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["payment", "attempt"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "attempt"], name="payments_refund_attempt"),
            # A rule returns money once. If that fails, staff decide whether to try again.
            models.UniqueConstraint(
                fields=["payment", "reason"],
                condition=Q(reason__in=["cancelled", "time gone", "paid twice"]),
                name="payments_refund_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_refund_of_something"),
        ]
        indexes = [
            models.Index(fields=["status"], condition=~Q(status="succeeded"), name="payments_refund_not_succeeded"),
            models.Index(SENT_OR_WRITTEN, name="payments_refund_made"),
        ]

    def __str__(self) -> str:
        amount = money.display(self.decimal_amount, self.payment.currency)
        return f"{amount}, {self.get_status_display().lower()}"

    @property
    def decimal_amount(self) -> Decimal:
        return money.from_minor_units(self.amount, self.payment.currency)

    @property
    def failure(self) -> str:
        """Why it failed, as people read it. Of any other reason this is the code that Stripe gave."""
        return str(FAILURES.get(self.failure_reason, self.failure_reason))

    def start_over(self, amount: int) -> None:
        """Return so much, under another key. Under the old one Stripe would repeat its answer for a day."""
        self.amount, self.idempotency_key, self.sent_at = amount, new_refund_key(), None
        self.save(update_fields=["amount", "idempotency_key", "sent_at"])

    @property
    def has_failed(self) -> bool:
        return self.status in self.FAILED

    @property
    def waits_for_the_bank(self) -> bool:
        """Whether it is sent only if the dispute of its payment is won. Otherwise the bank has returned the money."""
        return self.status == self.Status.OWED and self.payment.is_disputed
