"""Requests of programs with an Idempotency-Key: each is claimed before it is executed, and its answer kept a day."""

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, models
from django.utils import timezone

from booking.models.appointment.facts import new_reference

KEPT = timedelta(days=1)
# A request that has taken longer than this has died with its process, and may be executed again.
EXECUTING_TAKES = timedelta(minutes=1)


class KeyReused(Exception):
    """The same key came with another request before."""


class UnderWay(Exception):
    """The first request with this key is being executed at this moment."""


class IdempotentRequestQuerySet(models.QuerySet["IdempotentRequest"]):
    def claim(self, key: str, fingerprint: str) -> "IdempotentRequest":
        """The row of this key. If it is not answered yet, it is now claimed for the caller, who has to execute it.

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
        """Claim the row after the process that had claimed it gave up or died.

        Returns False if that process may still be executing the request.
        """
        unclaimed = IdempotentRequest.objects.filter(pk=self.pk, status=None, claimed_until__lte=now)
        self.claimed_until = now + EXECUTING_TAKES
        return bool(unclaimed.update(claimed_until=self.claimed_until))

    def own_claim(self) -> IdempotentRequestQuerySet:
        """The row, unless another process has taken the claim over: then only the answer of that one is kept."""
        return IdempotentRequest.objects.filter(pk=self.pk, status=None, claimed_until=self.claimed_until)

    def keep_answer(self, status: int, headers: dict[str, str], body: str) -> None:
        self.own_claim().update(status=status, headers=headers, body=body)

    def forget(self) -> None:
        """Delete the row because nothing was executed, so that the key may come again with any request."""
        self.own_claim().delete()

    def give_up(self) -> None:
        """End the claim because nobody knows how far the request came.

        The same request may then be executed again at once. If it had booked an appointment, it finds that one.
        """
        self.own_claim().update(claimed_until=timezone.now())
