"""The events that Stripe has sent to our webhook."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class WebhookEvent(models.Model):
    """An event that Stripe sent. Its payload is not kept: it holds personal data, and we ask Stripe ourselves."""

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
            models.Index(fields=["received_at"], condition=Q(processed_at=None), name="payments_event_unprocessed"),
            models.Index(fields=["received_at"], name="payments_event_received"),
            models.Index(
                fields=["type", "received_at"],
                condition=~Q(type="checkout.session.completed"),
                name="payments_event_type",
            ),
            models.Index(fields=["object_id"], name="payments_event_object"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
