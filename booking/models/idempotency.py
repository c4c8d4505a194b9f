"""Requests of programs with an Idempotency-Key: claimed before they are executed, answered alike for a day."""

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, models
from django.utils import timezone

from booking.models.appointment.facts import new_reference

KEPT = timedelta(days=1)
# A request that takes longer has died with its process, and may be executed again.
EXECUTING_TAKES = timedelta(minutes=1)


class KeyReused(Exception):
    """The same key came with another request before."""


class UnderWay(Exception):
    """The first request with this key is being executed at this moment."""


class IdempotentRequestQuerySet(models.QuerySet["IdempotentRequest"]):
    def claim(self, key: str, fingerprint: str) -> "IdempotentRequest":
        """The request of this key: answered before, or claimed for the caller, who now executes it.

        Raises KeyReused or UnderWay.
        """
        now = timezone.now()
        facts = {"fingerprint": fingerprint, "created_at": now, "claimed_until": now + EXECUTING_TAKES}
        try:
            row, fresh = self.get_or_create(key_hash=hashed(key), defaults=facts)
        except IntegrityError:
            # Another process deleted the row between our INSERT, which found it, and our SELECT.
            raise UnderWay from None
        if row.fingerprint != fingerprint:
            raise KeyReused
        if not (fresh or row.is_answered or row.take_over(now)):
            raise UnderWay
        return row

    def reference_for(self, key: str) -> str:
        """The reference that the appointment of this request gets, however often the request has to be executed."""
        return self.get(key_hash=hashed(key)).reference

    def forget_old(self, now: datetime) -> int:
        """Delete what is older than a day: an answer holds an email address and a reference."""
        return self.filter(created_at__lte=now - KEPT).delete()[0]


def hashed(key: str) -> str:
    """Only a hash of the key is kept: whoever has the key can have the answer again."""
    return hashlib.sha256(key.encode()).hexdigest()


class IdempotentRequest(models.Model):
    key_hash = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField(max_length=64, help_text="A hash of method, path and body.")
    reference = models.CharField(max_length=32, default=new_reference)
    created_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, help_text="Of the answer, once there is one.")
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")

    objects = IdempotentRequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Request {self.pk}"

    @property
    def is_answered(self) -> bool:
        return self.status is not None

    def take_over(self, now: datetime) -> bool:
        """Claim it after the process that had it gave up or died. False while that may still be executing it."""
        unclaimed = IdempotentRequest.objects.filter(pk=self.pk, status=None, claimed_until__lte=now)
        self.claimed_until = now + EXECUTING_TAKES
        return bool(unclaimed.update(claimed_until=self.claimed_until))

    def own_claim(self) -> IdempotentRequestQuerySet:
        """The row, for as long as nobody has taken the claim over: then their answer counts."""
        return IdempotentRequest.objects.filter(pk=self.pk, status=None, claimed_until=self.claimed_until)

    def keep_answer(self, status: int, headers: dict[str, str], body: str) -> None:
        self.own_claim().update(status=status, headers=headers, body=body)

    def forget(self) -> None:
        """Nothing was executed: the key may come again, with any request."""
        self.own_claim().delete()

    def give_up(self) -> None:
        """It is not known how far it came: the same request may be executed again at once, and finds what it made."""
        self.own_claim().update(claimed_until=timezone.now())
