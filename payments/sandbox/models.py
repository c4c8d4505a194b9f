"""What the sandbox remembers: in the database, so that all processes of a site give the same answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

Body = dict[str, Any]


class StripeObjects(models.Manager["StripeObject"]):
    def keep(self, body: Body, **internal: Any) -> StripeObject:
        return self.create(id=body["id"], type=body["object"], created=body["created"], body=body, internal=internal)


class StripeObject(models.Model):
    """Any object of Stripe's that has an id. `body` is the object as it goes over the wire, with nothing expanded."""

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=40)
    created = models.PositiveBigIntegerField(help_text="Seconds since the epoch, like everything on the wire.")
    body = models.JSONField()
    internal = models.JSONField(default=dict, help_text="What Stripe knows about the object but does not show in it.")

    objects: ClassVar[StripeObjects] = StripeObjects()

    class Meta:
        indexes = [models.Index(fields=["type", "-created"], name="sandbox_object_by_type")]

    def __str__(self) -> str:
        return self.id

    def change(self, **values: Any) -> None:
        self.body.update(values)
        self.save(update_fields=["body"])


class IdempotentRequest(models.Model):
    """An Idempotency-Key that some request has claimed, and the answer once there is one."""

    key = models.CharField(max_length=255, unique=True)
    fingerprint = models.CharField(max_length=64)
    request_id = models.CharField(max_length=40)
    claimed_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.key


class WebhookDelivery(models.Model):
    """The delivery of one event to the site. It is still to be made as long as `next_attempt_at` is set."""

    event = models.OneToOneField(StripeObject, on_delete=models.CASCADE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, null=True, db_index=True)
    delivered_at = models.DateTimeField(null=True)
    last_answer = models.CharField(max_length=60, blank=True, help_text="An HTTP status, or the name of the failure.")

    class Meta:
        verbose_name_plural = "webhook deliveries"

    def __str__(self) -> str:
        return f"{self.event_id} to the site"


class Fault(models.Model):
    """A fault that was injected on purpose. One row each, so that the faults of all processes can be counted."""

    kind = models.CharField(max_length=40, help_text="As STRIPE_SANDBOX_FAULTS calls it.")
    detail = models.CharField(max_length=120, help_text="The event's type, or what became of which API operation.")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"
