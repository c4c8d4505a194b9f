"""What we know of Stripe: one row for each Checkout Session, one for each event that Stripe sent."""

import secrets
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from booking import money
from booking.models import Appointment


def new_idempotency_key() -> str:
    return f"checkout-{secrets.token_urlsafe(16)}"


class PaymentQuerySet(models.QuerySet["Payment"]):
    def open(self) -> Self:
        return self.filter(status=Payment.Status.OPEN)

    def needing_staff(self) -> Self:
        """Money that came and belongs to no appointment: the practice returns it."""
        return self.filter(status=Payment.Status.PAID).exclude(problem="")

    def awaited(self) -> Self:
        """Stripe has not said yet how these end."""
        return self.filter(status__in=Payment.AWAITED)


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

    AWAITED: ClassVar = (Status.OPEN, Status.PROCESSING)

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
    payment_intent_id = models.CharField(max_length=100, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(auto_now_add=True, help_text="When we last asked Stripe about it.")
    paid_at = models.DateTimeField(null=True, blank=True)

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

    def claim(self, now: datetime) -> bool:
        """Take this payment's turn to be asked about; False when another tick took it at the same moment."""
        asked_at, self.asked_at = self.asked_at, now
        return bool(Payment.objects.filter(pk=self.pk, asked_at=asked_at).update(asked_at=now))


class WebhookEvent(models.Model):
    """Stripe's event by its id, without its payload: that holds names and addresses, and is fetched again anyway."""

    event_id = models.CharField(max_length=100, unique=True)
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=100)
    livemode = models.BooleanField()
    api_version = models.CharField(max_length=50, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(processed_at=None), name="payments_event_unprocessed")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
